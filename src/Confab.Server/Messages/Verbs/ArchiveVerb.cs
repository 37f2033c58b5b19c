using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>The room can be read only from now on, or be written to again.</summary>
internal sealed class ArchiveVerb(bool isArchived) : RoomVerb
{
    public override ChangeKind Kind => isArchived ? ChangeKind.Archive : ChangeKind.Unarchive;

    public override Operation Operation => Operation.ArchiveRoom;

    public override bool GoesOnInArchive => true;

    protected override Refusal Apply(RoomChange change, IBatch batch, Events events, Limits limits)
    {
        var room = change.Room!;
        if (room.IsArchived == isArchived)
            return Stands(change, room.NumberedTo);
        batch.Record(change, isOfRoom: true);
        batch.SetArchived(room, isArchived);
        events.Room(change, batch);
        return default;
    }
}
