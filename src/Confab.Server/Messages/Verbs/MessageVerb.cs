using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>Something is said, perhaps with files, perhaps as an answer.</summary>
internal sealed class MessageVerb : RoomVerb
{
    public override ChangeKind Kind => ChangeKind.Message;

    public override Operation Operation => Operation.PostMessage;

    public override ClientFrameType? Frame => ClientFrameType.Message;

    public override bool HasWords => true;

    public override Draft Read(in ClientFrame frame) => new(Math.Max(frame.ReplyTo, 0), frame.Content, frame.Attachments);

    public override Refusal Check(in Draft draft, Limits limits) => Words.Check(draft.Text, limits, mayBeBlank: !draft.Files.IsEmpty);

    protected override Refusal Apply(RoomChange change, IBatch batch, Events events, Limits limits)
    {
        if (change.Target > 0 && !batch.HasMessage(change.Room!, change.Target))
            return NoMessage();
        if (!batch.AreFree(change.Room!, change.Files))
            return new(RefusalCode.NotFound, "The file does not exist, or is already attached to a message.");
        // One may mean oneself, with the first word already.
        batch.Meet(change.Sender);
        var mentions = Mentions.Of(change.Calls, batch);
        batch.AddMessage(change, mentions);
        events.Added(change, mentions, batch);
        return default;
    }
}
