using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>There is a new room.</summary>
internal sealed class CreateRoomVerb : Verb
{
    public override ChangeKind Kind => ChangeKind.CreateRoom;

    public override bool IsNumbered => false;

    public override Refusal Apply(Change change, Batch batch, Events events, Limits limits)
    {
        change.Seq = batch.AddRoom(change.Sender, change.Content);
        return change.Seq > 0 ? default : new(RefusalCode.Conflict, "There is a room of that name.");
    }
}
