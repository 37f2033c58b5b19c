namespace Confab.Server.Storage.Sqlite;

/// <summary>
/// The one connection that writes. A batch of changes is one transaction with one fsync; the database numbers them inside it.
/// Belongs to the log's thread.
/// </summary>
internal sealed class SqliteWriter : ILogWriter
{
    private readonly SqliteStore _store;
    private readonly SqliteConnection _connection;
    private readonly IRules _rules;
    private readonly TimeProvider _time;
    private readonly SqliteBatch _batch;
    private readonly Statement _begin, _commit, _rollback;

    public SqliteWriter(SqliteStore store, IRules rules, TimeProvider time)
    {
        (_store, _rules, _time) = (store, rules, time);
        var c = _connection = store.Database.OpenWriter();
        _batch = new SqliteBatch(c);
        _begin = c.Prepare("BEGIN IMMEDIATE"u8);
        _commit = c.Prepare("COMMIT"u8);
        _rollback = c.Prepare("ROLLBACK"u8);
    }

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
            _store.Committed(_batch.Extended);
        }
        catch (Exception e)
        {
            if (e is StorageException { IsFatal: true })
                _store.Fail(e);
            _batch.Forget();
            _connection.ResetAll();
            // Some failures end the transaction by themselves.
            if (_connection.InTransaction)
                _rollback.Run();
            throw;
        }
    }

    public List<StoredRoom> Numbered => _batch.Numbered;

    public IReadOnlyList<byte[]> Released => _batch.Released;

    public void Tidy()
    {
        if (_store is { IsLogLong: true, HasFailed: false })
            _store.RestartLog(() => _connection.Checkpoint());
    }

    public void Dispose() => _connection.Dispose();
}
