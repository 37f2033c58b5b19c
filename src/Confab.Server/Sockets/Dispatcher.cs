using Confab.Protocol;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Messages.Verbs;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Sockets;

/// <summary>What each frame of a client means. There is one for a loop.</summary>
internal sealed class Dispatcher(EventLoop loop)
{
    private const int MaxMalformed = 3;

    private readonly byte[] _scratch = new byte[loop.Services.Options.Limits.FrameBytes];
    private readonly Limits _limits = loop.Services.Options.Limits;

    public void Handle(Connection connection, ReadOnlySpan<byte> payload)
    {
        var refusal = ClientFrame.Parse(payload, _scratch, _limits, out var frame);
        if (!refusal.IsRefused)
            refusal = Do(connection, frame);
        if (!refusal.IsRefused)
        {
            connection.Malformed = 0;
            return;
        }

        connection.Refuse(frame.Id, refusal);
        if (refusal.Code is not (RefusalCode.BadJson or RefusalCode.BadRequest or RefusalCode.UnknownType))
            connection.Malformed = 0;
        else if (++connection.Malformed == MaxMalformed)
            connection.Close(CloseCode.PolicyViolation, "three malformed frames in a row");
    }

    /// <summary>The log's answer to a change that was asked for here.</summary>
    public void Answer(Connection connection, Change change)
    {
        connection.ChangesUnderWay--;
        // It counts for the others of the name, even if the one that has read is gone.
        if (change is ReadMarker { Refusal.IsRefused: false, Repeated: false } marker)
            ShowRead(connection, (Room)change.Room!, marker);
        if (connection.IsClosing)
            return;
        if (change.Refusal.IsRefused)
            connection.Refuse(change.ClientId, change.Refusal);
        else if (!change.ClientId.IsEmpty)
            loop.Frames.Ack(connection.Reply(), change.ClientId, change.Room!.Name, change.Seq);
        connection.Answered();
    }

    private void ShowRead(Connection connection, Room room, ReadMarker marker)
    {
        var isOfThatName = connection.Find(room) is { } member && member.Username.AsSpan().SequenceEqual(marker.Sender);
        room.ShowRead(marker.Sender, marker.Seq, connection, isOfThatName, loop.Frames);
    }

    private Refusal Do(Connection connection, in ClientFrame frame)
    {
        switch (frame.Type)
        {
            case ClientFrameType.Ping:
                loop.Frames.Pong(connection.Reply(), frame.Id);
                return default;
            case ClientFrameType.Authenticate:
                return new(RefusalCode.Unauthenticated, "The token is not known here.");
        }

        var room = loop.Services.Rooms.Find(frame.Room);
        if (room is null)
            return Room.NotFound;

        var member = connection.Find(room);
        switch (frame.Type)
        {
            case ClientFrameType.Join:
                return Join(connection, room, member, frame);
            case ClientFrameType.Leave:
                return Leave(connection, room, member, frame);
            case ClientFrameType.Typing:
                return Type(connection, room, member, frame);
            default:
                return Ask(connection, room, member, frame);
        }
    }

    private Refusal Join(Connection connection, Room room, Membership? member, in ClientFrame frame)
    {
        if (frame.History > _limits.History)
            return new(RefusalCode.BadRequest, $"`history` is at most {_limits.History}.");
        if (member is null && connection.Memberships.Count >= _limits.RoomsPerConnection)
            return new(RefusalCode.BadRequest, $"A connection joins at most {_limits.RoomsPerConnection} rooms.");
        byte[]? username = null;
        if (frame.HasUsername && !Names.TryNormalize(frame.Username, _limits.UsernameChars, out username))
            return BadName();
        // Each is read from the database and told to the whole room, so it is the dearest thing to ask for.
        if (_limits.JoinsPerSecond > 0 && !connection.Joins.TryTake(loop.Services.Time, loop.Now, _limits.JoinsPerSecond, _limits.JoinBurst, out var retryAfterMs))
            return new(RefusalCode.RateLimited, "Too many joins in a short time.", retryAfterMs);
        if (connection.Rate.Take(Rate.Joins) is { IsRefused: true } tooMany)
            return tooMany;

        connection.IsJoining = true;
        loop.Services.Readers.Enqueue(new JoinRead(loop, connection, room, username, frame));
        return default;
    }

    private Refusal Leave(Connection connection, Room room, Membership? member, in ClientFrame frame)
    {
        if (member is null)
            return NotJoined();
        connection.Leave(member);
        loop.Frames.Left(connection.Reply(), frame.Id, room.Name);
        return default;
    }

    private Refusal Type(Connection connection, Room room, Membership? member, in ClientFrame frame)
    {
        if (member is null)
            return NotJoined();
        if (Sender(connection, member, frame, out var sender) is { IsRefused: true } refusal)
            return refusal;
        if (_limits.TypingPerSecond == 0 || connection.Typing.TryTake(loop.Services.Time, loop.Now, _limits.TypingPerSecond, _limits.TypingPerSecond, out _))
            room.ShowTyping(sender, connection, loop.Frames);
        return default;
    }

    // Everything that is stored goes the same way: who, what, then the log.
    private Refusal Ask(Connection connection, Room room, Membership? member, in ClientFrame frame)
    {
        if (Sender(connection, member, frame, out var sender) is { IsRefused: true } unnamed)
            return unnamed;
        var verb = VerbTable.Of(frame.Type);
        var draft = verb.Read(frame);
        if (verb.Check(draft, _limits) is { IsRefused: true } refusal)
            return refusal;
        if (_limits.MessagesPerSecond > 0 && !connection.Changes.TryTake(loop.Services.Time, loop.Now, _limits.MessagesPerSecond, _limits.MessageBurst, out var retryAfterMs))
            return new(RefusalCode.RateLimited, "Too many changes in a short time.", retryAfterMs);
        if (connection.Rate.Take(Rate.Messages) is { IsRefused: true } tooMany)
            return tooMany;

        loop.Submit(verb.Make(draft, room, sender, frame.Id, connection, loop.UsedChanges));
        connection.ChangesUnderWay++;
        return default;
    }

    // Access is open: a name is what somebody says it is. The frame's acts, else the one given on joining. Most frames of a client give the
    // same one, so its stored form is made once.
    private Refusal Sender(Connection connection, Membership? member, in ClientFrame frame, out byte[] sender)
    {
        if (!frame.HasUsername)
        {
            sender = member?.Username ?? [];
            return sender.Length > 0 ? default : new(RefusalCode.BadRequest, "`username` is missing, here and on joining.");
        }

        sender = connection.LastName;
        if (connection.LastNameGiven.Length > 0 && frame.Username.SequenceEqual(connection.LastNameGiven))
            return default;
        if (member?.Username is { } joined && frame.Username.SequenceEqual(joined))
        {
            sender = joined;
            return default;
        }

        if (!Names.TryNormalize(frame.Username, _limits.UsernameChars, out sender))
            return BadName();
        connection.LastName = sender;
        connection.LastNameGiven = frame.Username.SequenceEqual(sender) ? sender : frame.Username.ToArray();
        return default;
    }

    private static Refusal NotJoined() => new(RefusalCode.BadRequest, "Join the room first.");

    private Refusal BadName() => new(RefusalCode.BadRequest, $"`username` is 1 to {_limits.UsernameChars} characters, without control characters.");
}
