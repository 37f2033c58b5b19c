using Confab.Protocol;
using Confab.Server.Storage;
using Confab.Tests.Proofs;

namespace Confab.Tests.Storage;

/// <summary>What somebody asks of a room, in plain values.</summary>
internal sealed record Wish(int Room, ChangeKind Kind, string Sender, long Target, string Content, string Id);

/// <summary>What came of it: a refusal, or a number; and the event, when the log has become longer.</summary>
internal sealed record Outcome(RefusalCode Refusal, long Seq, bool Repeated, string? Event);

/// <summary>A room as the contract describes it, in the plainest data there is.</summary>
internal sealed class RoomModel(int maxEmoji, int maxPins)
{
    private readonly SortedDictionary<long, Message> _messages = [];
    private readonly Dictionary<(string Sender, string Id), (long Seq, string Body)> _asked = [];
    private readonly Dictionary<string, long> _markers = [];
    private readonly List<(long Message, long Seq)> _pins = [];

    public long Head { get; private set; }

    public string Topic { get; private set; } = "";

    public bool IsArchived { get; private set; }

    /// <summary>The pinned messages, in order.</summary>
    public IEnumerable<long> Pins => _pins.Select(p => p.Message);

    public IEnumerable<MessageState> Messages => _messages.Values.Select(m => m.State);

    public IReadOnlyDictionary<string, long> Markers => _markers;

    /// <summary>The messages whose last change is after a number, in order of that change.</summary>
    public IEnumerable<(long Changed, MessageState State)> ChangedAfter(long after) =>
        _messages.Values.Where(m => m.Changed > after).OrderBy(m => m.Changed).Select(m => (m.Changed, m.State));

    public Outcome Ask(Wish wish)
    {
        if (wish.Kind == ChangeKind.Read)
            return Read(wish);
        var body = $"{wish.Kind} {wish.Target} {wish.Content}";
        if (wish.Id.Length > 0 && _asked.TryGetValue((wish.Sender, wish.Id), out var first))
        {
            // A deleted message has forgotten what it was.
            var same = first.Body == body || (_messages.TryGetValue(first.Seq, out var asked) && asked.IsDeleted);
            return same ? new(RefusalCode.None, first.Seq, true, null) : Refused(RefusalCode.Conflict);
        }

        var outcome = Apply(wish);
        if (outcome.Event is not null && wish.Id.Length > 0)
            _asked.Add((wish.Sender, wish.Id), (outcome.Seq, body));
        return outcome;
    }

    private static Outcome Refused(RefusalCode code) => new(code, 0, false, null);

    private Outcome Apply(Wish wish)
    {
        var message = _messages.GetValueOrDefault(wish.Target);
        var isThere = message is { IsDeleted: false };
        switch (wish.Kind)
        {
            case ChangeKind.Archive or ChangeKind.Unarchive when IsArchived == (wish.Kind == ChangeKind.Archive):
                return new(RefusalCode.None, Head, true, null);
            case ChangeKind.Archive or ChangeKind.Unarchive:
                IsArchived = !IsArchived;
                return RoomChanged();
            case var _ when IsArchived:
                return Refused(RefusalCode.Forbidden);
            case ChangeKind.Message when wish.Target > 0 && !isThere:
                return Refused(RefusalCode.NotFound);
            case ChangeKind.Message:
                var posted = new Message { Sender = wish.Sender, Content = wish.Content, ReplyTo = wish.Target, Id = Head + 1 };
                _messages.Add(posted.Id, posted);
                return Changed(posted, "message");
            case ChangeKind.Topic:
                Topic = wish.Content;
                return RoomChanged();
            case ChangeKind.Unpin when _pins.RemoveAll(p => p.Message == wish.Target) == 0:
                return Refused(RefusalCode.NotFound);
            case ChangeKind.Unpin:
                return RoomChanged();
            case ChangeKind.Unreact when !isThere || !message!.Reactions.Exists(r => r.Emoji == wish.Content && r.Sender == wish.Sender):
                return Refused(RefusalCode.NotFound);
            case ChangeKind.Unreact:
                message.Reactions.RemoveAll(r => r.Emoji == wish.Content && r.Sender == wish.Sender);
                return Changed(message, "reacted");
            case var _ when !isThere:
                return Refused(RefusalCode.NotFound);
            case ChangeKind.React:
                return React(message!, wish);
            case ChangeKind.Pin:
                return Pin(message!.Id);
            case var _ when message!.Sender != wish.Sender:
                return Refused(RefusalCode.Forbidden);
            case ChangeKind.Edit:
                (message.Content, message.IsEdited) = (wish.Content, true);
                return Changed(message, "edited");
            default:
                (message.Content, message.IsDeleted) = ("", true);
                message.Reactions.Clear();
                _pins.RemoveAll(p => p.Message == message.Id);
                return Changed(message, "deleted");
        }
    }

    private Outcome React(Message message, Wish wish)
    {
        var old = message.Reactions.Find(r => r.Emoji == wish.Content && r.Sender == wish.Sender);
        if (old.Seq > 0)
            return new(RefusalCode.None, old.Seq, true, null);
        if (message.Reactions.Where(r => r.Emoji != wish.Content).Select(r => r.Emoji).Distinct().Count() >= maxEmoji)
            return Refused(RefusalCode.BadRequest);
        message.Reactions.Add((wish.Content, wish.Sender, Head + 1));
        return Changed(message, "reacted");
    }

    private Outcome Pin(long message)
    {
        if (_pins.Find(p => p.Message == message) is { Seq: > 0 and var seq })
            return new(RefusalCode.None, seq, true, null);
        if (_pins.Count >= maxPins)
            return Refused(RefusalCode.BadRequest);
        _pins.Add((message, Head + 1));
        return RoomChanged();
    }

    private Outcome RoomChanged() => new(RefusalCode.None, ++Head, false, $"room_changed {Head} {Topic} {string.Join(',', Pins)} {IsArchived}");

    private Outcome Read(Wish wish)
    {
        if (wish.Target > Head)
            return Refused(RefusalCode.BadRequest);
        var stood = _markers.GetValueOrDefault(wish.Sender, -1);
        var marker = _markers[wish.Sender] = Math.Max(wish.Target, stood);
        return new(RefusalCode.None, marker, stood >= wish.Target, null);
    }

    private Outcome Changed(Message message, string type)
    {
        message.Changed = ++Head;
        return new(RefusalCode.None, Head, false, $"{type} {Head} {message.State}");
    }

    private sealed class Message
    {
        public required string Sender;
        public required string Content;
        public required long Id;
        public required long ReplyTo;
        public long Changed;
        public bool IsEdited;
        public bool IsDeleted;
        public readonly List<(string Emoji, string Sender, long Seq)> Reactions = [];

        public MessageState State => new(Id, Sender, Content, IsEdited, IsDeleted, ReplyTo, MessageState.TextOf(Reactions.Select(r => (r.Emoji, r.Sender))));
    }
}
