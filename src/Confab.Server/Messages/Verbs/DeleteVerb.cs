using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A message goes, with its reactions, files and pin. Its place stays.</summary>
internal sealed class DeleteVerb : RoomVerb
{
    public override ChangeKind Kind => ChangeKind.Delete;

    public override Operation Operation => Operation.DeleteMessage;

    public override ClientFrameType? Frame => ClientFrameType.Delete;

    public override Draft Read(in ClientFrame frame) => new(frame.Message);

    protected override Refusal Apply(RoomChange change, IBatch batch, Events events, Limits limits)
    {
        if (CheckOwn(change, batch) is { IsRefused: true } refusal)
            return refusal;
        batch.DeleteMessage(change.Room!, change.Target, batch.Record(change));
        events.Message("deleted"u8, change, batch);
        return default;
    }
}
