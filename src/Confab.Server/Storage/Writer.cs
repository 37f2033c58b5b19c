using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Confab.Protocol;

namespace Confab.Server.Storage;

/// <summary>
/// The one connection that writes. A batch of changes is one transaction with one fsync; the database numbers them inside it.
/// Belongs to the log's thread.
/// </summary>
internal sealed class Writer : IDisposable
{
    /// <summary>Reactions of one message. With each they are counted and told, while all rooms wait: 5,000 take some milliseconds.</summary>
    private const int MaxReactions = 5000;

    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly Limits _limits;
    private readonly FrameWriter _frames = new();
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly List<StoredRoom> _numbered = [];
    private readonly MessageRows _rows;
    private readonly FileWriter _files;
    private readonly PinWriter _pins;
    private readonly PinRows _pinned;
    private readonly NameBook _names;
    private readonly Statement _begin, _commit, _rollback, _head, _setHead;
    private readonly Statement _insertMessage, _insertChange, _findMessageId, _findChangeId, _findMessage;
    private readonly Statement _editMessage, _deleteMessage, _touchMessage, _deleteReactions;
    private readonly Statement _findReaction, _countReactions, _insertReaction, _deleteReaction;
    private readonly Statement _setTopic, _setArchived, _touchRoom, _setRead, _findRead, _insertRoom, _probe;
    private byte[] _body = new byte[1024];
    private long _batch;
    private long _now;

    public Writer(Database database, Limits limits, TimeProvider time)
    {
        _time = time;
        _limits = limits;
        var c = _connection = database.OpenWriter();
        _rows = new MessageRows(c);
        _files = new FileWriter(c);
        _pins = new PinWriter(c);
        _pinned = new PinRows(c);
        _names = new NameBook(c);
        _begin = c.Prepare("BEGIN IMMEDIATE"u8);
        _commit = c.Prepare("COMMIT"u8);
        _rollback = c.Prepare("ROLLBACK"u8);
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
        _setTopic = c.Prepare("UPDATE rooms SET topic = ?2, changed = ?3 WHERE id = ?1"u8);
        _setArchived = c.Prepare("UPDATE rooms SET archived = ?2 WHERE id = ?1"u8);
        _touchRoom = c.Prepare("UPDATE rooms SET changed = ?2 WHERE id = ?1 RETURNING topic, archived"u8);
        _setRead = c.Prepare("INSERT INTO read_markers (room, sender, seq) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET seq = excluded.seq WHERE excluded.seq > read_markers.seq RETURNING seq"u8);
        _findRead = c.Prepare("SELECT seq FROM read_markers WHERE room = ?1 AND sender = ?2"u8);
        _insertRoom = c.Prepare("INSERT INTO rooms (name, topic, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING id"u8);
        _probe = c.Prepare("UPDATE server SET probe_at = ?1"u8);
    }

    /// <summary>
    /// Stores a batch in one transaction and fills in every outcome. When it throws, nothing of the batch is stored, unless
    /// <see cref="StorageException.IsFatal"/>: then nobody knows.
    /// </summary>
    /// <param name="changes">The changes, in their order.</param>
    /// <param name="met">Names that are in use from before these changes on.</param>
    public void Commit(ReadOnlySpan<Change> changes, ICollection<byte[]>? met = null)
    {
        _batch++;
        _now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _output.ResetWrittenCount();
        _numbered.Clear();
        _files.Begin();
        try
        {
            _begin.Run();
            foreach (var name in met ?? [])
                _names.Meet(name);
            foreach (var change in changes)
                Apply(change);
            foreach (var room in _numbered)
                _setHead.Bind(1, room.Id).Bind(2, room.NumberedTo).Run();
            _commit.Run();
        }
        catch
        {
            _names.Forget();
            _connection.ResetAll();
            // Some failures end the transaction by themselves.
            if (_connection.InTransaction)
                _rollback.Run();
            throw;
        }
    }

    /// <summary>The rooms whose log the batch has made longer, each once.</summary>
    public List<StoredRoom> Numbered => _numbered;

    /// <summary>Hashes of which the batch has removed a file.</summary>
    public IReadOnlyList<byte[]> Released => _files.Released;

    /// <summary>The change's frame, framed for the wire, as it lies in the batch just committed.</summary>
    public ReadOnlySpan<byte> FrameOf(Change change) => _output.WrittenSpan.Slice(change.FrameStart, change.FrameLength);

    /// <summary>Copies the last pages of the write-ahead log, so that the next commit begins it anew.</summary>
    public void RestartLog() => _connection.Checkpoint();

    public void Dispose()
    {
        _frames.Dispose();
        _connection.Dispose();
    }

    private void Apply(Change change)
    {
        change.FrameStart = _output.WrittenCount;
        change.Refusal = change.Kind switch
        {
            ChangeKind.Read => SetRead(change),
            ChangeKind.CreateRoom => CreateRoom(change),
            ChangeKind.Probe => Probe(),
            ChangeKind.AddFile => AddFile(change),
            ChangeKind.ForgetFiles => ForgetFiles(change),
            _ => ApplyNumbered(change),
        };
        change.FrameLength = _output.WrittenCount - change.FrameStart;
    }

    private Refusal ApplyNumbered(Change change)
    {
        Span<byte> hash = stackalloc byte[16];
        if (!change.ClientId.IsEmpty)
        {
            HashBody(change, hash);
            if (FindRepeat(change, hash, out var refusal))
                return refusal;
        }

        Open(change.Room!);
        if (change.Room!.IsArchived && change.Kind is not (ChangeKind.Archive or ChangeKind.Unarchive))
            return StoredRoom.Archived;

        return change.Kind switch
        {
            ChangeKind.Message => Post(change, hash),
            ChangeKind.Edit => Edit(change, hash),
            ChangeKind.Delete => Delete(change, hash),
            ChangeKind.React => React(change, hash),
            ChangeKind.Unreact => Unreact(change, hash),
            ChangeKind.Pin => Pin(change, hash),
            ChangeKind.Unpin => Unpin(change, hash),
            ChangeKind.Archive => Archive(change, hash, isArchived: true),
            ChangeKind.Unarchive => Archive(change, hash, isArchived: false),
            ChangeKind.Topic => SetTopic(change, hash),
            _ => throw new InvalidOperationException($"{change.Kind} is no change that is numbered."),
        };
    }

    private Refusal Post(Change change, ReadOnlySpan<byte> hash)
    {
        var room = change.Room!;
        if (change.Target > 0)
        {
            var exists = _findMessage.Bind(1, room.Id).Bind(2, change.Target).Step();
            _findMessage.Reset();
            if (!exists)
                return NoMessage();
        }

        if (_files.CheckFree(room, change.Files) is { IsRefused: true } refusal)
            return refusal;

        var seq = Number(change);
        _insertMessage.Bind(1, room.Id).Bind(2, seq).Bind(3, change.Sender).Bind(4, change.Content).Bind(5, _now);
        if (change.Target > 0)
            _insertMessage.Bind(6, change.Target);
        else
            _insertMessage.BindNull(6);
        BindKey(_insertMessage, 7, change, hash);
        BindHtml(_insertMessage, 9, change);
        var mentions = _names.Find(change.Calls);
        BindOrNull(_insertMessage, 10, mentions);
        _insertMessage.Run();
        if (!change.Files.IsEmpty)
            _files.Attach(room, seq, change.Files);
        _frames.MessageEvent(_output, "message"u8, seq, new MessageView
        {
            Id = seq,
            Room = room.Name,
            Username = change.Sender,
            Content = change.Content,
            Html = change.Html,
            Mentions = mentions,
            Timestamp = _now,
            ReplyTo = change.Target,
            Attachments = change.Files.IsEmpty ? default : _rows.Attachments(room, seq),
        });
        return default;
    }

    private Refusal Edit(Change change, ReadOnlySpan<byte> hash)
    {
        if (FindOwn(change) is { IsRefused: true } refusal)
            return refusal;
        var seq = Record(change, hash);
        _editMessage.Bind(1, change.Room!.Id).Bind(2, change.Target).Bind(3, change.Content).Bind(4, _now).Bind(5, seq);
        BindHtml(_editMessage, 6, change);
        BindOrNull(_editMessage, 7, _names.Find(change.Calls));
        _editMessage.Run();
        Encode("edited"u8, change, seq);
        return default;
    }

    private Refusal Delete(Change change, ReadOnlySpan<byte> hash)
    {
        if (FindOwn(change) is { IsRefused: true } refusal)
            return refusal;
        var seq = Record(change, hash);
        _deleteReactions.Bind(1, change.Room!.Id).Bind(2, change.Target).Run();
        _files.DeleteOf(change.Room, change.Target);
        _pins.Remove(change.Room, change.Target);
        _deleteMessage.Bind(1, change.Room.Id).Bind(2, change.Target).Bind(3, seq).Run();
        Encode("deleted"u8, change, seq);
        return default;
    }

    private Refusal React(Change change, ReadOnlySpan<byte> hash)
    {
        var room = change.Room!.Id;
        var exists = _findMessage.Bind(1, room).Bind(2, change.Target).Step();
        _findMessage.Reset();
        if (!exists)
            return NoMessage();
        if (FindReaction(change, change.Content, out var stored))
        {
            change.Seq = stored;
            change.Repeated = true;
            return default;
        }

        _countReactions.Bind(1, room).Bind(2, change.Target).Bind(3, change.Content).Step();
        var (others, all) = (_countReactions.Int64(0), _countReactions.Int64(1));
        _countReactions.Reset();
        if (others >= _limits.EmojiPerMessage)
            return new(RefusalCode.BadRequest, "The message has as many different reactions as it can take.");
        if (all >= MaxReactions)
            return new(RefusalCode.BadRequest, "The message has as many reactions as it can take.");

        var seq = Record(change, hash);
        _insertReaction.Bind(1, room).Bind(2, change.Target).Bind(3, change.Content).Bind(4, change.Sender).Bind(5, seq).Run();
        _touchMessage.Bind(1, room).Bind(2, change.Target).Bind(3, seq).Run();
        Encode("reacted"u8, change, seq);
        return default;
    }

    private Refusal Unreact(Change change, ReadOnlySpan<byte> hash)
    {
        // What was stored before reactions had one form is known as it is.
        var emoji = FindReaction(change, change.Content, out _) ? change.Content : FormOf(change);
        if (!FindReaction(change, emoji, out _))
            return new(RefusalCode.NotFound, "There is no such reaction of yours.");
        var seq = Record(change, hash);
        _deleteReaction.Bind(1, change.Room!.Id).Bind(2, change.Target).Bind(3, emoji).Bind(4, change.Sender).Run();
        _touchMessage.Bind(1, change.Room.Id).Bind(2, change.Target).Bind(3, seq).Run();
        Encode("reacted"u8, change, seq);
        return default;
    }

    private Refusal SetTopic(Change change, ReadOnlySpan<byte> hash)
    {
        var seq = Record(change, hash);
        _setTopic.Bind(1, change.Room!.Id).Bind(2, change.Content).Bind(3, seq).Run();
        _frames.RoomChanged(_output, change.Room.Name, seq, change.Content, _pinned.Of(change.Room), isArchived: false);
        return default;
    }

    private Refusal Archive(Change change, ReadOnlySpan<byte> hash, bool isArchived)
    {
        var room = change.Room!;
        if (room.IsArchived == isArchived)
        {
            change.Seq = room.NumberedTo;
            change.Repeated = true;
            return default;
        }

        var seq = Record(change, hash);
        _setArchived.Bind(1, room.Id).Bind(2, isArchived ? 1 : 0).Run();
        room.IsArchived = isArchived;
        EncodeRoom(room, seq);
        return default;
    }

    private Refusal Pin(Change change, ReadOnlySpan<byte> hash)
    {
        var room = change.Room!;
        var exists = _findMessage.Bind(1, room.Id).Bind(2, change.Target).Step();
        _findMessage.Reset();
        if (!exists)
            return NoMessage();
        if (_pins.Find(room, change.Target) is > 0 and var pinned)
        {
            change.Seq = pinned;
            change.Repeated = true;
            return default;
        }

        if (_pins.Count(room) >= _limits.PinsPerRoom)
            return new(RefusalCode.BadRequest, "The room has as many pinned messages as it can take.");
        var seq = Record(change, hash);
        _pins.Add(room, change.Target, seq);
        EncodeRoom(room, seq);
        return default;
    }

    private Refusal Unpin(Change change, ReadOnlySpan<byte> hash)
    {
        if (_pins.Find(change.Room!, change.Target) == 0)
            return new(RefusalCode.NotFound, "The message is not pinned.");
        var seq = Record(change, hash);
        _pins.Remove(change.Room!, change.Target);
        EncodeRoom(change.Room!, seq);
        return default;
    }

    private Refusal SetRead(Change change)
    {
        var room = change.Room!;
        Open(room);
        _names.Meet(change.Sender);
        if (change.Target > room.NumberedTo)
            return new(RefusalCode.BadRequest, "`seq` is beyond the room's last number.");
        if (_setRead.Bind(1, room.Id).Bind(2, change.Sender).Bind(3, change.Target).Step())
        {
            change.Seq = _setRead.Int64(0);
        }
        else
        {
            // It stands there already, or further.
            _findRead.Bind(1, room.Id).Bind(2, change.Sender).Step();
            change.Seq = _findRead.Int64(0);
            change.Repeated = true;
            _findRead.Reset();
        }

        _setRead.Reset();
        return default;
    }

    private Refusal CreateRoom(Change change)
    {
        var created = _insertRoom.Bind(1, change.Sender).Bind(2, change.Content).Bind(3, _now).Step();
        if (created)
            change.Seq = _insertRoom.Int64(0);
        _insertRoom.Reset();
        return created ? default : new(RefusalCode.Conflict, "There is a room of that name.");
    }

    private Refusal Probe()
    {
        _probe.Bind(1, _now).Run();
        return default;
    }

    private Refusal AddFile(Change change)
    {
        _files.Add(change.File!, _now);
        return default;
    }

    private Refusal ForgetFiles(Change change)
    {
        _files.Forget(change.Target);
        return default;
    }

    // What the batch needs to know of a room, once.
    private void Open(StoredRoom room)
    {
        if (room.Batch == _batch)
            return;
        _head.Bind(1, room.Id).Step();
        room.NumberedFrom = room.NumberedTo = _head.Int64(0);
        room.IsArchived = _head.Int64(1) != 0;
        room.Batch = _batch;
        _head.Reset();
    }

    private long Number(Change change)
    {
        var room = change.Room!;
        if (room.NumberedTo == room.NumberedFrom)
            _numbered.Add(room);
        _names.Meet(change.Sender);
        return change.Seq = ++room.NumberedTo;
    }

    // Numbers a change that is not itself a message, and keeps the number and the key.
    private long Record(Change change, ReadOnlySpan<byte> hash)
    {
        var seq = Number(change);
        _insertChange.Bind(1, change.Room!.Id).Bind(2, seq).Bind(3, (long)change.Kind).Bind(5, change.Sender).Bind(6, _now);
        if (change.Kind is ChangeKind.Topic or ChangeKind.Archive or ChangeKind.Unarchive)
            _insertChange.BindNull(4);
        else
            _insertChange.Bind(4, change.Target);
        BindKey(_insertChange, 7, change, hash);
        _insertChange.Run();
        return seq;
    }

    private static void BindKey(Statement statement, int parameter, Change change, ReadOnlySpan<byte> hash)
    {
        if (change.ClientId.IsEmpty)
            statement.BindNull(parameter).BindNull(parameter + 1);
        else
            statement.Bind(parameter, change.ClientId).BindBlob(parameter + 1, hash);
    }

    private static void BindHtml(Statement statement, int parameter, Change change) => BindOrNull(statement, parameter, change.Html);

    private static void BindOrNull(Statement statement, int parameter, ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            statement.BindNull(parameter);
        else
            statement.Bind(parameter, utf8);
    }

    private bool FindRepeat(Change change, ReadOnlySpan<byte> hash, out Refusal refusal) =>
        FindRepeat(_findMessageId, change, hash, out refusal) || FindRepeat(_findChangeId, change, hash, out refusal);

    private static bool FindRepeat(Statement find, Change change, ReadOnlySpan<byte> hash, out Refusal refusal)
    {
        refusal = default;
        if (!find.Bind(1, change.Room!.Id).Bind(2, change.Sender).Bind(3, change.ClientId).Step())
            return false;

        // A deleted message has no hash left: its id is a repeat, so that nobody brings it back by sending it again.
        if (find.IsNull(1) || find.Text(1).SequenceEqual(hash))
        {
            change.Seq = find.Int64(0);
            change.Repeated = true;
        }
        else
        {
            refusal = new(RefusalCode.Conflict, "This `id` was used for something else.");
        }

        find.Reset();
        return true;
    }

    private Refusal FindOwn(Change change)
    {
        if (!_findMessage.Bind(1, change.Room!.Id).Bind(2, change.Target).Step())
            return NoMessage();
        var own = _findMessage.Text(0).SequenceEqual(change.Sender);
        _findMessage.Reset();
        return own ? default : new(RefusalCode.Forbidden, "Only its sender may change a message.");
    }

    private bool FindReaction(Change change, ReadOnlySpan<byte> emoji, out long seq)
    {
        var found = _findReaction.Bind(1, change.Room!.Id).Bind(2, change.Target).Bind(3, emoji).Bind(4, change.Sender).Step();
        seq = found ? _findReaction.Int64(0) : 0;
        _findReaction.Reset();
        return found;
    }

    private void Encode(ReadOnlySpan<byte> type, Change change, long seq)
    {
        _rows.Find(change.Room!, change.Target);
        _frames.MessageEvent(_output, type, seq, _rows.View(change.Room!));
        _rows.Reset();
    }

    private void EncodeRoom(StoredRoom room, long seq)
    {
        _touchRoom.Bind(1, room.Id).Bind(2, seq).Step();
        _frames.RoomChanged(_output, room.Name, seq, _touchRoom.Text(0), _pinned.Of(room), _touchRoom.Int64(1) != 0);
        _touchRoom.Reset();
    }

    private static Refusal NoMessage() => new(RefusalCode.NotFound, "There is no such message.");

    private static ReadOnlySpan<byte> FormOf(Change change)
    {
        if (change.Kind != ChangeKind.Unreact)
            return change.Content;
        Emoji.TryQualify(change.Content, out var form);
        return form;
    }

    // What makes two requests the same one: kind, target, text and, after the byte that no text holds, files. The key itself is compared by the index.
    private void HashBody(Change change, Span<byte> hash)
    {
        var content = FormOf(change);
        var text = 9 + content.Length;
        var length = change.Files.IsEmpty ? text : text + 1 + change.Files.Length;
        if (_body.Length < length)
            _body = new byte[length];
        _body[0] = (byte)change.Kind;
        BinaryPrimitives.WriteInt64LittleEndian(_body.AsSpan(1), change.Target);
        content.CopyTo(_body.AsSpan(9));
        if (length > text)
        {
            _body[text] = 0;
            change.Files.CopyTo(_body.AsSpan(text + 1));
        }

        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_body.AsSpan(0, length), whole);
        whole[..hash.Length].CopyTo(hash);
    }
}
