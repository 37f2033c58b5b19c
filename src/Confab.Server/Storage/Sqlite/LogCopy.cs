namespace Confab.Server.Storage.Sqlite;

/// <summary>Copies what the write-ahead log holds into the database file, beside the writer and without waiting for anybody.</summary>
internal sealed class LogCopy(Database database) : IDisposable
{
    private readonly SqliteConnection _connection = database.OpenWriter();

    /// <summary>Copies what can be copied now; gives how many pages the log has.</summary>
    /// <exception cref="FilesChangedException">The files are not those that were opened. A copy would mend them in part, and they would look sound.</exception>
    public int Run()
    {
        Look();
        var pages = _connection.Checkpoint();
        // How long the files are now is what they must not be shorter than.
        Look();
        return pages;
    }

    private void Look()
    {
        if (database.WhatHappenedToFiles() is { } happened)
            throw new FilesChangedException(happened);
    }

    public void Dispose() => _connection.Dispose();
}
