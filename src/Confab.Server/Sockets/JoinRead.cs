using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Sockets;

/// <summary>Reads what a join is answered with at one moment of the log, and then makes the connection a member from that number on.</summary>
internal sealed class JoinRead(EventLoop loop, Connection connection, Room room, Actor actor, in ClientFrame frame) : Read
{
    private readonly byte[] _id = frame.Id.ToArray();
    private readonly long _after = frame.After;
    private readonly byte[]? _epoch = frame.HasEpoch ? frame.Epoch.ToArray() : null;
    private readonly int _history = frame.History;
    private readonly bool _isPresent = !frame.Monitor;
    private byte[] _messages = [];
    private long[] _pins = [];
    private bool _isArchived;
    private long _head;
    private long _marker = -1;

    public override void Run(ILogReader reader)
    {
        (_head, _) = reader.Head(room);
        if (actor.HasName)
            _marker = reader.ReadMarker(room, actor.Name);
        _pins = reader.PinsOf(room);
        _isArchived = reader.Room(room.Id).IsArchived;
        if (_history > 0)
            _messages = History.Newest(reader, room, _history);
        loop.Post(new Ready(this));
    }

    public override void Fail(Exception exception) => loop.Post(new Ready(null) { Failed = connection, Id = _id });

    private void Finish()
    {
        if (connection.IsClosing)
            return;
        try
        {
            Answer();
        }
        catch (Exception e)
        {
            // One that waits for its join would wait for ever.
            loop.Failed(connection, e);
        }
    }

    private void Answer()
    {
        connection.IsJoining = false;
        var services = loop.Services;
        var epoch = services.Store.Epoch;
        var reset = _after > _head || (_epoch is not null && !_epoch.AsSpan().SequenceEqual(services.EpochUtf8));
        var cursor = _after < 0 || reset ? _head : _after;

        // Joining again moves the cursor; the others hear of it only if the person changed.
        var member = connection.Find(room);
        if (member is not null && (member.IsPresent != _isPresent || !member.Actor.Name.AsSpan().SequenceEqual(actor.Name)))
        {
            connection.Leave(member);
            member = null;
        }

        if (member is null)
            connection.Join(member = new Membership(connection, loop.AudienceOf(room)) { Actor = actor, IsPresent = _isPresent });
        if (actor.HasName)
            services.Log.Meet(actor.Name);
        member.Cursor = member.Base = cursor;
        member.IsCatchingUp = cursor < _head;
        member.Page = null;

        if (reset)
            loop.Frames.Reset(connection.Reply(), room.Name, _head, epoch, _after > _head ? "`after` is greater than the room's last number." : "The server has a different history now.");
        (var count, var names, member.PresenceVersion) = room.WhoIsHere();
        loop.Frames.Joined(connection.Reply(), _id, room.Name, new JoinSnapshot
        {
            Seq = _head,
            Epoch = epoch,
            Count = count,
            Users = names,
            Messages = _messages,
            Read = _marker,
            Pins = _pins,
            IsArchived = _isArchived,
        });

        // What was stored since is heard like any other bell, after the answers that stand before it.
        loop.Rung(member.Audience, room.Head);
        if (member.IsBehind)
            loop.MarkDirty(connection);
        connection.Resume();
    }

    private sealed class Ready(JoinRead? read) : LoopWork
    {
        public Connection? Failed { get; init; }

        public byte[] Id { get; init; } = [];

        public override void Run(EventLoop loop)
        {
            if (read is not null)
            {
                read.Finish();
            }
            else if (!Failed!.IsClosing)
            {
                Failed.IsJoining = false;
                Failed.Refuse(Id, new Refusal(RefusalCode.StorageUnavailable, "The room cannot be read at the moment.", RetryAfterMs: 2000));
                Failed.Resume();
            }
        }
    }
}
