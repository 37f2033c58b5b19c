using System.Text;
using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>The room gets another topic.</summary>
internal sealed class TopicVerb : RoomVerb
{
    public override ChangeKind Kind => ChangeKind.Topic;

    public override Operation Operation => Operation.SetTopic;

    public override Refusal Check(in Draft draft, Limits limits) => Check(Encoding.UTF8.GetString(draft.Text), limits);

    /// <summary>Whether it can be a room's topic.</summary>
    public static Refusal Check(string topic, Limits limits) =>
        topic.Length > limits.TopicChars ? new(RefusalCode.TooLong, $"`topic` can have at most {limits.TopicChars} characters.")
        : Names.IsSafe(topic) ? default
        : new(RefusalCode.BadRequest, "`topic` must not contain control characters.");

    protected override Refusal Apply(RoomChange change, IBatch batch, Events events, Limits limits)
    {
        batch.Record(change, isOfRoom: true);
        batch.SetTopic(change.Room!, change.Content);
        events.Room(change, batch);
        return default;
    }
}
