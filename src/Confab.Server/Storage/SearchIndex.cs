using System.Globalization;
using Confab.Server.Storage.Sqlite;

namespace Confab.Server.Storage;

/// <summary>What the index keeps of a message as it is now.</summary>
internal readonly ref struct IndexedMessage
{
    /// <summary>The room's id.</summary>
    public required long Room { get; init; }

    /// <summary>The message's number.</summary>
    public required long Message { get; init; }

    /// <summary>When it was stored, in milliseconds since 1970.</summary>
    public required long Timestamp { get; init; }

    /// <summary>Who said it, as senders are compared, UTF-8.</summary>
    public required ReadOnlySpan<byte> Sender { get; init; }

    /// <summary>Its words, as words are compared, between spaces, UTF-8.</summary>
    public ReadOnlySpan<byte> Words { get; init; }

    /// <summary>What is in it beside words.</summary>
    public Holdings Holds { get; init; }

    /// <summary>Whether it was deleted: it has no words any more.</summary>
    public bool Deleted { get; init; }
}

/// <summary>What a message may hold beside words.</summary>
[Flags]
internal enum Holdings
{
    None = 0,
    Link = 1,
    File = 2,
}

/// <summary>
/// The words of all messages, in a file of their own beside the database: all of it is derived, and may be deleted while no server runs.
/// Of a text only the index is kept (FTS5, without content). A row's number is made of the message's time, so that the order of rows is the
/// order of messages, and stays it when the index is built anew. Belongs to the indexer's thread.
/// </summary>
internal sealed class SearchIndex : IDisposable
{
    public const string FileName = "search.db";

    private const int Version = 3;

    // Journal and synchronous as befits what can be made again: a power failure loses the last seconds, never its soundness.
    private const string Opening = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192;";

    private const string Schema = """
        CREATE TABLE source (epoch TEXT NOT NULL) STRICT;
        CREATE TABLE rooms (room INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
        CREATE TABLE documents (
          id      INTEGER PRIMARY KEY,
          room    INTEGER NOT NULL,
          message INTEGER NOT NULL,
          sender  TEXT NOT NULL,
          holds   INTEGER NOT NULL,
          gone    INTEGER NOT NULL
        ) STRICT;
        CREATE VIRTUAL TABLE words USING fts5(text, content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = "unicode61 remove_diacritics 2");
        """;

    private readonly SqliteConnection _connection;
    private readonly Statement _begin, _commit, _rollback, _setMarker, _find, _insert, _update, _addWords, _removeWords;

    /// <summary>Opens the index, or begins a new one when there is none, or only one of another history or version.</summary>
    /// <param name="directory">Where its file is.</param>
    /// <param name="epoch">The history that it is the index of.</param>
    /// <param name="anew">Whether to begin a new one in any case.</param>
    public SearchIndex(string directory, string epoch, bool anew)
    {
        var path = PathIn(directory);
        if (anew)
            Delete(path);
        var c = _connection = TryOpen(path, epoch) ?? Create(path, epoch);
        _begin = c.Prepare("BEGIN IMMEDIATE"u8);
        _commit = c.Prepare("COMMIT"u8);
        _rollback = c.Prepare("ROLLBACK"u8);
        _setMarker = c.Prepare("INSERT INTO rooms (room, seq) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET seq = excluded.seq"u8);
        _find = c.Prepare("SELECT room, message FROM documents WHERE id = ?1"u8);
        _insert = c.Prepare("INSERT INTO documents (id, room, message, sender, holds, gone) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"u8);
        _update = c.Prepare("UPDATE documents SET holds = ?2, gone = ?3 WHERE id = ?1"u8);
        _addWords = c.Prepare("INSERT INTO words (rowid, text) VALUES (?1, ?2)"u8);
        _removeWords = c.Prepare("DELETE FROM words WHERE rowid = ?1"u8);
    }

    public static string PathIn(string directory) => Path.Combine(directory, FileName);

    /// <summary>Whether it is the index of a directory that failed, and not what it is the index of.</summary>
    public static bool IsWhereItFailed(StorageException e, string directory) => e is SqliteException failed && failed.File == PathIn(directory);

    /// <summary>Up to which number each room is indexed.</summary>
    public Dictionary<long, long> Markers()
    {
        using var rows = _connection.Prepare("SELECT room, seq FROM rooms"u8);
        var markers = new Dictionary<long, long>();
        while (rows.Step())
            markers.Add(rows.Int64(0), rows.Int64(1));
        return markers;
    }

    /// <summary>Stores all that is added and marked meanwhile, or nothing of it.</summary>
    public void Store(Action addAll)
    {
        _begin.Run();
        try
        {
            addAll();
            _commit.Run();
        }
        catch
        {
            if (_connection.InTransaction)
                _rollback.Run();
            throw;
        }
    }

    /// <summary>Adds what a message says now, in place of what it said before.</summary>
    public void Add(in IndexedMessage message)
    {
        var isKnown = FindPlace(message, out var place);
        var (holds, isGone) = ((long)message.Holds, message.Deleted ? 1 : 0);
        if (isKnown)
        {
            _removeWords.Bind(1, place.Row).Run();
            _update.Bind(1, place.Row).Bind(2, holds).Bind(3, isGone).Run();
        }
        else
        {
            _insert.Bind(1, place.Row).Bind(2, message.Room).Bind(3, message.Message).Bind(4, message.Sender).Bind(5, holds).Bind(6, isGone).Run();
        }

        if (!message.Deleted)
            _addWords.Bind(1, place.Row).Bind(2, message.Words).Run();
    }

    /// <summary>Up to which number a room is indexed now.</summary>
    public void Mark(long room, long upTo) => _setMarker.Bind(1, room).Bind(2, upTo).Run();

    public void Dispose() => _connection.Dispose();

    // Two messages of one millisecond may want the same row; the later one takes the next. No row is ever given up, so it is found again.
    private bool FindPlace(in IndexedMessage message, out SearchPlace place)
    {
        place = SearchPlace.Of(message.Timestamp, message.Room, message.Message);
        while (_find.Bind(1, place.Row).Step())
        {
            var isIt = _find.Int64(0) == message.Room && _find.Int64(1) == message.Message;
            _find.Reset();
            if (isIt)
                return true;
            place = new SearchPlace(place.Row + 1);
        }

        return false;
    }

    private static SqliteConnection? TryOpen(string path, string epoch)
    {
        if (!File.Exists(path))
            return null;
        SqliteConnection? connection = null;
        try
        {
            connection = new SqliteConnection(path);
            connection.Execute(Opening);
            if (connection.QueryInt64("PRAGMA user_version") == Version && connection.QueryText("SELECT epoch FROM source") == epoch)
                return connection;
        }
        catch (SqliteException e) when (e.IsDamage || e.IsOfStatement)
        {
            // Damaged, or another file: made again.
        }

        connection?.Dispose();
        Delete(path);
        return null;
    }

    private static SqliteConnection Create(string path, string epoch)
    {
        var connection = new SqliteConnection(path);
        connection.Execute(Opening);
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE; {Schema} INSERT INTO source (epoch) VALUES ('{epoch}'); PRAGMA user_version = {Version}; COMMIT;"));
        return connection;
    }

    private static void Delete(string path)
    {
        foreach (var suffix in new[] { "-wal", "-shm", "" })
            File.Delete(path + suffix);
    }
}

/// <summary>
/// Where a message stands in the index: its time, and a number that tells messages of one millisecond apart. It depends on nothing but the
/// message, so whoever goes through results page by page may go on after the index was built anew.
/// </summary>
internal readonly record struct SearchPlace(long Row)
{
    /// <summary>42 bits of milliseconds last until 2109; 21 are left to tell apart.</summary>
    private const int NumberBits = 21;
    private const long MaxTime = (1L << 42) - 1;
    private const long MaxNumber = (1L << NumberBits) - 1;

    public long Time => Row >> NumberBits;

    public long Number => Row & MaxNumber;

    // Messages of one room are apart by their numbers; rooms are spread over all of them.
    public static SearchPlace Of(long time, long room, long message) => At(time, unchecked((room * 0x9E3779B1L) + message) & MaxNumber);

    public static SearchPlace At(long time, long number = 0) => new((Math.Clamp(time, 0, MaxTime) << NumberBits) | (number & MaxNumber));

    /// <summary>Reads <c>time</c> or <c>time-number</c>.</summary>
    public static bool TryParse(string text, out SearchPlace place)
    {
        place = default;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var number = 0L;
        if (!long.TryParse(dash < 0 ? text : text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var time) || time > MaxTime)
            return false;
        if (dash >= 0 && (!long.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out number) || number > MaxNumber))
            return false;
        place = At(time, number);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time}-{Number}");
}
