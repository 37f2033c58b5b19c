using System.Buffers;
using Confab.Protocol;
using Confab.Server.Messages;
using Confab.Server.Storage;

namespace Confab.Server.Rooms;

/// <summary>Somebody who follows a room: is rung when its log has grown, and given what is not in the log.</summary>
internal abstract class RoomListener
{
    /// <summary>The room's log is on disk up to this number.</summary>
    public abstract void Rung(long head);

    /// <summary>Presence or typing: shown now or never.</summary>
    /// <param name="frame">The encoded frame.</param>
    /// <param name="version">Which presence it tells: whoever knows a later one passes it over. 0 is typing, which is dropped under load without a trace; presence is made good by a list later.</param>
    /// <param name="except">Whom it is about, who does not get it.</param>
    public abstract void Show(byte[] frame, long version, object except);

    /// <summary>A read marker: shown now or never, and dropped first.</summary>
    /// <param name="frame">The encoded frame.</param>
    /// <param name="name">Whose it is; nobody else gets it.</param>
    /// <param name="except">Who moved it.</param>
    public abstract void ShowRead(byte[] frame, byte[] name, object except);
}

/// <summary>A room: the tail of its log, who listens and who is present. It knows no socket.</summary>
internal sealed class Room : StoredRoom
{
    /// <summary>Up to so many people presence tells names; above, a count once a second.</summary>
    public const int MaxNamed = 50;

    public static readonly Refusal NotFound = new(RefusalCode.NotFound, "The room does not exist.");

    private readonly Lock _gate = new();
    private readonly Presence _presence = new();
    private readonly Tail _tail;
    private RoomListener[] _listeners = [];
    private long _head;
    private long _version;
    private bool _countChanged;

    public Room(RoomRow row, int tailBytes, TailBudget budget)
        : base(row.Id, row.Name)
    {
        _tail = new Tail(tailBytes, budget);
        _head = row.Head;
    }

    /// <summary>The last number on disk.</summary>
    public long Head => Volatile.Read(ref _head);

    public int Present
    {
        get
        {
            lock (_gate)
                return _presence.Count;
        }
    }

    public override void Append(long seq, ReadOnlySpan<byte> frame)
    {
        if (_listeners.Length > 0)
            _tail.Append(seq, frame);
    }

    public override void Ring(long head)
    {
        Volatile.Write(ref _head, head);
        // Whoever starts to listen now either is rung here, or sees this head: one of the two must be seen.
        Interlocked.MemoryBarrier();
        foreach (var listener in _listeners)
            listener.Rung(head);
    }

    public bool TryCopy(long after, long upTo, int maxLength, ArrayBufferWriter<byte> to, out long copiedTo) =>
        _tail.TryCopy(after, upTo, maxLength, to, out copiedTo);

    public void Listen(RoomListener listener)
    {
        lock (_gate)
            _listeners = [.. _listeners, listener];
    }

    public void Unlisten(RoomListener listener)
    {
        lock (_gate)
        {
            _listeners = [.. _listeners.Where(l => l != listener)];
            if (_listeners.Length == 0)
                _tail.Clear();
        }
    }

    /// <summary>A connection is present from now on; the others hear of it.</summary>
    public void Enter(byte[]? name, object connection, FrameWriter writer)
    {
        lock (_gate)
        {
            if (_presence.Enter(name))
                Announce("user_joined"u8, name, connection, writer);
        }
    }

    public void Leave(byte[]? name, object connection, FrameWriter writer)
    {
        lock (_gate)
        {
            if (_presence.Leave(name))
                Announce("user_left"u8, name, connection, writer);
        }
    }

    /// <summary>A named connection follows from now on without being present: it hears of its name's read marker.</summary>
    public void Watch(byte[] name)
    {
        lock (_gate)
            _presence.Watch(name);
    }

    public void Unwatch(byte[] name)
    {
        lock (_gate)
            _presence.Unwatch(name);
    }

    /// <summary>The people present, their names while they are few, and how often that has changed: what was told before is on its way to somebody still.</summary>
    public (int Count, byte[][]? Names, long Version) WhoIsHere()
    {
        lock (_gate)
            return (_presence.Count, _presence.Count <= MaxNamed ? _presence.Names() : null, _version);
    }

    public void ShowTyping(byte[] name, object connection, FrameWriter writer)
    {
        var frame = new ArrayBufferWriter<byte>(128);
        writer.Typing(frame, Name, name);
        Show(frame.WrittenSpan.ToArray(), version: 0, connection);
    }

    /// <summary>Tells the other connections of a name how far it has read. Most people have one, and then nobody is looked for.</summary>
    public void ShowRead(byte[] name, long seq, object connection, bool isOfThatName, FrameWriter writer)
    {
        lock (_gate)
        {
            if (_presence.ConnectionsOf(name) <= (isOfThatName ? 1 : 0))
                return;
        }

        var buffer = new ArrayBufferWriter<byte>(128);
        writer.Read(buffer, Name, name, seq);
        var frame = buffer.WrittenSpan.ToArray();
        foreach (var listener in _listeners)
            listener.ShowRead(frame, name, connection);
    }

    /// <summary>Tells the count of a large room, if it changed since it was last told. Called once a second.</summary>
    public void ShowCount(FrameWriter writer)
    {
        lock (_gate)
        {
            if (!_countChanged)
                return;
            _countChanged = false;
            Show(ListFrame(writer, out var version), version, this);
        }
    }

    /// <summary>The whole of the presence, for somebody who missed a part of it.</summary>
    public byte[] ListFrame(FrameWriter writer, out long version)
    {
        (var count, var names, version) = WhoIsHere();
        var frame = new ArrayBufferWriter<byte>(128);
        writer.Presence(frame, "user_list"u8, Name, default, count, names);
        return frame.WrittenSpan.ToArray();
    }

    private void Announce(ReadOnlySpan<byte> type, byte[]? name, object connection, FrameWriter writer)
    {
        _version++;
        if (_presence.Count > MaxNamed)
        {
            _countChanged = true;
            return;
        }

        _countChanged = false; // this tells it
        var frame = new ArrayBufferWriter<byte>(128);
        writer.Presence(frame, name is null ? "user_list"u8 : type, Name, name, _presence.Count, _presence.Names());
        Show(frame.WrittenSpan.ToArray(), _version, connection);
    }

    private void Show(byte[] frame, long version, object except)
    {
        foreach (var listener in _listeners)
            listener.Show(frame, version, except);
    }
}
