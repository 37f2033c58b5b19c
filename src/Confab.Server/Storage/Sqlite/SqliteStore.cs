namespace Confab.Server.Storage.Sqlite;

/// <summary>The log in one SQLite file: one connection that writes, any number beside it that read.</summary>
internal sealed partial class SqliteStore(Database database, TimeProvider time, ILogger<SqliteStore> logger) : ILogStore
{
    private long _commits;
    private long _extent = database.Extent;
    private int _failed;
    private volatile bool _isLogLong;

    public event Action<Exception>? Failed;

    public string Epoch => database.Epoch;

    public Database Database => database;

    /// <summary>Transactions committed so far.</summary>
    public long Commits => Volatile.Read(ref _commits);

    /// <summary>How far the history went by all that was committed so far: the numbers given in all rooms, and the rooms.</summary>
    public long Extent => Volatile.Read(ref _extent);

    /// <summary>Nothing can be promised any more.</summary>
    public bool HasFailed => Volatile.Read(ref _failed) != 0;

    /// <summary>The write-ahead log is long, and copied but for its last pages: begin it anew between two commits.</summary>
    public bool IsLogLong
    {
        get => _isLogLong;
        set => _isLogLong = value;
    }

    public ILogWriter OpenWriter(IRules rules) => new SqliteWriter(this, rules, time);

    public ILogReader OpenReader() => new SqliteReader(database);

    /// <summary>A transaction is on disk. From the writer's thread.</summary>
    /// <param name="extended">How many numbers and rooms it added.</param>
    public void Committed(long extended)
    {
        Volatile.Write(ref _extent, _extent + extended);
        Volatile.Write(ref _commits, _commits + 1);
    }

    public void Fail(Exception e)
    {
        if (Interlocked.Exchange(ref _failed, 1) == 0)
            Failed?.Invoke(e);
    }

    /// <summary>The next commit begins the log's file at its start again: the last look at the files, then the last pages.</summary>
    /// <param name="copy">Copies them.</param>
    public void RestartLog(Action copy)
    {
        IsLogLong = false;
        try
        {
            // What was written over is mended in part by the copy, and then looks sound.
            if (database.WhatHappenedToFiles() is { } happened)
                Fail(new FilesChangedException(happened));
            else
                copy();
        }
        catch (StorageException e) when (e.IsFatal)
        {
            Fail(e);
        }
        catch (StorageException e)
        {
            LogRestartFailed(logger, e.Message);
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The write-ahead log could not be restarted: {Reason}")]
    private static partial void LogRestartFailed(ILogger logger, string reason);
}
