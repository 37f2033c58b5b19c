using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Confab.Protocol;

namespace Confab.Server.Storage;

/// <summary>
/// Reads messages in their present state, row by row, without copying: a view is valid until the next row.
/// Every query gives the same columns, so that one place knows them.
/// </summary>
internal sealed class MessageRows : IDisposable
{
    private const int MaxUsernames = 50;

    /// <summary>Of how many names of those who answered a message are told, and among how many last answers they are looked for.</summary>
    private const int MaxRepliers = 3, LastReplies = 12;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Statement _find, _changed, _before, _after, _replies, _countReplies, _lastReplies, _reactions, _reactors;
    private readonly ArrayBufferWriter<byte> _reactionBytes = new(), _replierBytes = new();
    private readonly Utf8JsonWriter _reactionJson, _replierJson;
    private readonly FileRows _files;
    private Statement _rows;

    public MessageRows(SqliteConnection c)
    {
        _find = c.Prepare("SELECT seq, changed, sender, content, timestamp, edited_at, deleted, reply_to, html, files, mentions FROM messages WHERE room = ?1 AND seq = ?2"u8);
        _before = c.Prepare("SELECT seq, changed, sender, content, timestamp, edited_at, deleted, reply_to, html, files, mentions FROM messages WHERE room = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"u8);
        _after = c.Prepare("SELECT seq, changed, sender, content, timestamp, edited_at, deleted, reply_to, html, files, mentions FROM messages WHERE room = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"u8);
        _replies = c.Prepare("SELECT seq, changed, sender, content, timestamp, edited_at, deleted, reply_to, html, files, mentions FROM messages WHERE room = ?1 AND reply_to = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4"u8);
        _countReplies = c.Prepare("SELECT count(*), max(seq) FROM messages WHERE room = ?1 AND reply_to = ?2"u8);
        _lastReplies = c.Prepare("SELECT sender, timestamp FROM messages WHERE room = ?1 AND reply_to = ?2 ORDER BY seq DESC LIMIT ?3"u8);
        // Two ranges, each in order and limited, so that at most twice the limit is sorted.
        _changed = c.Prepare("""
            SELECT * FROM (SELECT seq, changed, sender, content, timestamp, edited_at, deleted, reply_to, html, files, mentions FROM messages
              WHERE room = ?1 AND seq > ?2 AND seq <= ?3 AND changed = seq ORDER BY seq LIMIT ?4)
            UNION ALL
            SELECT * FROM (SELECT seq, changed, sender, content, timestamp, edited_at, deleted, reply_to, html, files, mentions FROM messages
              WHERE room = ?1 AND changed > ?2 AND changed <= ?3 AND changed <> seq ORDER BY changed LIMIT ?4)
            ORDER BY changed LIMIT ?4
            """u8);
        // Each is one pass over rows of the primary key: what a message's thousandth reaction costs grows with the thousand, not with its square.
        _reactions = c.Prepare("SELECT emoji, count(*) FROM reactions WHERE room = ?1 AND message = ?2 GROUP BY emoji ORDER BY min(seq)"u8);
        _reactors = c.Prepare("SELECT sender FROM reactions WHERE room = ?1 AND message = ?2 AND emoji = ?3 ORDER BY seq LIMIT ?4"u8);
        _reactionJson = new Utf8JsonWriter(_reactionBytes, s_json);
        _replierJson = new Utf8JsonWriter(_replierBytes, s_json);
        _files = new FileRows(c);
        _rows = _find;
    }

    /// <summary>The number of the present row's last change.</summary>
    public long Changed => _rows.Int64(1);

    public long Id => _rows.Int64(0);

    public bool Deleted => _rows.Int64(6) != 0;

    /// <summary>One message; false when there is none of that number.</summary>
    public bool Find(StoredRoom room, long id)
    {
        _rows = _find.Bind(1, room.Id).Bind(2, id);
        return Step();
    }

    /// <summary>Starts the messages whose last change is after one number and not after another, in order of that change.</summary>
    public void StartChanged(StoredRoom room, long after, long upTo, int limit) =>
        _rows = _changed.Bind(1, room.Id).Bind(2, after).Bind(3, upTo).Bind(4, limit);

    /// <summary>Starts the messages before a number, the newest first.</summary>
    public void StartBefore(StoredRoom room, long before, int limit) =>
        _rows = _before.Bind(1, room.Id).Bind(2, before).Bind(3, limit);

    /// <summary>Starts the messages after a number, the oldest first.</summary>
    public void StartAfter(StoredRoom room, long after, int limit) =>
        _rows = _after.Bind(1, room.Id).Bind(2, after).Bind(3, limit);

    /// <summary>Starts the replies to a message after a number, the oldest first.</summary>
    public void StartReplies(StoredRoom room, long message, long after, int limit) =>
        _rows = _replies.Bind(1, room.Id).Bind(2, message).Bind(3, after).Bind(4, limit);

    /// <summary>Adds to a view how many messages answer it, deleted ones too, the last of them, and who answered last.</summary>
    public void CountReplies(StoredRoom room, ref MessageView view)
    {
        // From the index alone.
        _countReplies.Bind(1, room.Id).Bind(2, view.Id).Step();
        (view.Replies, view.LastReply) = (_countReplies.Int64(0), _countReplies.Int64(1));
        _countReplies.Reset();
        if (view.Replies == 0)
            return;
        view.LastReplyAt = WriteRepliers(room, view.Id);
        view.Repliers = _replierBytes.WrittenSpan;
    }

    public bool Step() => _rows.Step();

    public void Reset() => _rows.Reset();

    public MessageView View(StoredRoom room) => new()
    {
        Id = _rows.Int64(0),
        Room = room.Name,
        Username = _rows.Text(2),
        Content = _rows.Text(3),
        Html = _rows.Text(8),
        Mentions = _rows.Text(10),
        Timestamp = _rows.Int64(4),
        EditedAt = _rows.Int64(5),
        Deleted = Deleted,
        ReplyTo = _rows.Int64(7),
        Attachments = _rows.Int64(9) == 0 ? default : Attachments(room, Id),
        Reactions = Changed == Id ? default : Reactions(room, Id),
    };

    /// <summary>The JSON array of a message's files, valid until the next one is asked for.</summary>
    public ReadOnlySpan<byte> Attachments(StoredRoom room, long message) => _files.Of(room, message);

    public void Dispose()
    {
        _reactionJson.Dispose();
        _replierJson.Dispose();
        _files.Dispose();
    }

    // Writes the names; gives when the last reply was stored.
    private long WriteRepliers(StoredRoom room, long message)
    {
        _replierBytes.ResetWrittenCount();
        _replierJson.Reset();
        _replierJson.WriteStartArray();
        _lastReplies.Bind(1, room.Id).Bind(2, message).Bind(3, LastReplies);
        var (last, names) = (0L, new List<byte[]>(MaxRepliers));
        while (names.Count < MaxRepliers && _lastReplies.Step())
        {
            if (names.Count == 0)
                last = _lastReplies.Int64(1);
            var name = _lastReplies.Text(0);
            if (Contains(names, name))
                continue;
            names.Add(name.ToArray());
            _replierJson.WriteStringValue(name);
        }

        _lastReplies.Reset();
        _replierJson.WriteEndArray();
        _replierJson.Flush();
        return last;
    }

    private static bool Contains(List<byte[]> names, ReadOnlySpan<byte> name)
    {
        foreach (var other in names)
        {
            if (name.SequenceEqual(other))
                return true;
        }

        return false;
    }

    // Only a message that was changed can have reactions.
    private ReadOnlySpan<byte> Reactions(StoredRoom room, long message)
    {
        _reactionBytes.ResetWrittenCount();
        _reactionJson.Reset();
        _reactionJson.WriteStartArray();
        _reactions.Bind(1, room.Id).Bind(2, message);
        var some = false;
        while (_reactions.Step())
        {
            some = true;
            _reactionJson.WriteStartObject();
            _reactionJson.WriteString("emoji"u8, _reactions.Text(0));
            _reactionJson.WriteNumber("count"u8, _reactions.Int64(1));
            _reactionJson.WriteStartArray("usernames"u8);
            _reactors.Bind(1, room.Id).Bind(2, message).Bind(3, _reactions.Text(0)).Bind(4, MaxUsernames);
            while (_reactors.Step())
                _reactionJson.WriteStringValue(_reactors.Text(0));
            _reactionJson.WriteEndArray();
            _reactionJson.WriteEndObject();
        }

        if (!some)
            return default;
        _reactionJson.WriteEndArray();
        _reactionJson.Flush();
        return _reactionBytes.WrittenSpan;
    }
}
