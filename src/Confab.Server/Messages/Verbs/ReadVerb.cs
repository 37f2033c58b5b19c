using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A read marker moves forward: durable, but not a change in the room.</summary>
internal sealed class ReadVerb : Verb
{
    public override ChangeKind Kind => ChangeKind.Read;

    public override ClientFrameType? Frame => ClientFrameType.Read;

    public override bool IsNumbered => false;

    public override Draft Read(in ClientFrame frame) => new(frame.Seq);

    public override Refusal Apply(Change change, Batch batch, Events events, Limits limits)
    {
        batch.Open(change.Room!);
        batch.Meet(change.Sender);
        if (change.Target > change.Room!.NumberedTo)
            return new(RefusalCode.BadRequest, "`seq` is beyond the room's last number.");
        (change.Seq, change.Repeated) = batch.SetRead(change);
        return default;
    }
}
