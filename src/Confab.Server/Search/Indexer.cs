using System.Collections.Concurrent;
using System.Text;
using Confab.Server.Messages;
using Confab.Server.Operations;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Search;

/// <summary>
/// Keeps the search index up to date, beside the log and behind it: it reads what changed in each room since it was there last, as a
/// client's catch-up does, and writes into a file of its own. Nobody waits for it, and it takes a quarter of one processor at most, and a
/// fiftieth while the log has its hands full: then it stays behind, and makes up for it later.
/// </summary>
internal sealed partial class Indexer : BackgroundService
{
    /// <summary>Messages read at a time.</summary>
    private const int Page = 256;

    /// <summary>After working for a time it rests for so many times as long.</summary>
    private const int Rest = 3;
    private const int LongRest = 49;

    /// <summary>Changes a second from which on the log has its hands full.</summary>
    private const int BusyChangesPerSecond = 5000;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(5);

    private readonly Database _database;
    private readonly RoomDirectory _rooms;
    private readonly TimeProvider _time;
    private readonly ILogger<Indexer> _logger;
    private readonly ConcurrentDictionary<long, long> _markers = new();
    private bool _anew;
    private int _generation;

    public Indexer(Database database, RoomDirectory rooms, Metrics metrics, TimeProvider time, ILogger<Indexer> logger)
    {
        _database = database;
        _rooms = rooms;
        _time = time;
        _logger = logger;
        metrics.ShowSearchLag(() => _rooms.All.Sum(LagOf));
    }

    /// <summary>Counts the files that the index was in; 0 while there is none to look into. Another one means to open it again.</summary>
    public int Generation => Volatile.Read(ref _generation);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server is to be up first.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Follow(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(_logger, e);
                _anew = e is StorageException { IsDamage: true };
            }

            try
            {
                await Task.Delay(s_afterFailure, _time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task Follow(CancellationToken stop)
    {
        using var index = Open();
        using var reader = new Reader(_database);
        var (seen, seenAt) = (Stored, _time.GetTimestamp());
        while (true)
        {
            var started = _time.GetTimestamp();
            var isDone = Work(index, reader, started);
            var worked = _time.GetElapsedTime(started);
            var isBusy = Stored - seen > BusyChangesPerSecond * _time.GetElapsedTime(seenAt).TotalSeconds;
            (seen, seenAt) = (Stored, _time.GetTimestamp());
            await Task.Delay(isDone ? s_pause : worked * (isBusy ? LongRest : Rest), _time, stop);
        }
    }

    private SearchIndex Open()
    {
        var index = new SearchIndex(_database, _anew);
        var markers = index.Markers();
        // Ahead of the log it can only be if the log is another one: an older copy was put in its place.
        if (_rooms.All.Any(room => markers.GetValueOrDefault(room.Id) > room.Head))
        {
            index.Dispose();
            index = new SearchIndex(_database, anew: true);
            markers.Clear();
        }

        _anew = false;
        _markers.Clear();
        foreach (var (room, seq) in markers)
            _markers[room] = seq;
        Interlocked.Increment(ref _generation);
        return index;
    }

    private bool Work(SearchIndex index, Reader reader, long started)
    {
        foreach (var room in _rooms.All)
        {
            while (LagOf(room) > 0)
            {
                Advance(index, reader, room);
                if (_time.GetElapsedTime(started) > s_slice)
                    return false;
            }
        }

        return true;
    }

    private void Advance(SearchIndex index, Reader reader, Room room)
    {
        var messages = new List<IndexedMessage>();
        var after = _markers.GetValueOrDefault(room.Id);
        long upTo;
        reader.Begin();
        try
        {
            upTo = reader.Head(room).Head;
            var rows = reader.Rows;
            rows.StartChanged(room, after, upTo, Page);
            while (rows.Step())
            {
                messages.Add(Read(rows, room));
                if (messages.Count == Page)
                    upTo = rows.Changed;
            }

            rows.Reset();
        }
        finally
        {
            reader.End();
        }

        index.Store(room.Id, messages, upTo);
        _markers[room.Id] = upTo;
    }

    private static IndexedMessage Read(MessageRows rows, Room room)
    {
        var view = rows.View(room);
        var content = Encoding.UTF8.GetString(view.Content);
        var hasLink = content.Contains("http://", StringComparison.OrdinalIgnoreCase) || content.Contains("https://", StringComparison.OrdinalIgnoreCase) || view.Html.IndexOf("<a "u8) >= 0;
        var holds = (hasLink ? Holdings.Link : Holdings.None) | (view.Attachments.IsEmpty ? Holdings.None : Holdings.File);
        return new IndexedMessage(
            room.Id, view.Id, view.Timestamp, SearchWords.FoldName(Encoding.UTF8.GetString(view.Username)), holds,
            view.Deleted ? null : string.Join(' ', SearchWords.Of(content).Select(word => word.Text)));
    }

    private long Stored => _rooms.All.Sum(room => room.Head);

    private long LagOf(Room room) => Math.Max(room.Head - _markers.GetValueOrDefault(room.Id), 0);

    [LoggerMessage(LogLevel.Error, "The search index could not be brought up to date; it is tried again in five seconds.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
