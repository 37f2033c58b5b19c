namespace Confab.Server.Storage.Sqlite;

/// <summary>A transaction under way. Each fact is asked for by a prepared statement when it is needed.</summary>
internal sealed class SqliteBatch : IBatch
{
    private readonly MessageRows _rows;
    private readonly FileWriter _files;
    private readonly PinWriter _pins;
    private readonly PinRows _pinned;
    private readonly NameBook _names;
    private readonly Statement _head, _setHead;
    private readonly Statement _insertMessage, _insertChange, _findMessageId, _findChangeId, _findMessage;
    private readonly Statement _editMessage, _deleteMessage, _touchMessage, _deleteReactions;
    private readonly Statement _findReaction, _countReactions, _insertReaction, _deleteReaction;
    private readonly Statement _setTopic, _setArchived, _touchRoom, _setRead, _findRead, _insertRoom, _probe;
    private long _number;

    public SqliteBatch(SqliteConnection c)
    {
        _rows = new MessageRows(c, new FileRows(c));
        _files = new FileWriter(c);
        _pins = new PinWriter(c);
        _pinned = new PinRows(c);
        _names = new NameBook(c);
        _head = c.Prepare("SELECT head, archived FROM rooms WHERE id = ?1"u8);
        _setHead = c.Prepare("UPDATE rooms SET head = ?2 WHERE id = ?1"u8);
        _insertMessage = c.Prepare("INSERT INTO messages (room, seq, changed, sender, content, timestamp, reply_to, client_id, body_hash, html, mentions) VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"u8);
        _insertChange = c.Prepare("INSERT INTO changes (room, seq, kind, message, sender, timestamp, client_id, body_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"u8);
        _findMessageId = c.Prepare("SELECT seq, body_hash FROM messages WHERE room = ?1 AND sender = ?2 AND client_id = ?3"u8);
        _findChangeId = c.Prepare("SELECT seq, body_hash FROM changes WHERE room = ?1 AND sender = ?2 AND client_id = ?3"u8);
        _findMessage = c.Prepare("SELECT sender FROM messages WHERE room = ?1 AND seq = ?2 AND deleted = 0"u8);
        _editMessage = c.Prepare("UPDATE messages SET content = ?3, edited_at = ?4, changed = ?5, html = ?6, mentions = ?7 WHERE room = ?1 AND seq = ?2"u8);
        _deleteMessage = c.Prepare("UPDATE messages SET content = '', html = NULL, mentions = NULL, files = 0, deleted = 1, body_hash = NULL, changed = ?3 WHERE room = ?1 AND seq = ?2"u8);
        _touchMessage = c.Prepare("UPDATE messages SET changed = ?3 WHERE room = ?1 AND seq = ?2"u8);
        _deleteReactions = c.Prepare("DELETE FROM reactions WHERE room = ?1 AND message = ?2"u8);
        _findReaction = c.Prepare("SELECT seq FROM reactions WHERE room = ?1 AND message = ?2 AND emoji = ?3 AND sender = ?4"u8);
        _countReactions = c.Prepare("SELECT count(DISTINCT iif(emoji <> ?3, emoji, NULL)), count(*) FROM reactions WHERE room = ?1 AND message = ?2"u8);
        _insertReaction = c.Prepare("INSERT INTO reactions (room, message, emoji, sender, seq) VALUES (?1, ?2, ?3, ?4, ?5)"u8);
        _deleteReaction = c.Prepare("DELETE FROM reactions WHERE room = ?1 AND message = ?2 AND emoji = ?3 AND sender = ?4"u8);
        _setTopic = c.Prepare("UPDATE rooms SET topic = ?2 WHERE id = ?1"u8);
        _setArchived = c.Prepare("UPDATE rooms SET archived = ?2 WHERE id = ?1"u8);
        _touchRoom = c.Prepare("UPDATE rooms SET changed = ?2 WHERE id = ?1 RETURNING topic, archived"u8);
        _setRead = c.Prepare("INSERT INTO read_markers (room, sender, seq) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET seq = excluded.seq WHERE excluded.seq > read_markers.seq RETURNING seq"u8);
        _findRead = c.Prepare("SELECT seq FROM read_markers WHERE room = ?1 AND sender = ?2"u8);
        _insertRoom = c.Prepare("INSERT INTO rooms (name, topic, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING id"u8);
        _probe = c.Prepare("UPDATE server SET probe_at = ?1"u8);
    }

    public long Now { get; private set; }

    /// <summary>The rooms whose log it has made longer, each once.</summary>
    public List<StoredRoom> Numbered { get; } = [];

    /// <summary>How many numbers and rooms it has added.</summary>
    public long Extended { get; private set; }

    /// <summary>Hashes of which it has removed a file.</summary>
    public IReadOnlyList<byte[]> Released => _files.Released;

    public void Begin(long now)
    {
        _number++;
        Now = now;
        Extended = 0;
        Numbered.Clear();
        _files.Begin();
    }

    /// <summary>The transaction failed: what was written is not there.</summary>
    public void Forget() => _names.Forget();

    public void WriteHeads()
    {
        foreach (var room in Numbered)
            _setHead.Bind(1, room.Id).Bind(2, room.NumberedTo).Run();
    }

    public void Meet(byte[] name) => _names.Meet(name);

    public void Open(StoredRoom room)
    {
        if (room.Batch == _number)
            return;
        _head.Bind(1, room.Id).Step();
        room.NumberedFrom = room.NumberedTo = _head.Int64(0);
        room.IsArchived = _head.Int64(1) != 0;
        room.Batch = _number;
        _head.Reset();
    }

    public bool FindRepeat(RoomChange change, out long seq, out bool isSame) =>
        FindRepeat(_findMessageId, change, out seq, out isSame) || FindRepeat(_findChangeId, change, out seq, out isSame);

    public bool HasMessage(StoredRoom room, long message) => HasMessage(room, message, [], out _);

    public bool HasMessage(StoredRoom room, long message, ReadOnlySpan<byte> sender, out bool isOwn)
    {
        var exists = _findMessage.Bind(1, room.Id).Bind(2, message).Step();
        isOwn = exists && _findMessage.Text(0).SequenceEqual(sender);
        _findMessage.Reset();
        return exists;
    }

    public bool AreFree(StoredRoom room, ReadOnlySpan<byte> files) => _files.AreFree(room, files);

    public long FindReaction(RoomChange change, ReadOnlySpan<byte> emoji)
    {
        var seq = _findReaction.Bind(1, change.Room!.Id).Bind(2, change.Target).Bind(3, emoji).Bind(4, change.Sender).Step() ? _findReaction.Int64(0) : 0;
        _findReaction.Reset();
        return seq;
    }

    public (long Others, long All) CountReactions(StoredRoom room, long message, ReadOnlySpan<byte> emoji)
    {
        _countReactions.Bind(1, room.Id).Bind(2, message).Bind(3, emoji).Step();
        var counts = (_countReactions.Int64(0), _countReactions.Int64(1));
        _countReactions.Reset();
        return counts;
    }

    public long FindPin(StoredRoom room, long message) => _pins.Find(room, message);

    public long CountPins(StoredRoom room) => _pins.Count(room);

    public long[] PinsOf(StoredRoom room) => _pinned.Of(room);

    public IReadOnlyList<string> FindNames(string folded) => _names.Find(folded);

    public long Record(RoomChange change, bool isOfRoom = false)
    {
        var seq = Number(change);
        _insertChange.Bind(1, change.Room!.Id).Bind(2, seq).Bind(3, (long)change.Kind).Bind(5, change.Sender).Bind(6, Now);
        if (isOfRoom)
            _insertChange.BindNull(4);
        else
            _insertChange.Bind(4, change.Target);
        BindKey(_insertChange, 7, change);
        _insertChange.Run();
        return seq;
    }

    public long AddMessage(RoomChange change, ReadOnlySpan<byte> mentions)
    {
        var room = change.Room!;
        var seq = Number(change);
        _insertMessage.Bind(1, room.Id).Bind(2, seq).Bind(3, change.Sender).Bind(4, change.Content).Bind(5, Now);
        if (change.Target > 0)
            _insertMessage.Bind(6, change.Target);
        else
            _insertMessage.BindNull(6);
        BindKey(_insertMessage, 7, change);
        BindOrNull(_insertMessage, 9, change.Html);
        BindOrNull(_insertMessage, 10, mentions);
        _insertMessage.Run();
        if (!change.Files.IsEmpty)
            _files.Attach(room, seq, change.Files);
        return seq;
    }

    public void EditMessage(RoomChange change, long seq, ReadOnlySpan<byte> mentions)
    {
        _editMessage.Bind(1, change.Room!.Id).Bind(2, change.Target).Bind(3, change.Content).Bind(4, Now).Bind(5, seq);
        BindOrNull(_editMessage, 6, change.Html);
        BindOrNull(_editMessage, 7, mentions);
        _editMessage.Run();
    }

    public void DeleteMessage(StoredRoom room, long message, long seq)
    {
        _deleteReactions.Bind(1, room.Id).Bind(2, message).Run();
        _files.DeleteOf(room, message);
        _pins.Remove(room, message);
        _deleteMessage.Bind(1, room.Id).Bind(2, message).Bind(3, seq).Run();
    }

    public void AddReaction(RoomChange change, long seq)
    {
        _insertReaction.Bind(1, change.Room!.Id).Bind(2, change.Target).Bind(3, change.Content).Bind(4, change.Sender).Bind(5, seq).Run();
        Touch(change, seq);
    }

    public void RemoveReaction(RoomChange change, ReadOnlySpan<byte> emoji, long seq)
    {
        _deleteReaction.Bind(1, change.Room!.Id).Bind(2, change.Target).Bind(3, emoji).Bind(4, change.Sender).Run();
        Touch(change, seq);
    }

    public void AddPin(StoredRoom room, long message, long seq) => _pins.Add(room, message, seq);

    public void RemovePin(StoredRoom room, long message) => _pins.Remove(room, message);

    public void SetTopic(StoredRoom room, ReadOnlySpan<byte> topic) => _setTopic.Bind(1, room.Id).Bind(2, topic).Run();

    public void SetArchived(StoredRoom room, bool isArchived)
    {
        _setArchived.Bind(1, room.Id).Bind(2, isArchived ? 1 : 0).Run();
        room.IsArchived = isArchived;
    }

    public (long Seq, bool Stood) SetRead(StoredRoom room, ReadOnlySpan<byte> sender, long seq)
    {
        if (_setRead.Bind(1, room.Id).Bind(2, sender).Bind(3, seq).Step())
        {
            _setRead.Reset();
            return (seq, false);
        }

        _findRead.Bind(1, room.Id).Bind(2, sender).Step();
        var stood = _findRead.Int64(0);
        _findRead.Reset();
        return (stood, true);
    }

    public long AddRoom(ReadOnlySpan<byte> name, ReadOnlySpan<byte> topic)
    {
        var id = _insertRoom.Bind(1, name).Bind(2, topic).Bind(3, Now).Step() ? _insertRoom.Int64(0) : 0;
        _insertRoom.Reset();
        Extended += id > 0 ? 1 : 0;
        return id;
    }

    public void AddFile(StoredFile file) => _files.Add(file, Now);

    public void ForgetFiles(long before) => _files.Forget(before);

    public void Probe() => _probe.Bind(1, Now).Run();

    public MessageRow View(StoredRoom room, long message)
    {
        _rows.Find(room, message);
        return _rows.Row;
    }

    public void EndView() => _rows.Reset();

    public IReadOnlyList<StoredFile> FilesOf(StoredRoom room, long message) => _rows.FilesOf(room, message);

    public IReadOnlyList<ReactionRow> ReactionsOf(StoredRoom room, long message) => _rows.ReactionsOf(room, message);

    public RoomRow ChangeRoom(StoredRoom room, long seq)
    {
        _touchRoom.Bind(1, room.Id).Bind(2, seq).Step();
        var row = new RoomRow(room.Id, room.Name, _touchRoom.Text(0).ToArray(), seq, _touchRoom.Int64(1) != 0);
        _touchRoom.Reset();
        return row;
    }

    private long Number(RoomChange change)
    {
        var room = change.Room!;
        if (room.NumberedTo == room.NumberedFrom)
            Numbered.Add(room);
        _names.Meet(change.Sender);
        Extended++;
        return change.Seq = ++room.NumberedTo;
    }

    private void Touch(RoomChange change, long seq) => _touchMessage.Bind(1, change.Room!.Id).Bind(2, change.Target).Bind(3, seq).Run();

    private bool FindRepeat(Statement find, RoomChange change, out long seq, out bool isSame)
    {
        (seq, isSame) = (0, false);
        if (!find.Bind(1, change.Room!.Id).Bind(2, change.Sender).Bind(3, change.ClientId).Step())
            return false;
        // A deleted message has no hash left: its id is a repeat, so that nobody brings it back by sending it again.
        (seq, isSame) = (find.Int64(0), find.IsNull(1) || find.Text(1).SequenceEqual(change.BodyHash));
        find.Reset();
        return true;
    }

    private void BindKey(Statement statement, int parameter, RoomChange change)
    {
        if (change.ClientId.IsEmpty)
            statement.BindNull(parameter).BindNull(parameter + 1);
        else
            statement.Bind(parameter, change.ClientId).BindBlob(parameter + 1, change.BodyHash);
    }

    private static void BindOrNull(Statement statement, int parameter, ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            statement.BindNull(parameter);
        else
            statement.Bind(parameter, utf8);
    }
}
