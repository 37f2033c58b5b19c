using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>The server sees for itself that a write goes through.</summary>
internal sealed class ProbeVerb : Verb
{
    public override ChangeKind Kind => ChangeKind.Probe;

    public override bool IsNumbered => false;

    public override bool Counts => false;

    public override Refusal Apply(Change change, Batch batch, Events events, Limits limits)
    {
        batch.Probe();
        return default;
    }
}
