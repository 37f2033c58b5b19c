namespace Confab.Server.Storage.Sqlite;

/// <summary>Reads messages without copying. Every query gives the same columns, so that one place knows them.</summary>
internal sealed class MessageRows : IMessageRows
{
    private readonly Statement _find, _changed, _before, _after, _replies, _countReplies, _lastReplies, _reactions, _reactors;
    private readonly FileRows _files;
    private Statement _rows;

    public MessageRows(SqliteConnection c, FileRows files)
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
        _files = files;
        _rows = _find;
    }

    public MessageRow Row => new()
    {
        Id = _rows.Int64(0),
        Changed = _rows.Int64(1),
        Sender = _rows.Text(2),
        Content = _rows.Text(3),
        Timestamp = _rows.Int64(4),
        EditedAt = _rows.Int64(5),
        IsDeleted = _rows.Int64(6) != 0,
        ReplyTo = _rows.Int64(7),
        Html = _rows.Text(8),
        HasFiles = _rows.Int64(9) != 0,
        Mentions = _rows.Text(10),
    };

    public bool Find(StoredRoom room, long id)
    {
        _rows = _find.Bind(1, room.Id).Bind(2, id);
        return Step();
    }

    public void StartChanged(StoredRoom room, long after, long upTo, int limit) =>
        _rows = _changed.Bind(1, room.Id).Bind(2, after).Bind(3, upTo).Bind(4, limit);

    public void StartBefore(StoredRoom room, long before, int limit) =>
        _rows = _before.Bind(1, room.Id).Bind(2, before).Bind(3, limit);

    public void StartAfter(StoredRoom room, long after, int limit) =>
        _rows = _after.Bind(1, room.Id).Bind(2, after).Bind(3, limit);

    public void StartReplies(StoredRoom room, long message, long after, int limit) =>
        _rows = _replies.Bind(1, room.Id).Bind(2, message).Bind(3, after).Bind(4, limit);

    public bool Step() => _rows.Step();

    public void Reset() => _rows.Reset();

    public IReadOnlyList<StoredFile> FilesOf(StoredRoom room, long message) => _files.Of(room, message);

    public IReadOnlyList<ReactionRow> ReactionsOf(StoredRoom room, long message)
    {
        var reactions = new List<ReactionRow>();
        _reactions.Bind(1, room.Id).Bind(2, message);
        while (_reactions.Step())
        {
            var senders = new List<byte[]>();
            _reactors.Bind(1, room.Id).Bind(2, message).Bind(3, _reactions.Text(0)).Bind(4, ReactionRow.MaxSenders);
            while (_reactors.Step())
                senders.Add(_reactors.Text(0).ToArray());
            reactions.Add(new(_reactions.Text(0).ToArray(), _reactions.Int64(1), senders));
        }

        return reactions;
    }

    public ReplyRow RepliesTo(StoredRoom room, long message)
    {
        // From the index alone.
        _countReplies.Bind(1, room.Id).Bind(2, message).Step();
        var (count, last) = (_countReplies.Int64(0), _countReplies.Int64(1));
        _countReplies.Reset();
        if (count == 0)
            return new(0, 0, 0, []);
        var (at, senders) = (0L, new List<byte[]>(ReplyRow.MaxSenders));
        _lastReplies.Bind(1, room.Id).Bind(2, message).Bind(3, ReplyRow.LastReplies);
        while (senders.Count < ReplyRow.MaxSenders && _lastReplies.Step())
        {
            if (senders.Count == 0)
                at = _lastReplies.Int64(1);
            var sender = _lastReplies.Text(0).ToArray();
            if (!senders.Contains(sender, Utf8Comparer.Instance))
                senders.Add(sender);
        }

        _lastReplies.Reset();
        return new(count, last, at, senders);
    }
}
