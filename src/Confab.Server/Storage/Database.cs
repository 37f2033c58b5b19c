using System.Globalization;
using System.Reflection;

namespace Confab.Server.Storage;

/// <summary>The database is of another version of Confab; the message says which.</summary>
public sealed class SchemaException(string message) : Exception(message);

/// <summary>The SQLite file in the data directory: opened once, brought to the present schema, and held against a second server.</summary>
public sealed class Database : IDisposable
{
    public const string FileName = "confab.db";

    private static readonly string[] s_migrations =
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private readonly FileStream _lock;
    private readonly SqliteConnection _keepOpen;

    /// <summary>Opens the database of a directory, which is created when missing.</summary>
    /// <exception cref="IOException">Another server has the directory open, or it cannot be written.</exception>
    public Database(string directory, TimeProvider time)
    {
        Path = System.IO.Path.Combine(directory, FileName);
        _lock = TakeLock(directory);
        _keepOpen = new SqliteConnection(Path);
        if (_keepOpen.IsReadOnly)
            throw new IOException($"The database {Path} cannot be written.");
        Prepare(_keepOpen);
        Migrate(_keepOpen);
        AddFirstRooms(_keepOpen, time.GetUtcNow().ToUnixTimeMilliseconds());
        Epoch = _keepOpen.QueryText("SELECT epoch FROM server");
    }

    /// <summary>The newest schema, the one that every open database has.</summary>
    public static int Schema => s_migrations.Length;

    public string Path { get; }

    /// <summary>The name of this history of numbers; a client that brings another one starts over.</summary>
    public string Epoch { get; }

    /// <summary>Takes the directory for this process; freed by the system when the process ends, however it ends.</summary>
    /// <exception cref="IOException">Another server has the directory open, or it cannot be written.</exception>
    public static FileStream TakeLock(string directory)
    {
        // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
        const int linux = 11, mac = 35, windows = unchecked((int)0x80070020);
        try
        {
            Directory.CreateDirectory(directory);
            return new FileStream(System.IO.Path.Combine(directory, "confab.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
        _keepOpen.Dispose();
        _lock.Dispose();
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

    /// <summary>Brings a database to the newest schema.</summary>
    internal static void Migrate(SqliteConnection connection)
    {
        var version = connection.QueryInt64("PRAGMA user_version");
        if (version > Schema)
            throw new SchemaException($"The database has schema {version}; this version of Confab knows {Schema} at most.");

        for (var next = (int)version; next < Schema; next++)
        {
            using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(s_migrations[next])!);
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE; {reader.ReadToEnd()} PRAGMA user_version = {next + 1}; COMMIT;"));
        }
    }

    private static void AddFirstRooms(SqliteConnection connection, long now)
    {
        if (connection.QueryInt64("SELECT count(*) FROM rooms") == 0)
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO rooms (name, created_at) VALUES ('general', {now}), ('random', {now}), ('tech', {now})"));
    }
}
