using SQLitePCL;

namespace Confab.Server.Storage.Sqlite;

/// <summary>A failure of SQLite, with its extended result code (sqlite.org/rescode.html) and the file it happened in.</summary>
public sealed class SqliteException(int code, string message, string file) : StorageException($"SQLite {code}: {message} ({file})")
{
    /// <summary>The path of the database file.</summary>
    public string File { get; } = file;

    public override bool IsUnavailable => (code & 0xFF) is raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM;

    public override bool IsDamage => (code & 0xFF) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    public override bool IsInterrupted => (code & 0xFF) == raw.SQLITE_INTERRUPT;

    // After a failed fsync the kernel may have dropped the dirty pages.
    public override bool IsFatal => code is raw.SQLITE_IOERR_FSYNC or raw.SQLITE_IOERR_DIR_FSYNC;

    /// <summary>A statement does not fit the file, as one of a table that it does not have.</summary>
    public bool IsOfStatement => (code & 0xFF) == raw.SQLITE_ERROR;
}

/// <summary>One connection to the database file. It belongs to one thread at a time.</summary>
internal sealed class SqliteConnection : IDisposable
{
    private readonly sqlite3 _db;
    private readonly string _path;
    private readonly List<Statement> _statements = [];

    static SqliteConnection() => Batteries_V2.Init();

    public SqliteConnection(string path, bool readOnly = false)
    {
        _path = path;
        var flags = raw.SQLITE_OPEN_NOMUTEX | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var code = raw.sqlite3_open_v2(path, out _db, flags, null);
        if (code != raw.SQLITE_OK)
            throw new SqliteException(code, "cannot be opened", path);
        raw.sqlite3_extended_result_codes(_db, 1);
        raw.sqlite3_busy_timeout(_db, 10_000);
    }

    /// <summary>Whether the file may only be read, whatever it was opened for.</summary>
    public bool IsReadOnly => raw.sqlite3_db_readonly(_db, "main") == 1;

    public bool InTransaction => raw.sqlite3_get_autocommit(_db) == 0;

    public Statement Prepare(ReadOnlySpan<byte> sql)
    {
        Check(raw.sqlite3_prepare_v3(_db, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle, out _));
        var statement = new Statement(this, handle);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Resets every statement: one that a failure broke off would hold its read open, and take no new parameters.</summary>
    public void ResetAll()
    {
        foreach (var statement in _statements)
            statement.Reset();
    }

    /// <summary>Runs every statement of a script.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_db, sql));

    public long QueryInt64(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_db, sql, out var handle));
        using (handle)
        {
            Check(raw.sqlite3_step(handle));
            return raw.sqlite3_column_int64(handle, 0);
        }
    }

    public string QueryText(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_db, sql, out var handle));
        using (handle)
        {
            Check(raw.sqlite3_step(handle));
            return raw.sqlite3_column_text(handle, 0).utf8_to_string();
        }
    }

    /// <summary>Asks every few thousand steps of a statement whether it is to end.</summary>
    public void EndWhen(Func<bool> isTooLong) => raw.sqlite3_progress_handler(_db, 4000, _ => isTooLong() ? 1 : 0, null);

    /// <summary>Copies what is in the write-ahead log to the database file, without waiting for anybody; gives the log's length in pages.</summary>
    public int Checkpoint()
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_db, null, raw.SQLITE_CHECKPOINT_PASSIVE, out var log, out _);
        if ((code & 0xFF) != raw.SQLITE_BUSY)
            Check(code);
        return log;
    }

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw new SqliteException(raw.sqlite3_extended_errcode(_db), raw.sqlite3_errmsg(_db).utf8_to_string(), _path);
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _db.Dispose();
    }
}

/// <summary>A prepared statement. Parameters count from 1 and columns from 0, as in SQLite; a text is valid until the next step or reset.</summary>
internal sealed class Statement(SqliteConnection connection, sqlite3_stmt handle) : IDisposable
{
    public Statement Bind(int parameter, long value)
    {
        connection.Check(raw.sqlite3_bind_int64(handle, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, ReadOnlySpan<byte> utf8)
    {
        // An empty span has no address, which SQLite would take for NULL.
        connection.Check(utf8.IsEmpty ? raw.sqlite3_bind_text(handle, parameter, "") : raw.sqlite3_bind_text(handle, parameter, utf8));
        return this;
    }

    public Statement BindBlob(int parameter, ReadOnlySpan<byte> bytes)
    {
        connection.Check(raw.sqlite3_bind_blob(handle, parameter, bytes));
        return this;
    }

    public Statement BindNull(int parameter)
    {
        connection.Check(raw.sqlite3_bind_null(handle, parameter));
        return this;
    }

    /// <summary>Steps to the next row; at the end, or on a failure, the statement is reset.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW)
            return true;
        try
        {
            connection.Check(code);
        }
        finally
        {
            Reset();
        }

        return false;
    }

    public void Run()
    {
        Step();
        Reset();
    }

    public void Reset() => raw.sqlite3_reset(handle);

    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public bool IsText(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_TEXT;

    public ReadOnlySpan<byte> Text(int column) => raw.sqlite3_column_blob(handle, column);

    public void Dispose() => handle.Dispose();
}
