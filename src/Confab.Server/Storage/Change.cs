using System.Buffers;
using Confab.Protocol;

namespace Confab.Server.Storage;

/// <summary>The kinds of change. The numbers of those that are numbered in a room stand in the database.</summary>
public enum ChangeKind : byte
{
    Message = 0,
    Edit = 1,
    Delete = 2,
    React = 3,
    Unreact = 4,
    Topic = 5,
    Pin = 6,
    Unpin = 7,
    Archive = 8,
    Unarchive = 9,

    /// <summary>A read marker: durable, but not a change in the room.</summary>
    Read = 100,
    CreateRoom = 101,

    /// <summary>Proves that a write goes through.</summary>
    Probe = 102,

    /// <summary>A file that was uploaded; not in the room's log before a message takes it.</summary>
    AddFile = 103,

    /// <summary>Forgets the files that no message took until a moment.</summary>
    ForgetFiles = 104,
}

/// <summary>What the log needs of a room: which one it is, and where its committed frames go.</summary>
public abstract class StoredRoom(long id, byte[] name)
{
    public static readonly Refusal Archived = new(RefusalCode.Forbidden, "The room is archived: it can be read only.");

    public long Id { get; } = id;

    /// <summary>The room's name, UTF-8.</summary>
    public byte[] Name { get; } = name;

    /// <summary>The last number given in the batch at hand, while the writer works on it.</summary>
    internal long NumberedTo { get; set; }

    /// <summary>Where <see cref="NumberedTo"/> began in this batch.</summary>
    internal long NumberedFrom { get; set; }

    /// <summary>Whether it is archived, as the batch at hand has it by now.</summary>
    internal bool IsArchived { get; set; }

    /// <summary>The batch that these belong to.</summary>
    internal long Batch { get; set; }

    /// <summary>A change is on disk: its frame continues the room's tail. Called in seq order, by the writer alone.</summary>
    public abstract void Append(long seq, ReadOnlySpan<byte> frame);

    /// <summary>All frames up to this number were appended, and their senders were answered.</summary>
    public abstract void Ring(long head);
}

/// <summary>Who asked for a change and waits for its outcome.</summary>
public interface IChangeOwner
{
    /// <summary>The outcome stands in the change. Called by the writer, which must not be kept waiting.</summary>
    void Done(Change change);
}

/// <summary>
/// A change to be stored, and afterwards its outcome. The texts are copied into a rented buffer, so that a change can outlive
/// the bytes it came in and be used again.
/// </summary>
public sealed class Change
{
    private byte[] _buffer = [];
    private int _contentLength;
    private int _clientIdLength;
    private int _filesLength;
    private int _htmlLength;
    private int _callBytes;

    public ChangeKind Kind { get; private set; }

    /// <summary>The room; null for <see cref="ChangeKind.CreateRoom"/> and <see cref="ChangeKind.Probe"/>.</summary>
    public StoredRoom? Room { get; private set; }

    /// <summary>Who changes it, UTF-8 in its stored form; the new room's name for <see cref="ChangeKind.CreateRoom"/>.</summary>
    public byte[] Sender { get; private set; } = [];

    /// <summary>Who waits for the outcome.</summary>
    public IChangeOwner? Owner { get; private set; }

    /// <summary>The message that is changed, or answered by a new one; the marker for <see cref="ChangeKind.Read"/>; the moment for <see cref="ChangeKind.ForgetFiles"/>.</summary>
    public long Target { get; private set; }

    /// <summary>Content, emoji or topic.</summary>
    public ReadOnlySpan<byte> Content => _buffer.AsSpan(0, _contentLength);

    /// <summary>The client's idempotency key; empty when it gave none.</summary>
    public ReadOnlySpan<byte> ClientId => _buffer.AsSpan(_contentLength, _clientIdLength);

    /// <summary>The content as HTML; empty when it is to be shown as it is.</summary>
    public ReadOnlySpan<byte> Html => _buffer.AsSpan(_contentLength + _clientIdLength, _htmlLength);

    /// <summary>The ids of the files that a message takes, one after the other.</summary>
    public ReadOnlySpan<byte> Files => _buffer.AsSpan(_contentLength + _clientIdLength + _htmlLength, _filesLength);

    /// <summary>Where the content may mean somebody, and by which names; null for nowhere.</summary>
    internal Called[][]? Calls { get; private set; }

    /// <summary>What <see cref="ChangeKind.AddFile"/> adds.</summary>
    internal StoredFile? File { get; init; }

    /// <summary>The bytes it occupies in a queue.</summary>
    public int Bytes => 128 + _contentLength + _clientIdLength + _htmlLength + _filesLength + _callBytes;

    /// <summary>The outcome: refused, or stored.</summary>
    public Refusal Refusal { get; internal set; }

    /// <summary>The outcome: the number it was stored under, now or when it was first asked; the marker, or the new room's id.</summary>
    public long Seq { get; internal set; }

    /// <summary>The outcome: nothing new was stored, since it stood there already.</summary>
    public bool Repeated { get; internal set; }

    internal int FrameStart { get; set; }

    internal int FrameLength { get; set; }

    /// <summary>States what is asked. The texts are copied.</summary>
    public Change Ask(
        ChangeKind kind, StoredRoom? room, byte[] sender, long target, ReadOnlySpan<byte> content, ReadOnlySpan<byte> clientId, IChangeOwner owner, ReadOnlySpan<byte> html = default, ReadOnlySpan<byte> files = default, Called[][]? calls = null)
    {
        Kind = kind;
        Room = room;
        Sender = sender;
        Target = target;
        Owner = owner;
        Refusal = default;
        Seq = 0;
        Repeated = false;
        Calls = calls;
        _callBytes = calls is null ? 0 : calls.Sum(call => call.Sum(name => 64 + 2 * (name.Text.Length + name.Folded.Length)));
        _contentLength = content.Length;
        _clientIdLength = clientId.Length;
        _htmlLength = html.Length;
        _filesLength = files.Length;
        var length = content.Length + clientId.Length + html.Length + files.Length;
        if (_buffer.Length < length)
        {
            GiveBack();
            _buffer = ArrayPool<byte>.Shared.Rent(length);
        }

        content.CopyTo(_buffer);
        clientId.CopyTo(_buffer.AsSpan(content.Length));
        html.CopyTo(_buffer.AsSpan(content.Length + clientId.Length));
        files.CopyTo(_buffer.AsSpan(content.Length + clientId.Length + html.Length));
        return this;
    }

    /// <summary>Forgets everything but a small buffer, for the next use.</summary>
    public void Clear()
    {
        Room = null;
        Owner = null;
        Calls = null;
        if (_buffer.Length > 1024)
            GiveBack();
    }

    private void GiveBack()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
