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
    /// <summary>Messages of all rooms together that are stored in one transaction.</summary>
    private const int BatchMessages = 256;

    /// <summary>After working for a time it rests for so many times as long.</summary>
    private const int Rest = 3;
    private const int LongRest = 49;

    /// <summary>Changes a second from which on the log has its hands full.</summary>
    private const int BusyChangesPerSecond = 5000;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);
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

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => IdleThread.Run("confab-index", () =>
    {
        try
        {
            while (true)
            {
                TryFollow(stoppingToken);
                Wait(s_afterFailure, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops; what is not indexed yet is indexed on the next start.
        }
    });

    private void TryFollow(CancellationToken stop)
    {
        try
        {
            Follow(stop);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(_logger, e);
            _anew = e is StorageException { IsDamage: true };
        }
    }

    private void Follow(CancellationToken stop)
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
            Wait(isDone ? s_pause : worked * (isBusy ? LongRest : Rest), stop);
        }
    }

    private void Wait(TimeSpan time, CancellationToken stop) => Task.Delay(time, _time, stop).GetAwaiter().GetResult();

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
        while (Read(reader) is { Count: > 0 } pages)
        {
            index.Store(pages);
            foreach (var page in pages)
                _markers[page.Room] = page.UpTo;
            if (_time.GetElapsedTime(started) > s_slice)
                return false;
        }

        return true;
    }

    // One transaction costs as much as many messages, so that small pages of many rooms share it; and what is nearly up to date goes before a room of
    // a million that nobody has indexed yet.
    private List<IndexedPage> Read(Reader reader)
    {
        var pages = new List<IndexedPage>();
        var left = BatchMessages;
        foreach (var room in _rooms.All.Where(room => LagOf(room) > 0).OrderBy(LagOf))
        {
            var page = Read(reader, room, left);
            pages.Add(page);
            left -= page.Messages.Count;
            if (left <= 0)
                break;
        }

        return pages;
    }

    private IndexedPage Read(Reader reader, Room room, int most)
    {
        var messages = new List<IndexedMessage>();
        reader.Begin();
        try
        {
            var upTo = reader.Head(room).Head;
            var rows = reader.Rows;
            rows.StartChanged(room, _markers.GetValueOrDefault(room.Id), upTo, most);
            while (rows.Step())
            {
                messages.Add(Read(rows, room));
                if (messages.Count == most)
                    upTo = rows.Changed;
            }

            rows.Reset();
            return new IndexedPage(room.Id, messages, upTo);
        }
        finally
        {
            reader.End();
        }
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
