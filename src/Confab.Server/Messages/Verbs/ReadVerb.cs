using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>How far somebody has read in a room.</summary>
internal sealed class ReadMarker(StoredRoom room, byte[] sender, long upTo, byte[] clientId, IChangeOwner owner) : Change(room, owner)
{
    public override ChangeKind Kind => ChangeKind.Read;

    /// <summary>Who has read, UTF-8 in its stored form.</summary>
    public byte[] Sender { get; } = sender;

    /// <summary>The number up to which.</summary>
    public long UpTo { get; } = upTo;

    public override ReadOnlySpan<byte> ClientId => clientId;
}

/// <summary>A read marker moves forward: durable, but not a change in the room.</summary>
internal sealed class ReadVerb : Verb<ReadMarker>
{
    public override ChangeKind Kind => ChangeKind.Read;

    public override Operation Operation => Operation.MarkRead;

    public override ClientFrameType? Frame => ClientFrameType.Read;

    public override Draft Read(in ClientFrame frame) => new(frame.Seq);

    public override Change Make(in Draft draft, StoredRoom room, byte[] sender, ReadOnlySpan<byte> clientId, IChangeOwner owner, Stack<RoomChange> used) =>
        new ReadMarker(room, sender, draft.Target, clientId.ToArray(), owner);

    protected override Refusal Apply(ReadMarker change, IBatch batch, Events events, Limits limits)
    {
        var room = change.Room!;
        batch.Open(room);
        batch.Meet(change.Sender);
        if (change.UpTo > room.NumberedTo)
            return new(RefusalCode.BadRequest, "`seq` is greater than the room's last number.");
        (change.Seq, change.Repeated) = batch.SetRead(room, change.Sender, change.UpTo);
        return default;
    }
}
