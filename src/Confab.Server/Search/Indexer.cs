using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Confab.Server.Followers;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Search;

/// <summary>Keeps the search index up to date, which is a file of its own: whatever is in it can be made again.</summary>
internal sealed class Indexer : Follower
{
    private readonly ILogStore _store;
    private readonly string _directory;
    private readonly ArrayBufferWriter<byte> _words = new();
    private readonly ArrayBufferWriter<byte> _sender = new();
    private readonly List<char> _word = [];
    private readonly WordTaker _addWord;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private char[] _text = new char[1024];
    private SearchIndex? _index;
    private volatile bool _anew;
    private int _generation;

    public Indexer(ILogStore store, MessageLog log, ServerOptions options, RoomDirectory rooms, Metrics metrics, TimeProvider time, ILogger<Indexer> logger)
        : base("confab-index", store, log, rooms, time, logger)
    {
        (_store, _directory) = (store, options.Data);
        _addWord = AddWord;
        metrics.ShowSearchLag(() => Lag);
    }

    /// <summary>Done once there is an index to look into.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Counts the files that the index was in. Another one means to open it again.</summary>
    public int Generation => Volatile.Read(ref _generation);

    protected override bool IsStale => _anew;

    /// <summary>A search met damage, which the indexer itself may never come across: the index is made anew.</summary>
    public void MakeAnew()
    {
        _anew = true;
        Ring();
    }

    protected override IReadOnlyDictionary<long, long> Open()
    {
        _index = new SearchIndex(_directory, _store.Epoch, _anew);
        var markers = _index.Markers();
        // Ahead of the log it can only be if the log is another one: an older copy was put in its place.
        if (Rooms.Any(room => markers.GetValueOrDefault(room.Id) > room.Head))
        {
            _index.Dispose();
            _index = new SearchIndex(_directory, _store.Epoch, anew: true);
            markers.Clear();
        }

        _anew = false;
        Interlocked.Increment(ref _generation);
        _opened.TrySetResult();
        return markers;
    }

    protected override void Close()
    {
        _index?.Dispose();
        _index = null;
    }

    protected override bool IsItsOwn(StorageException e) => SearchIndex.IsWhereItFailed(e, _directory);

    protected override void Failed(Exception e) => _anew |= e is StorageException { IsDamage: true } damage && IsItsOwn(damage);

    protected override void Keep(Action takeAll) => _index!.Store(takeAll);

    protected override void Mark(Room room, long upTo) => _index!.Mark(room.Id, upTo);

    // Nothing is allocated for a message without files: a collection of garbage that this thread begins would let all others wait for one that waits for them.
    protected override void Take(Room room, in MessageRow message, IMessageParts parts)
    {
        var files = message.HasFiles ? parts.FilesOf(room, message.Id) : [];
        if (_text.Length < message.Content.Length)
            _text = new char[message.Content.Length];
        var text = _text.AsSpan(0, Encoding.UTF8.GetChars(message.Content, _text));
        var hasLink = text.Contains("http://", StringComparison.OrdinalIgnoreCase) || text.Contains("https://", StringComparison.OrdinalIgnoreCase) || message.Html.IndexOf("<a "u8) >= 0;
        _words.ResetWrittenCount();
        SearchWords.Cut(text, _word, _addWord);
        // The words of files' names stand behind those of the text.
        foreach (var file in files)
            SearchWords.Cut(file.Name, _word, _addWord);
        _index!.Add(new IndexedMessage
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
}
