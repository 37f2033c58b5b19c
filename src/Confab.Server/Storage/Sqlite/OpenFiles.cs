using System.Buffers.Binary;

namespace Confab.Server.Storage.Sqlite;

/// <summary>
/// The files of an open database, as they were when it was opened. SQLite goes on with what it has open when they are deleted, renamed or written over,
/// and every commit succeeds, into files that nobody will find again. So the names are compared with what is open.
/// </summary>
internal sealed class OpenFiles : IDisposable
{
    // PRAGMA application_id, in the header of the file (sqlite.org/fileformat2.html#database_header).
    public const int StampAt = 68;

    // How a write-ahead log begins, but for its last bit (sqlite.org/fileformat2.html#walformat).
    private const uint LogMagic = 0x377F0682;

    private readonly string _database, _log;
    private readonly (string Path, FileIdentity Identity)[] _files;
    private readonly int _stamp = Random.Shared.Next(1, int.MaxValue); // no secret: OpenSSL would cost the start 4 MB
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _header, _logHeader;
    private readonly Lock _gate = new();
    private bool _isStamped;
    private long _databaseSize, _logSize;

    /// <param name="database">The path of a database that is open.</param>
    /// <param name="lockFile">What holds its directory.</param>
    public OpenFiles(string database, string lockFile)
    {
        (_database, _log) = (database, $"{database}-wal");
        string[] paths = [Path.GetDirectoryName(Path.GetFullPath(database))!, lockFile, database, _log, $"{database}-shm"];
        _files = [.. paths.Select(path => (path, FileIdentity.Of(path)?.Identity ?? throw new IOException($"{path} disappeared just after the database was opened.")))];
        // Closed after SQLite's own: a process that closes any descriptor of a file gives up all locks that it has there.
        _header = File.OpenHandle(database, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        _logHeader = File.OpenHandle(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>What was done to the files; null while they are what was opened. From any thread, and it waits for no lock of the database.</summary>
    public string? WhatHappened()
    {
        lock (_gate)
            return Look();
    }

    /// <summary>Writes the number into the database that only this process knows, unless it is there.</summary>
    /// <param name="connection">Of this database, and of this thread.</param>
    public void Stamp(SqliteConnection connection)
    {
        if (HasStamp())
            return;
        if (connection.QueryInt64("PRAGMA application_id") != _stamp)
            connection.Execute($"PRAGMA application_id = {_stamp}");
        connection.Checkpoint();
    }

    private string? Look()
    {
        foreach (var (path, identity) in _files)
        {
            if (FileIdentity.Of(path) is not { } now)
                return $"{path} was deleted or renamed";
            if (now.Identity != identity)
                return $"{path} was replaced";
            // Neither is ever made shorter while it is open.
            if (path == _database && IsShorter(now.Size, ref _databaseSize) || path == _log && IsShorter(now.Size, ref _logSize))
                return $"{path} was overwritten";
        }

        if (!HasLogHeader())
            return $"{_log} was overwritten";
        // A copy of the database over itself has the same length, but not the number, once it was there.
        var hasStamp = HasStamp();
        if (_isStamped && !hasStamp)
            return $"{_database} was overwritten";
        _isStamped = hasStamp;
        return null;
    }

    public void Dispose()
    {
        _header.Dispose();
        _logHeader.Dispose();
    }

    private static bool IsShorter(long size, ref long longest)
    {
        if (size < longest)
            return true;
        longest = size;
        return false;
    }

    // What was cut is as long as before with the next commit, which goes on where the log was: with a hole in front.
    private bool HasLogHeader()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        return RandomAccess.Read(_logHeader, bytes, 0) < bytes.Length || (BinaryPrimitives.ReadUInt32BigEndian(bytes) & ~1u) == LogMagic;
    }

    private bool HasStamp()
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        return RandomAccess.Read(_header, bytes, StampAt) == bytes.Length && BinaryPrimitives.ReadInt32BigEndian(bytes) == _stamp;
    }
}
