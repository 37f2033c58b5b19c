namespace Confab.Server.Storage.Sqlite;

/// <summary>A connection that reads beside the writer. A long moment keeps the write-ahead log from being emptied.</summary>
internal sealed class SqliteReader : ILogReader
{
    private readonly SqliteConnection _connection;
    private readonly FileRows _files;
    private readonly PinRows _pins;
    private readonly Statement _begin, _end, _head, _marker, _rooms, _room;

    public SqliteReader(Database database)
    {
        var c = _connection = database.OpenReader();
        _files = new FileRows(c);
        _pins = new PinRows(c);
        Messages = new MessageRows(c, _files);
        _begin = c.Prepare("BEGIN"u8);
        _end = c.Prepare("COMMIT"u8);
        _head = c.Prepare("SELECT head, changed FROM rooms WHERE id = ?1"u8);
        _marker = c.Prepare("SELECT seq FROM read_markers WHERE room = ?1 AND sender = ?2"u8);
        _rooms = c.Prepare("SELECT id, name, topic, head, archived FROM rooms ORDER BY id"u8);
        _room = c.Prepare("SELECT id, name, topic, head, archived FROM rooms WHERE id = ?1"u8);
    }

    public IMessageRows Messages { get; }

    public void Begin() => _begin.Run();

    public void End()
    {
        _connection.ResetAll();
        _end.Run();
    }

    public (long Head, long RoomChanged) Head(StoredRoom room)
    {
        _head.Bind(1, room.Id).Step();
        var heads = (_head.Int64(0), _head.Int64(1));
        _head.Reset();
        return heads;
    }

    public long ReadMarker(StoredRoom room, ReadOnlySpan<byte> sender)
    {
        var found = _marker.Bind(1, room.Id).Bind(2, sender).Step();
        var seq = found ? _marker.Int64(0) : -1;
        _marker.Reset();
        return seq;
    }

    public List<RoomRow> Rooms()
    {
        var rooms = new List<RoomRow>();
        while (_rooms.Step())
            rooms.Add(RowOf(_rooms));
        return rooms;
    }

    public RoomRow Room(long id)
    {
        _room.Bind(1, id).Step();
        var row = RowOf(_room);
        _room.Reset();
        return row;
    }

    public long[] PinsOf(StoredRoom room) => _pins.Of(room);

    public StoredFile? FindFile(string id) => _files.Find(id);

    public bool IsUsed(byte[] sha256) => _files.IsUsed(sha256);

    public void Dispose() => _connection.Dispose();

    private static RoomRow RowOf(Statement s) => new(s.Int64(0), s.Text(1).ToArray(), s.Text(2).ToArray(), s.Int64(3), s.Int64(4) != 0);
}
