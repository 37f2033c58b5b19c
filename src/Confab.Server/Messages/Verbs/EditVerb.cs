using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A message gets other words.</summary>
internal sealed class EditVerb : RoomVerb
{
    public override ChangeKind Kind => ChangeKind.Edit;

    public override Operation Operation => Operation.EditMessage;

    public override ClientFrameType? Frame => ClientFrameType.Edit;

    public override bool HasWords => true;

    public override Draft Read(in ClientFrame frame) => new(frame.Message, frame.Content);

    public override Refusal Check(in Draft draft, Limits limits) => Words.Check(draft.Text, limits, mayBeBlank: false);

    protected override Refusal Apply(RoomChange change, IBatch batch, Events events, Limits limits)
    {
        if (CheckOwn(change, batch) is { IsRefused: true } refusal)
            return refusal;
        batch.EditMessage(change, batch.Record(change), Mentions.Of(change.Calls, batch));
        events.Message("edited"u8, change, batch);
        return default;
    }
}
