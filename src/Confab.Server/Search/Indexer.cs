using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Confab.Server.Access;
using Confab.Server.Hosting;
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

    /// <summary>How long a room is left out whose messages could not be read, so that the others are indexed all the same.</summary>
    private static readonly TimeSpan s_unreadable = TimeSpan.FromMinutes(1);

    private readonly ILogStore _store;
    private readonly string _directory;
    private readonly RoomDirectory _rooms;
    private readonly TimeProvider _time;
    private readonly ILogger<Indexer> _logger;
    private readonly ConcurrentDictionary<long, long> _markers = new();
    private readonly List<(long Room, long UpTo)> _reached = [];
    private readonly Dictionary<long, long> _unreadable = [];
    private readonly ArrayBufferWriter<byte> _words = new();
    private readonly ArrayBufferWriter<byte> _sender = new();
    private readonly List<char> _word = [];
    private readonly WordTaker _addWord;
    private char[] _text = new char[1024];
    private volatile bool _anew;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _generation;

    public Indexer(ILogStore store, ServerOptions options, RoomDirectory rooms, Metrics metrics, TimeProvider time, ILogger<Indexer> logger)
    {
        (_store, _directory) = (store, options.Data);
        _rooms = rooms;
        _time = time;
        _logger = logger;
        _addWord = AddWord;
        metrics.ShowSearchLag(() => _rooms.SeenBy(Actor.System).Sum(LagOf));
    }

    /// <summary>Done once there is an index to look into.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Counts the files that the index was in. Another one means to open it again.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>A search met damage, which the indexer itself may never come across: the index is made anew.</summary>
    public void MakeAnew() => _anew = true;

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
            _anew |= e is StorageException { IsDamage: true } damage && SearchIndex.IsWhereItFailed(damage, _directory);
        }
    }

    private void Follow(CancellationToken stop)
    {
        using var index = Open();
        using var reader = _store.OpenReader();
        var (seen, seenAt) = (Stored, _time.GetTimestamp());
        while (!_anew)
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
        var index = new SearchIndex(_directory, _store.Epoch, _anew);
        var markers = index.Markers();
        // Ahead of the log it can only be if the log is another one: an older copy was put in its place.
        if (_rooms.SeenBy(Actor.System).Any(room => markers.GetValueOrDefault(room.Id) > room.Head))
        {
            index.Dispose();
            index = new SearchIndex(_directory, _store.Epoch, anew: true);
            markers.Clear();
        }

        _anew = false;
        _markers.Clear();
        foreach (var (room, seq) in markers)
            _markers[room] = seq;
        Interlocked.Increment(ref _generation);
        _opened.TrySetResult();
        return index;
    }

    // One transaction costs as much as many messages, so that small pages of many rooms share it; and what is nearly up to date goes before a room of
    // a million that nobody has indexed yet.
    private bool Work(SearchIndex index, ILogReader reader, long started)
    {
        while (_rooms.SeenBy(Actor.System).Where(room => LagOf(room) > 0 && IsReadable(room)).OrderBy(LagOf).ToList() is { Count: > 0 } rooms)
        {
            _reached.Clear();
            index.Store(() => Take(index, reader, rooms));
            foreach (var (room, upTo) in _reached)
                _markers[room] = upTo;
            if (_time.GetElapsedTime(started) > s_slice)
                return false;
        }

        return true;
    }

    private void Take(SearchIndex index, ILogReader reader, List<Room> rooms)
    {
        var left = BatchMessages;
        foreach (var room in rooms)
        {
            long upTo;
            try
            {
                upTo = Take(index, reader, room, ref left);
            }
            catch (StorageException e) when (!SearchIndex.IsWhereItFailed(e, _directory))
            {
                _unreadable[room.Id] = _time.GetTimestamp();
                throw;
            }

            index.Mark(room.Id, upTo);
            _reached.Add((room.Id, upTo));
            if (left == 0)
                break;
        }
    }

    // Up to which number the room is indexed then.
    private long Take(SearchIndex index, ILogReader reader, Room room, ref int left)
    {
        reader.Begin();
        var upTo = reader.Head(room).Head;
        var rows = reader.Messages;
        rows.StartChanged(room, _markers.GetValueOrDefault(room.Id), upTo, left);
        while (rows.Step())
        {
            var row = rows.Row;
            Take(index, row, row.HasFiles ? rows.FilesOf(room, row.Id) : [], room);
            if (--left == 0)
                upTo = row.Changed;
        }

        reader.End();
        return upTo;
    }

    // Nothing is allocated for a message without files: a collection of garbage that this thread begins would let all others wait for one that waits for them.
    private void Take(SearchIndex index, in MessageRow message, IReadOnlyList<StoredFile> files, Room room)
    {
        if (_text.Length < message.Content.Length)
            _text = new char[message.Content.Length];
        var text = _text.AsSpan(0, Encoding.UTF8.GetChars(message.Content, _text));
        var hasLink = text.Contains("http://", StringComparison.OrdinalIgnoreCase) || text.Contains("https://", StringComparison.OrdinalIgnoreCase) || message.Html.IndexOf("<a "u8) >= 0;
        _words.ResetWrittenCount();
        SearchWords.Cut(text, _word, _addWord);
        // The words of files' names stand behind those of the text.
        foreach (var file in files)
            SearchWords.Cut(file.Name, _word, _addWord);
        index.Add(new IndexedMessage
        {
            Room = room.Id,
            Message = message.Id,
            Timestamp = message.Timestamp,
            Sender = Fold(message.Sender),
            Words = _words.WrittenSpan,
            Holds = (hasLink ? Holdings.Link : Holdings.None) | (files.Count == 0 ? Holdings.None : Holdings.File),
            Deleted = message.IsDeleted,
        });
    }

    private ReadOnlySpan<byte> Fold(ReadOnlySpan<byte> username)
    {
        if (_text.Length < username.Length)
            _text = new char[username.Length];
        _sender.ResetWrittenCount();
        SearchWords.FoldName(_text.AsSpan(0, Encoding.UTF8.GetChars(username, _text)), _word);
        Encoding.UTF8.GetBytes(CollectionsMarshal.AsSpan(_word), _sender);
        _word.Clear();
        return _sender.WrittenSpan;
    }

    private void AddWord(ReadOnlySpan<char> word, int start, int length, WordPlace place)
    {
        if (_words.WrittenCount > 0)
            _words.Write(" "u8);
        Encoding.UTF8.GetBytes(word, _words);
    }

    private long Stored => _rooms.SeenBy(Actor.System).Sum(room => room.Head);

    private bool IsReadable(Room room) => !_unreadable.TryGetValue(room.Id, out var failedAt) || _time.GetElapsedTime(failedAt) > s_unreadable;

    private long LagOf(Room room) => Math.Max(room.Head - _markers.GetValueOrDefault(room.Id), 0);

    [LoggerMessage(LogLevel.Error, "The search index could not be brought up to date; it is tried again in five seconds.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
