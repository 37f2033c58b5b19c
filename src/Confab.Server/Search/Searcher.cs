using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Search;

/// <summary>A page of results.</summary>
/// <param name="Json">The answer.</param>
/// <param name="Next">Where the next page begins; null when there is none.</param>
internal sealed record FoundPage(byte[] Json, SearchPlace? Next);

/// <summary>
/// Answers searches, one at a time and with connections of its own: whoever joins a room or catches up does not wait for somebody who searches.
/// </summary>
internal sealed partial class Searcher(ILogStore store, ServerOptions options, Indexer indexer, RoomDirectory rooms, TimeProvider time, ILogger<Searcher> logger) : IDisposable
{
    /// <summary>Searches that wait for their turn. One more is refused with <see cref="RefusalCode.Unavailable"/>.</summary>
    private const int MaxWaiting = 64;

    /// <summary>Of which one address has a quarter at most, or one could keep everybody from searching.</summary>
    private const int MaxOfAddress = MaxWaiting / 4;

    /// <summary>How long a search waits for the index, which is opened at the start.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Places marked in one message.</summary>
    private const int MaxHighlights = 100;

    /// <summary>Bytes of an answer after which no further message is begun.</summary>
    private const int MaxBytes = History.PageBytes;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly Refusal s_tooMany = new(RefusalCode.Unavailable, "Too many simultaneous searches.", RetryAfterMs: 1000);

    private readonly AddressCounts _addresses = new(MaxOfAddress);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly MessageFraming _framing = new();
    private SearchReader? _index;
    private ILogReader? _reader;
    private int _generation;
    private int _waiting;

    public async Task<(FoundPage? Page, Refusal Refusal)> Find(Actor actor, SearchQuery query, SearchPlace before, int limit, IPAddress address, CancellationToken cancel)
    {
        if (!_addresses.TryEnter(address))
            return (null, s_tooMany);
        try
        {
            return await Find(actor, query, before, limit, cancel);
        }
        finally
        {
            _addresses.Leave(address);
        }
    }

    public void Dispose()
    {
        Close();
        _framing.Dispose();
        _turn.Dispose();
    }

    private async Task<(FoundPage? Page, Refusal Refusal)> Find(Actor actor, SearchQuery query, SearchPlace before, int limit, CancellationToken cancel)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return (null, s_tooMany);
        }

        try
        {
            await indexer.Opened.WaitAsync(s_patience, time, cancel);
            await _turn.WaitAsync(cancel);
        }
        catch (TimeoutException)
        {
            return (null, new(RefusalCode.Unavailable, "The search index is not ready yet.", RetryAfterMs: 1000));
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            return await Task.Run(() => Find(actor, query, before, limit), cancel);
        }
        catch (StorageException e) when (e.IsInterrupted)
        {
            return (null, new(RefusalCode.Unavailable, "The search took too long. Use more specific words.", RetryAfterMs: 1000));
        }
        catch (StorageException e)
        {
            LogFailed(logger, e);
            Close();
            if (e.IsDamage && SearchIndex.IsWhereItFailed(e, options.Data))
                indexer.MakeAnew();
            return (null, new(RefusalCode.StorageUnavailable, "The results cannot be read at the moment.", RetryAfterMs: 2000));
        }
        catch
        {
            Close();
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    private (FoundPage? Page, Refusal Refusal) Find(Actor actor, SearchQuery query, SearchPlace before, int limit)
    {
        var asked = query.Rooms.Select(name => rooms.Find(actor, Encoding.UTF8.GetBytes(name))?.Id).OfType<long>().ToList();
        // Signs are not indexed, and a room that is not there has no messages.
        if (query.IsOfSigns || (query.Rooms.Count > 0 && asked.Count == 0))
            return (Write(actor, [], query, null), default);

        Open();
        var hits = _index!.Find(
            new SearchFilter
            {
                Words = query.Terms.Count == 0 ? null : string.Join(" AND ", query.Terms.Select(term => term.ToExpression())),
                Rooms = asked.Count == 0 ? null : asked,
                Senders = query.Senders.Count == 0 ? null : query.Senders,
                Holds = query.Holds,
                From = query.From,
                Before = before.Row < query.Before.Row ? before : query.Before,
            },
            limit + 1);
        SearchPlace? next = hits.Count > limit ? hits[limit - 1].Place : null;
        return (Write(actor, hits[..Math.Min(limit, hits.Count)], query, next), default);
    }

    private void Open()
    {
        if (_generation != indexer.Generation)
            Close();
        _generation = indexer.Generation;
        _reader ??= store.OpenReader();
        _index ??= new SearchReader(options.Data, time);
    }

    private void Close()
    {
        _index?.Dispose();
        _reader?.Dispose();
        (_index, _reader) = (null, null);
    }

    private FoundPage Write(Actor actor, List<SearchHit> hits, SearchQuery query, SearchPlace? next)
    {
        var bytes = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(bytes, s_options);
        json.WriteStartObject();
        json.WriteStartArray("results"u8);
        if (hits.Count > 0)
        {
            SearchPlace? last = null;
            _reader!.Begin();
            foreach (var hit in hits)
            {
                if (json.BytesCommitted + json.BytesPending > MaxBytes)
                {
                    next = last;
                    break;
                }

                last = hit.Place;
                if (rooms.Find(actor, hit.Room) is { } room)
                    Write(json, hit, room, query);
            }

            _reader.End();
        }

        json.WriteEndArray();
        if (next is { } place)
            json.WriteString("next"u8, place.ToString());
        json.WriteEndObject();
        json.Flush();
        return new FoundPage(bytes.WrittenSpan.ToArray(), next);
    }

    // The index may be a moment behind: what the message says now is what counts.
    private void Write(Utf8JsonWriter json, SearchHit hit, Room room, SearchQuery query)
    {
        var rows = _reader!.Messages;
        if (rows.Find(room, hit.Message) && !rows.Row.IsDeleted && TryMark(Encoding.UTF8.GetString(rows.Row.Content), NamesOf(rows, room), query, out var highlights))
        {
            json.WriteStartObject();
            json.WritePropertyName("message"u8);
            _framing.Write(json, rows.Row, room, rows);
            json.WriteStartArray("highlights"u8);
            foreach (var (start, end) in highlights.Take(MaxHighlights))
            {
                json.WriteStartArray();
                json.WriteNumberValue(start);
                json.WriteNumberValue(end - start);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        rows.Reset();
    }

    private static List<string> NamesOf(IMessageRows rows, Room room) => rows.Row.HasFiles ? [.. rows.FilesOf(room, rows.Row.Id).Select(file => file.Name)] : [];

    // A word may stand in the name of a file; marked are those of the content.
    private static bool TryMark(string content, List<string> names, SearchQuery query, out List<(int Start, int End)> highlights)
    {
        highlights = [];
        if (query.Terms.Count == 0)
            return true;
        var words = SearchWords.Of(content);
        var files = names.ConvertAll(SearchWords.Of);
        var marks = new List<(int Start, int End)>();
        foreach (var term in query.Terms)
        {
            if (!term.Mark(words, marks) && !files.Any(file => term.Mark(file, [])))
                return false;
        }

        // Places that touch or overlap are one: the pairs of a run of characters do.
        foreach (var (start, end) in marks.Order())
        {
            if (highlights.Count > 0 && start <= highlights[^1].End)
                highlights[^1] = (highlights[^1].Start, Math.Max(end, highlights[^1].End));
            else
                highlights.Add((start, end));
        }

        return true;
    }

    [LoggerMessage(LogLevel.Error, "A search failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
