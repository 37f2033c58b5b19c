using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A message is pinned in its room. Nobody owns a pin.</summary>
internal sealed class PinVerb : RoomVerb
{
    public override ChangeKind Kind => ChangeKind.Pin;

    public override Operation Operation => Operation.PinMessage;

    public override ClientFrameType? Frame => ClientFrameType.Pin;

    public override Draft Read(in ClientFrame frame) => new(frame.Message);

    protected override Refusal Apply(RoomChange change, IBatch batch, Events events, Limits limits)
    {
        var room = change.Room!;
        if (!batch.HasMessage(room, change.Target))
            return NoMessage();
        if (batch.FindPin(room, change.Target) is > 0 and var pinned)
            return Stands(change, pinned);
        if (batch.CountPins(room) >= limits.PinsPerRoom)
            return new(RefusalCode.BadRequest, "The room has reached its limit of pinned messages.");
        batch.AddPin(room, change.Target, batch.Record(change));
        events.Room(change, batch);
        return default;
    }
}
