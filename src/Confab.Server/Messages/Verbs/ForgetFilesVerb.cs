using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>The files that no message took.</summary>
/// <param name="before">Those that were uploaded before this moment, in milliseconds since 1970.</param>
/// <param name="owner">Who waits for it.</param>
internal sealed class OldFiles(long before, IChangeOwner owner) : Change(null, owner)
{
    public override ChangeKind Kind => ChangeKind.ForgetFiles;

    public long Before { get; } = before;
}

/// <summary>Files that no message took are forgotten.</summary>
internal sealed class ForgetFilesVerb : Verb<OldFiles>
{
    public override ChangeKind Kind => ChangeKind.ForgetFiles;

    public override Operation Operation => Operation.Maintain;

    public override bool Counts => false;

    protected override Refusal Apply(OldFiles change, IBatch batch, Events events, Limits limits)
    {
        batch.ForgetFiles(change.Before);
        return default;
    }
}
