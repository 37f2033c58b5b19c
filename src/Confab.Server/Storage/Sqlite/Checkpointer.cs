
namespace Confab.Server.Storage.Sqlite;

/// <summary>
/// Copies what the write-ahead log holds into the database file, on a thread of its own, so that no commit waits for it. Once the log is
/// long, the log's thread copies the last few pages between two commits, and the next one begins at the start of the file again: writing
/// over a file's bytes costs half the fsync that appending to it does, and the file stays small.
/// </summary>
internal sealed partial class Checkpointer(SqliteStore store, TimeProvider time, ILogger<Checkpointer> logger) : BackgroundService
{
    /// <summary>8 MiB of pages of 4 KiB.</summary>
    private const int LongLogPages = 2048;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogCopy? copy = null;
        using var timer = new PeriodicTimer(s_pause, time);
        var seen = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken) && !store.HasFailed)
            {
                // Not on the timer's own thread: while the disk hangs, copying takes as long.
                await Task.Yield();
                if (store.Commits == seen)
                    continue;
                seen = store.Commits;
                Checkpoint(ref copy);
            }
        }
        catch (OperationCanceledException)
        {
            // What is not copied yet is copied on the next start.
        }
        finally
        {
            copy?.Dispose();
        }
    }

    private void Checkpoint(ref LogCopy? copy)
    {
        try
        {
            copy ??= new LogCopy(store.Database);
            if (copy.Run() >= LongLogPages)
                store.IsLogLong = true;
        }
        catch (Exception e) when (e is FilesChangedException or StorageException { IsFatal: true })
        {
            store.Fail(e);
        }
        catch (StorageException e)
        {
            LogFailed(logger, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The write-ahead log could not be checkpointed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
