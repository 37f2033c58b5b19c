using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A file whose bytes are on disk.</summary>
internal sealed class NewFile(StoredRoom room, StoredFile file, IChangeOwner owner) : Change(room, owner)
{
    public override ChangeKind Kind => ChangeKind.AddFile;

    public StoredFile File { get; } = file;
}

/// <summary>A file was uploaded. It is not in the room's log before a message takes it.</summary>
internal sealed class AddFileVerb : Verb<NewFile>
{
    public override ChangeKind Kind => ChangeKind.AddFile;

    public override Operation Operation => Operation.UploadFile;

    public override bool Counts => false;

    protected override Refusal Apply(NewFile change, IBatch batch, Events events, Limits limits)
    {
        // It may have been archived while the file came.
        batch.Open(change.Room!);
        if (change.Room!.IsArchived)
            return ChangeRules.Archived;
        batch.AddFile(change.File);
        return default;
    }
}
