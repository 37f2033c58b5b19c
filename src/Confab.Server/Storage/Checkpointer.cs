namespace Confab.Server.Storage;

/// <summary>
/// Copies what the write-ahead log holds into the database file, on a thread of its own, so that no commit waits for it. The log file
/// starts over when everything was copied; should writers keep it from that, it is emptied by force at <see cref="MaxLogBytes"/>.
/// </summary>
internal sealed partial class Checkpointer : BackgroundService
{
    private const long StartLogBytes = 4 << 20;
    private const long MaxLogBytes = 256 << 20;

    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly ILogger<Checkpointer> _logger;

    public Checkpointer(Database database, TimeProvider time, ILogger<Checkpointer> logger)
    {
        _database = database;
        _time = time;
        _logger = logger;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var connection = _database.OpenWriter();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Checkpoint(connection);
        }
        catch (OperationCanceledException)
        {
            Checkpoint(connection);
        }
    }

    private void Checkpoint(SqliteConnection connection)
    {
        try
        {
            var log = new FileInfo(_database.Path + "-wal");
            if (log.Exists && log.Length >= StartLogBytes)
                connection.Checkpoint(restart: log.Length >= MaxLogBytes);
        }
        catch (StorageException e)
        {
            LogFailed(_logger, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The write-ahead log could not be emptied: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
