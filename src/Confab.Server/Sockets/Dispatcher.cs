using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Hosting;
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

    // Every frame comes in by the door: for what, and to which room.
    private Refusal Do(Connection connection, in ClientFrame frame)
    {
        var operation = RequiredOperation.Of(frame.Type) ?? VerbTable.Of(frame.Type).Operation;
        if (operation == Operation.Connect)
            return Door.Enter(connection.Actor, operation) is { IsRefused: true } notHere ? notHere : Answer(connection, frame);
        if (loop.Services.Door.Enter(connection.Actor, operation, frame.Room, out var room) is { IsRefused: true } refusal)
            return refusal;
        var member = connection.Find(room);
        return frame.Type switch
        {
            ClientFrameType.Join => Join(connection, room, member, frame),
            ClientFrameType.Leave => Leave(connection, member, frame),
            ClientFrameType.Typing => Type(connection, room, member, frame),
            _ => Submit(connection, room, member, frame),
        };
    }

    private Refusal Answer(Connection connection, in ClientFrame frame)
    {
        if (frame.Type != ClientFrameType.Ping)
            return new(RefusalCode.Unauthenticated, "Unknown token.");
        loop.Frames.Pong(connection.Reply(), frame.Id);
        return default;
    }

    private Refusal Join(Connection connection, Room room, Membership? member, in ClientFrame frame)
    {
        if (frame.History > _limits.History)
            return new(RefusalCode.BadRequest, $"`history` can be at most {_limits.History}.");
        if (member is null && connection.Memberships.Count >= _limits.RoomsPerConnection)
            return new(RefusalCode.BadRequest, $"A connection can join at most {_limits.RoomsPerConnection} rooms.");
        var actor = connection.Actor;
        if (frame.HasUsername && Actor.Guest(frame.Username, _limits, out actor) is { IsRefused: true } badName)
            return badName;
        // Each is read from the database and told to the whole room, so it is the dearest thing to ask for.
        if (connection.Allowance.Take(Rate.Joins) is { IsRefused: true } tooMany)
            return tooMany;

        connection.IsJoining = true;
        loop.Services.Readers.Enqueue(new JoinRead(loop, connection, room, actor, frame));
        return default;
    }

    private Refusal Leave(Connection connection, Membership? member, in ClientFrame frame)
    {
        if (member is null)
            return NotJoined();
        connection.Leave(member);
        loop.Frames.Left(connection.Reply(), frame.Id, member.Audience.Room.Name);
        return default;
    }

    private Refusal Type(Connection connection, Room room, Membership? member, in ClientFrame frame)
    {
        if (member is null)
            return NotJoined();
        if (ActorOf(connection, member, frame, out var actor) is { IsRefused: true } refusal)
            return refusal;
        if (connection.Allowance.TakesTyping())
            room.ShowTyping(actor.Name, connection, loop.Frames);
        return default;
    }

    private Refusal Submit(Connection connection, Room room, Membership? member, in ClientFrame frame)
    {
        if (ActorOf(connection, member, frame, out var actor) is { IsRefused: true } unnamed)
            return unnamed;
        var verb = VerbTable.Of(frame.Type);
        if (loop.Services.Door.Ask(actor, verb, room, verb.Read(frame), frame.Id, connection, connection.Allowance, loop.UsedChanges, out var change) is { IsRefused: true } refusal)
            return refusal;
        loop.Submit(change);
        connection.ChangesUnderWay++;
        return default;
    }

    // Access is open: a name is what somebody says it is. The frame's acts, else the one given on joining. Most frames of a client give the
    // same one, so its stored form is made once.
    private Refusal ActorOf(Connection connection, Membership? member, in ClientFrame frame, out Actor actor)
    {
        actor = member?.Actor ?? connection.Actor;
        if (!frame.HasUsername)
            return actor.HasName ? default : new(RefusalCode.BadRequest, "`username` is missing, in this frame and in the join.");
        if (connection.LastNameGiven.Length > 0 && frame.Username.SequenceEqual(connection.LastNameGiven))
        {
            actor = connection.LastActor;
            return default;
        }

        if (actor.HasName && frame.Username.SequenceEqual(actor.Name))
            return default;
        if (Actor.Guest(frame.Username, _limits, out actor) is { IsRefused: true } badName)
            return badName;
        connection.LastActor = actor;
        connection.LastNameGiven = frame.Username.SequenceEqual(actor.Name) ? actor.Name : frame.Username.ToArray();
        return default;
    }

    private static Refusal NotJoined() => new(RefusalCode.BadRequest, "Join the room first.");
}
