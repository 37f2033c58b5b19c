using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A room that is to be.</summary>
/// <param name="name">Its name in its stored form, UTF-8.</param>
/// <param name="topic">Its topic, UTF-8.</param>
/// <param name="owner">Who waits for it.</param>
internal sealed class RoomCreation(byte[] name, byte[] topic, IChangeOwner owner) : Change(null, owner)
{
    public override ChangeKind Kind => ChangeKind.CreateRoom;

    public byte[] Name { get; } = name;

    public byte[] Topic { get; } = topic;
}

/// <summary>There is a new room.</summary>
internal sealed class CreateRoomVerb : Verb<RoomCreation>
{
    public override ChangeKind Kind => ChangeKind.CreateRoom;

    public override Operation Operation => Operation.CreateRoom;

    protected override Refusal Apply(RoomCreation change, IBatch batch, Events events, Limits limits)
    {
        change.Seq = batch.AddRoom(change.Name, change.Topic);
        return change.Seq > 0 ? default : new(RefusalCode.Conflict, "A room of that name already exists.");
    }
}
