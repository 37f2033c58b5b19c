namespace Confab.Server.Storage;

/// <summary>Copies what the write-ahead log holds into the database file, beside the writer and without waiting for anybody.</summary>
internal sealed class LogCopy(Database database) : IDisposable
{
    private readonly SqliteConnection _connection = database.OpenWriter();

    /// <summary>Copies what can be copied now; gives how many pages the log has.</summary>
    public int Run() => _connection.Checkpoint();

    public void Dispose() => _connection.Dispose();
}
