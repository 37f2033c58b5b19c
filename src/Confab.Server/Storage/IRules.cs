using Confab.Protocol;

namespace Confab.Server.Storage;

/// <summary>Decides about changes from the facts of a batch, inside its transaction. A store only reads facts and writes rows.</summary>
internal interface IRules
{
    /// <summary>A transaction begins, perhaps with changes that were tried before.</summary>
    void Begin();

    /// <summary>Decides about a change, and has it written if it is not refused. Its outcome is filled in.</summary>
    Refusal Apply(Change change, IBatch batch);
}
