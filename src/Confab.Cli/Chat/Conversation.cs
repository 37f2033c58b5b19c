using Confab.Client;
using Confab.Protocol;

namespace Confab.Cli.Chat;

/// <summary>Something that stands in the conversation.</summary>
internal abstract record Entry(DateTimeOffset Time);

/// <summary>A message, as it is now.</summary>
internal sealed record Said(MessageData Message) : Entry(Message.Timestamp);

/// <summary>A remark about the room.</summary>
internal sealed record Remark(DateTimeOffset Time, string Text) : Entry(Time);

/// <summary>What a person in a room knows: the messages as they are now, who is there, who types, how the connection is.</summary>
internal sealed class Conversation(string room, string self, TimeProvider time)
{
    /// <summary>Entries that are kept; the oldest are forgotten, and can be asked for again.</summary>
    public const int MaxEntries = 5000;

    /// <summary>How long somebody is typing after saying so. It is said every two seconds.</summary>
    private static readonly TimeSpan s_typing = TimeSpan.FromSeconds(5);

    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, DateTimeOffset> _typing = [];
    private IReadOnlyList<string>? _users;
    private IReadOnlyList<long>? _pins; // null before the first snapshot

    /// <summary>The room's name, in the server's spelling once it was joined.</summary>
    public string Room { get; private set; } = room;

    /// <summary>One's own name.</summary>
    public string Self { get; } = self;

    public string Topic { get; set; } = "";

    /// <summary>Whether the room can be read only.</summary>
    public bool IsArchived { get; private set; }

    /// <summary>What the last change of the room brought.</summary>
    public RoomNews News { get; private set; } = RoomNews.None;

    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>How many are present.</summary>
    public int Count { get; private set; }

    /// <summary>Who is present, in order of name; null when they are too many to be told.</summary>
    public IReadOnlyList<string>? Users
    {
        get => _users;
        private set => _users = value?.Order(StringComparer.OrdinalIgnoreCase).ToList();
    }

    /// <summary>What is wrong with the connection; null when nothing is.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Whether the room has older messages than those known.</summary>
    public bool HasOlder { get; private set; } = true;

    /// <summary>Who is typing at this moment.</summary>
    public IEnumerable<string> Typing => _typing.Where(t => t.Value > time.GetUtcNow()).Select(t => t.Key).Order(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<MessageData> Messages => _entries.OfType<Said>().Select(said => said.Message);

    public long OldestId => Messages.FirstOrDefault()?.Id ?? long.MaxValue;

    public MessageData? Find(long id) => Messages.FirstOrDefault(m => m.Id == id);

    /// <summary>Learns what happened.</summary>
    public void Apply(ConfabEvent happened)
    {
        switch (happened)
        {
            case FrameReceived { Frame: JoinedFrame joined }:
                Join(joined);
                break;
            case RoomReset { Snapshot: var snapshot }:
                _entries.Clear();
                HasOlder = true;
                _pins = null;
                Join(snapshot);
                Add("The server has a different history now. This is its present state.");
                break;
            case FrameReceived { Frame: RoomFrame frame }:
                Apply(frame);
                Trim();
                break;
            case ConnectionLost lost:
                Trouble = $"No connection, trying again in {Math.Ceiling(lost.RetryIn.TotalSeconds):0} s ({lost.Reason})";
                _typing.Clear();
                break;
            case ConnectionRestored:
                Trouble = null;
                break;
        }
    }

    /// <summary>Puts older messages before those known; none means that there are none.</summary>
    public void AddOlder(IReadOnlyList<MessageData> older)
    {
        HasOlder = older.Count > 0;
        foreach (var message in older)
            Put(message);
    }

    private void Join(JoinedFrame joined)
    {
        Room = joined.Room;
        Count = joined.Count;
        Users = joined.Users;
        // The snapshot of a reconnect brings nothing new: what was missed follows.
        if (_pins is null)
            (_pins, IsArchived) = (joined.Pins ?? [], joined.Archived == true);
        foreach (var message in joined.Messages ?? [])
            Put(message);
        if (OldestId is 1 || joined.Seq == 0)
            HasOlder = false;
    }

    private void Apply(RoomFrame frame)
    {
        switch (frame)
        {
            case MessageLogFrame { Data: var message }:
                if (frame is MessageFrame)
                    _typing.Remove(message.Username);
                // What changed before the oldest message that is known is seen when that one is asked for.
                if (frame is MessageFrame || message.Id >= OldestId)
                    Put(message);
                if (message.Deleted)
                    _pins = [.. (_pins ?? []).Where(pin => pin != message.Id)];
                break;
            case RoomChangedFrame { Data: var data }:
                Change(data);
                break;
            case UserJoinedFrame came:
                (Count, Users) = (came.Count, came.Users);
                Add($"{came.Username} is here");
                break;
            case UserLeftFrame left:
                (Count, Users) = (left.Count, left.Users);
                _typing.Remove(left.Username);
                Add($"{left.Username} left");
                break;
            case UserListFrame list:
                (Count, Users) = (list.Count, list.Users);
                break;
            case TypingFrame typing:
                _typing[typing.Username] = time.GetUtcNow() + s_typing;
                break;
        }
    }

    private void Change(RoomData room)
    {
        var (before, now) = (_pins ?? [], room.Pins ?? []);
        var isArchived = room.Archived == true;
        News = new RoomNews(room.Topic == Topic ? null : room.Topic, [.. now.Except(before)], [.. before.Except(now)], isArchived == IsArchived ? null : isArchived);
        (Topic, _pins, IsArchived) = (room.Topic, now, isArchived);
        if (News.Topic is { } topic)
            Add(topic.Length == 0 ? "The topic was removed." : $"The topic is now: {topic}");
        foreach (var message in News.Pinned)
            Add($"#{message} was pinned.");
        foreach (var message in News.Unpinned)
            Add($"#{message} was unpinned.");
        if (News.Archived is { } archived)
            Add(archived ? "The room was archived and is read-only." : "The room was unarchived.");
    }

    private void Put(MessageData message)
    {
        var before = _entries.FindLastIndex(entry => entry is Said said && said.Message.Id <= message.Id);
        if (before >= 0 && ((Said)_entries[before]).Message.Id == message.Id)
        {
            _entries[before] = new Said(message);
            return;
        }

        var next = _entries.FindIndex(before + 1, entry => entry is Said);
        _entries.Insert(next < 0 ? _entries.Count : next, new Said(message));
    }

    /// <summary>Adds a remark.</summary>
    public void Add(string remark) => _entries.Add(new Remark(time.GetUtcNow(), remark));

    private void Trim()
    {
        if (_entries.Count <= MaxEntries)
            return;
        _entries.RemoveRange(0, MaxEntries / 10);
        HasOlder = true;
    }
}
