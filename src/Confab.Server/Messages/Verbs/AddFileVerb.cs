using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A file was uploaded. It is not in the room's log before a message takes it.</summary>
internal sealed class AddFileVerb : Verb
{
    public override ChangeKind Kind => ChangeKind.AddFile;

    public override bool IsNumbered => false;

    public override bool Counts => false;

    public override Refusal Apply(Change change, Batch batch, Events events, Limits limits)
    {
        // It may have been archived while the file came.
        batch.Open(change.Room!);
        if (change.Room!.IsArchived)
            return StoredRoom.Archived;
        batch.AddFile(change.File!);
        return default;
    }
}
