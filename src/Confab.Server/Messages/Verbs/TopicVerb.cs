using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>The room gets another topic.</summary>
internal sealed class TopicVerb : RoomVerb
{
    public override ChangeKind Kind => ChangeKind.Topic;

    protected override Refusal Apply(RoomChange change, IBatch batch, Events events, Limits limits)
    {
        batch.Record(change, isOfRoom: true);
        batch.SetTopic(change.Room!, change.Content);
        events.Room(change, batch);
        return default;
    }
}
