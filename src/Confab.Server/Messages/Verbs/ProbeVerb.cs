using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A write that says nothing.</summary>
internal sealed class Probe(IChangeOwner? owner) : Change(null, owner)
{
    public override ChangeKind Kind => ChangeKind.Probe;
}

/// <summary>The server sees for itself that a write goes through.</summary>
internal sealed class ProbeVerb : Verb<Probe>
{
    public override ChangeKind Kind => ChangeKind.Probe;

    public override Operation Operation => Operation.Maintain;

    public override bool Counts => false;

    protected override Refusal Apply(Probe change, IBatch batch, Events events, Limits limits)
    {
        batch.Probe();
        return default;
    }
}
