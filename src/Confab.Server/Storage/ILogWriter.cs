namespace Confab.Server.Storage;

/// <summary>Stores batches of changes, each in one transaction. Belongs to the log's thread.</summary>
internal interface ILogWriter : IDisposable
{
    /// <summary>
    /// Stores a batch in one transaction and fills in every outcome. When it throws, nothing of the batch is stored, unless
    /// <see cref="StorageException.IsFatal"/>: then nobody knows.
    /// </summary>
    /// <param name="changes">The changes, in their order.</param>
    /// <param name="met">Names that are in use from before these changes on.</param>
    void Commit(ReadOnlySpan<Change> changes, ICollection<byte[]>? met = null);

    /// <summary>The rooms whose log the last batch made longer, each once.</summary>
    List<StoredRoom> Numbered { get; }

    /// <summary>Hashes of which the last batch removed a file; whether others are left is for later to find out.</summary>
    IReadOnlyList<byte[]> Released { get; }

    /// <summary>Everybody was answered: now is the time for what the store owes itself. It never throws.</summary>
    void Tidy();
}
