namespace Confab.Server.Storage;

/// <summary>
/// The one connection that writes. A batch of changes is one transaction with one fsync; the database numbers them inside it.
/// Belongs to the log's thread.
/// </summary>
internal sealed class Writer : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly IRules _rules;
    private readonly TimeProvider _time;
    private readonly Batch _batch;
    private readonly Statement _begin, _commit, _rollback;

    public Writer(Database database, IRules rules, TimeProvider time)
    {
        _rules = rules;
        _time = time;
        var c = _connection = database.OpenWriter();
        _batch = new Batch(c);
        _begin = c.Prepare("BEGIN IMMEDIATE"u8);
        _commit = c.Prepare("COMMIT"u8);
        _rollback = c.Prepare("ROLLBACK"u8);
    }

    /// <summary>
    /// Stores a batch in one transaction and fills in every outcome. When it throws, nothing of the batch is stored, unless
    /// <see cref="StorageException.IsFatal"/>: then nobody knows.
    /// </summary>
    /// <param name="changes">The changes, in their order.</param>
    /// <param name="met">Names that are in use from before these changes on.</param>
    public void Commit(ReadOnlySpan<Change> changes, ICollection<byte[]>? met = null)
    {
        _batch.Begin(_time.GetUtcNow().ToUnixTimeMilliseconds());
        _rules.Begin();
        try
        {
            _begin.Run();
            foreach (var name in met ?? [])
                _batch.Meet(name);
            foreach (var change in changes)
                change.Refusal = _rules.Apply(change, _batch);
            _batch.WriteHeads();
            _commit.Run();
        }
        catch
        {
            _batch.Forget();
            _connection.ResetAll();
            // Some failures end the transaction by themselves.
            if (_connection.InTransaction)
                _rollback.Run();
            throw;
        }
    }

    /// <summary>The rooms whose log the batch has made longer, each once.</summary>
    public List<StoredRoom> Numbered => _batch.Numbered;

    /// <summary>How many numbers and rooms the batch has added.</summary>
    public long Extended => _batch.Extended;

    /// <summary>Hashes of which the batch has removed a file.</summary>
    public IReadOnlyList<byte[]> Released => _batch.Released;

    /// <summary>Copies the last pages of the write-ahead log, so that the next commit begins it anew.</summary>
    public void RestartLog() => _connection.Checkpoint();

    public void Dispose()
    {
        _batch.Dispose();
        _connection.Dispose();
    }
}
