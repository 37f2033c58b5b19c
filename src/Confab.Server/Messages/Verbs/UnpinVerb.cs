using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A message is taken down.</summary>
internal sealed class UnpinVerb : RoomVerb
{
    public override ChangeKind Kind => ChangeKind.Unpin;

    public override Operation Operation => Operation.PinMessage;

    public override ClientFrameType? Frame => ClientFrameType.Unpin;

    public override Draft Read(in ClientFrame frame) => new(frame.Message);

    protected override Refusal Apply(RoomChange change, IBatch batch, Events events, Limits limits)
    {
        if (batch.FindPin(change.Room!, change.Target) == 0)
            return new(RefusalCode.NotFound, "The message is not pinned.");
        batch.Record(change);
        batch.RemovePin(change.Room!, change.Target);
        events.Room(change, batch);
        return default;
    }
}
