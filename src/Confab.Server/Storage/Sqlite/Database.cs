using System.Globalization;
using System.Reflection;

namespace Confab.Server.Storage.Sqlite;

/// <summary>The SQLite file in the data directory: opened once, brought to the present schema, and held against a second server.</summary>
public sealed class Database : IDisposable
{
    public const string FileName = "confab.db";

    private static readonly string[] s_migrations =
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private readonly Lock _gate = new();
    private readonly string _directory;
    private readonly FileStream _lock;
    private readonly SqliteConnection _keepOpen;
    private readonly OpenFiles _files;
    private HighWaterMark? _mark;

    /// <summary>Opens the database of a directory, which is created when missing.</summary>
    /// <exception cref="IOException">Another server has the directory open, or it cannot be written, or the database is missing or an older one.</exception>
    public Database(string directory, TimeProvider time)
    {
        _directory = directory;
        Path = System.IO.Path.Combine(directory, FileName);
        _lock = TakeLock(directory);
        _mark = HighWaterMark.Read(directory);
        if (_mark is not null && !File.Exists(Path))
            throw Lost("is missing");
        _keepOpen = new SqliteConnection(Path);
        if (_keepOpen.IsReadOnly)
            throw new IOException($"The database {Path} cannot be written.");
        Prepare(_keepOpen);
        var isNew = _keepOpen.QueryInt64("PRAGMA user_version") == 0;
        if (isNew && _mark is not null)
            throw Lost("is empty");
        var found = isNew ? null : HighWaterMark.Of(_keepOpen);
        if (_mark is not null && found?.Epoch == _mark.Epoch && found.Extent < _mark.Extent)
            throw Lost("is older than what was stored in it, or its write-ahead log (confab.db-wal) is missing");
        Migrate(_keepOpen);
        AddFirstRooms(_keepOpen, time.GetUtcNow().ToUnixTimeMilliseconds());
        // What was put here by hand may be behind what clients know of its numbers.
        IsNewHistory = !isNew && found?.Epoch != _mark?.Epoch;
        if (IsNewHistory)
            BeginHistory(_keepOpen);
        Extent = KeepMark(HighWaterMark.Of(_keepOpen));
        Epoch = _mark!.Epoch;
        // Where there were files, a folder that is missing must not be made anew: what is missing would not be noticed.
        if (_keepOpen.QueryInt64("SELECT count(*) FROM (SELECT 1 FROM files LIMIT 1)") == 0)
            Directory.CreateDirectory(Blobs.In(directory).Folder);
        _files = new OpenFiles(Path, LockIn(directory));
    }

    /// <summary>The newest schema, the one that every open database has.</summary>
    public static int Schema => s_migrations.Length;

    public string Path { get; }

    /// <summary>The name of this history of numbers; a client that brings another one starts over.</summary>
    public string Epoch { get; }

    /// <summary>How far the history went when it was opened: the numbers given in all rooms, and the rooms.</summary>
    internal long Extent { get; }

    /// <summary>Whether the database is not the one that was served from this directory last, so that its history got a new name.</summary>
    public bool IsNewHistory { get; }

    /// <summary>Takes the directory for this process; freed by the system when the process ends, however it ends.</summary>
    /// <exception cref="IOException">Another server has the directory open, or it cannot be written.</exception>
    public static FileStream TakeLock(string directory)
    {
        // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
        const int linux = 11, mac = 35, windows = unchecked((int)0x80070020);
        try
        {
            Directory.CreateDirectory(directory);
            return new FileStream(LockIn(directory), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is linux or mac or windows)
        {
            throw new IOException($"The data directory {directory} is in use by another Confab server.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The data directory {directory} cannot be written: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        try
        {
            if (WhatHappenedToFiles() is null)
                KeepMark(HighWaterMark.Of(_keepOpen));
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            // The mark before is older, and as true.
        }

        _keepOpen.Dispose();
        _files.Dispose();
        _lock.Dispose();
    }

    /// <summary>What was done to the database's files; null while they are those that were opened. Look now and then.</summary>
    internal string? WhatHappenedToFiles() => _files.WhatHappened();

    /// <summary>Makes the database this process's own, so that a copy of it can be told from it.</summary>
    internal void StampFiles()
    {
        lock (_gate)
            _files.Stamp(_keepOpen);
    }

    /// <summary>Keeps how far the history went, beside the database.</summary>
    /// <param name="committed">How far it went by what was committed before: another connection sees at least that.</param>
    /// <returns>Whether it does.</returns>
    internal bool TryKeepMark(long committed)
    {
        lock (_gate)
        {
            // What another connection committed can be seen only when it is on disk.
            var mark = HighWaterMark.Of(_keepOpen);
            if (mark.Extent < committed)
                return false;
            KeepMark(mark);
            return true;
        }
    }

    private long KeepMark(HighWaterMark mark)
    {
        if (mark != _mark)
        {
            mark.Write(_directory);
            _mark = mark;
        }

        return mark.Extent;
    }

    internal SqliteConnection OpenWriter()
    {
        var connection = new SqliteConnection(Path);
        Prepare(connection);
        // Copying the log into the file has a thread of its own: a commit must not wait for it.
        connection.Execute("PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536;");
        return connection;
    }

    internal SqliteConnection OpenReader()
    {
        var connection = new SqliteConnection(Path, readOnly: true);
        connection.Execute("PRAGMA query_only = 1; PRAGMA cache_size = -16384;");
        return connection;
    }

    // synchronous is per connection, and a typo in a pragma is silent: set it, then read it back.
    private static void Prepare(SqliteConnection connection)
    {
        connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF;");
        if (connection.QueryText("PRAGMA journal_mode") != "wal" || connection.QueryInt64("PRAGMA synchronous") != 2)
            throw new InvalidOperationException("The database cannot be switched to WAL with synchronous=FULL.");
    }

    /// <summary>Gives the history a new name: clients that remember numbers of the old one start over.</summary>
    internal static void BeginHistory(SqliteConnection connection) => connection.Execute("UPDATE server SET epoch = lower(hex(randomblob(8)))");

    /// <summary>Brings a database to the newest schema.</summary>
    internal static void Migrate(SqliteConnection connection)
    {
        var version = connection.QueryInt64("PRAGMA user_version");
        if (version > Schema)
            throw new SchemaException($"The database has schema {version}; this version of Confab supports up to {Schema}.");

        for (var next = (int)version; next < Schema; next++)
        {
            using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(s_migrations[next])!);
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE; {reader.ReadToEnd()} PRAGMA user_version = {next + 1}; COMMIT;"));
        }
    }

    private static string LockIn(string directory) => System.IO.Path.Combine(directory, "confab.lock");

    private IOException Lost(string how)
    {
        _keepOpen?.Dispose();
        _lock.Dispose();
        return new IOException($"The database {Path} {how}. Starting now would lose messages. Put the database back, or restore a backup (confab restore). To continue with the present state, delete {System.IO.Path.Combine(_directory, HighWaterMark.FileName)}.");
    }

    private static void AddFirstRooms(SqliteConnection connection, long now)
    {
        if (connection.QueryInt64("SELECT count(*) FROM rooms") == 0)
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO rooms (name, created_at) VALUES ('general', {now}), ('random', {now}), ('tech', {now})"));
    }
}
