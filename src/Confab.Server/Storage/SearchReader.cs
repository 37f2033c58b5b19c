using System.Text;
using System.Text.Json;
using Confab.Server.Storage.Sqlite;

namespace Confab.Server.Storage;

/// <summary>What is looked for. What is null or false is not asked for.</summary>
internal sealed record SearchFilter
{
    /// <summary>An expression of FTS5.</summary>
    public string? Words { get; init; }

    /// <summary>The ids of the rooms, any of them.</summary>
    public IReadOnlyList<long>? Rooms { get; init; }

    /// <summary>How the sender, or a word of it, begins; any of them, folded.</summary>
    public IReadOnlyList<string>? Senders { get; init; }

    /// <summary>What it has to hold, all of them.</summary>
    public Holdings Holds { get; init; }

    /// <summary>Only what stands at this place or after it.</summary>
    public required SearchPlace From { get; init; }

    /// <summary>Only what stands before this place.</summary>
    public required SearchPlace Before { get; init; }
}

/// <summary>A message that was found.</summary>
internal readonly record struct SearchHit(SearchPlace Place, long Room, long Message);

/// <summary>A connection that looks things up in the index, beside the indexer. Belongs to one thread at a time.</summary>
internal sealed class SearchReader : IDisposable
{
    /// <summary>A search that takes longer ends: what few messages meet is looked for in all of them.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly SqliteConnection _connection;
    private readonly Statement _withWords, _withoutWords;
    private long _started;

    public SearchReader(string directory, TimeProvider time)
    {
        _time = time;
        _started = time.GetTimestamp();
        var c = _connection = new SqliteConnection(SearchIndex.PathIn(directory), readOnly: true);
        c.Execute("PRAGMA query_only = 1; PRAGMA cache_size = -8192;");
        c.EndWhen(() => _time.GetElapsedTime(_started) > s_patience);
        // The index is walked from its newest row on, and no further than the page needs.
        _withWords = c.Prepare("""
            SELECT d.id, d.room, d.message FROM words CROSS JOIN documents d ON d.id = words.rowid
            WHERE words MATCH ?1 AND words.rowid >= ?2 AND words.rowid < ?3 AND d.gone = 0
              AND (?4 IS NULL OR d.room IN (SELECT value FROM json_each(?4)))
              AND (?5 IS NULL OR EXISTS (SELECT 1 FROM json_each(?5) WHERE instr(' ' || d.sender, ' ' || value) > 0))
              AND d.holds & ?6 = ?6
            ORDER BY words.rowid DESC LIMIT ?7
            """u8);
        _withoutWords = c.Prepare("""
            SELECT d.id, d.room, d.message FROM documents d
            WHERE ?1 IS NULL AND d.id >= ?2 AND d.id < ?3 AND d.gone = 0
              AND (?4 IS NULL OR d.room IN (SELECT value FROM json_each(?4)))
              AND (?5 IS NULL OR EXISTS (SELECT 1 FROM json_each(?5) WHERE instr(' ' || d.sender, ' ' || value) > 0))
              AND d.holds & ?6 = ?6
            ORDER BY d.id DESC LIMIT ?7
            """u8);
    }

    /// <summary>The newest messages that the filter lets through.</summary>
    /// <exception cref="StorageException">It took too long, or the index cannot be read.</exception>
    public List<SearchHit> Find(SearchFilter filter, int limit)
    {
        _started = _time.GetTimestamp();
        var rows = filter.Words is null ? _withoutWords : _withWords;
        BindText(rows, 1, filter.Words);
        rows.Bind(2, filter.From.Row).Bind(3, filter.Before.Row);
        BindText(rows, 4, filter.Rooms is null ? null : JsonSerializer.Serialize(filter.Rooms));
        BindText(rows, 5, filter.Senders is null ? null : JsonSerializer.Serialize(filter.Senders));
        rows.Bind(6, (long)filter.Holds).Bind(7, limit);
        var hits = new List<SearchHit>();
        while (rows.Step())
            hits.Add(new SearchHit(new SearchPlace(rows.Int64(0)), rows.Int64(1), rows.Int64(2)));
        return hits;
    }

    public void Dispose() => _connection.Dispose();

    private static void BindText(Statement statement, int parameter, string? text)
    {
        if (text is null)
            statement.BindNull(parameter);
        else
            statement.Bind(parameter, Encoding.UTF8.GetBytes(text));
    }
}
