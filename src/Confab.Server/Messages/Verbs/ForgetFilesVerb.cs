using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>Files that no message took are forgotten.</summary>
internal sealed class ForgetFilesVerb : Verb
{
    public override ChangeKind Kind => ChangeKind.ForgetFiles;

    public override bool IsNumbered => false;

    public override bool Counts => false;

    public override Refusal Apply(Change change, Batch batch, Events events, Limits limits)
    {
        batch.ForgetFiles(change.Target);
        return default;
    }
}
