
namespace Confab.Server.Storage.Sqlite;

/// <summary>
/// Looks once a second whether the database's files are still those that were opened, and keeps how far the history went. Where they are not, what is
/// acknowledged would be lost: the server stops.
/// </summary>
internal sealed partial class Custody(SqliteStore store, TimeProvider time, ILogger<Custody> logger) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pause, time);
        var seen = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken) && !store.HasFailed)
            {
                // Not on the timer's own thread: while the disk hangs, looking takes as long.
                await Task.Yield();
                var (commits, extent) = (store.Commits, store.Extent);
                if (Look(isChanged: commits != seen, extent))
                    seen = commits;
            }
        }
        catch (OperationCanceledException)
        {
            // The database keeps the last mark when it is closed.
        }
    }

    private bool Look(bool isChanged, long extent)
    {
        try
        {
            if (store.Database.WhatHappenedToFiles() is { } happened)
            {
                store.Fail(new FilesChangedException(happened));
                return true;
            }

            store.Database.StampFiles();
            if (isChanged && !store.Database.TryKeepMark(extent))
                store.Fail(new FilesChangedException($"{store.Database.Path}-wal or {store.Database.Path}-shm was overwritten"));
            return true;
        }
        catch (StorageException e) when (e.IsFatal)
        {
            store.Fail(e);
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            // The mark before is older, and as true.
            LogFailed(logger, e.Message);
        }
        catch (Exception e)
        {
            store.Fail(e);
        }

        return false;
    }

    [LoggerMessage(LogLevel.Warning, "The high-water mark could not be saved: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
