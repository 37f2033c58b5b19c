namespace Confab.Server.Storage;

/// <summary>A room as the database has it.</summary>
public sealed record RoomRow(long Id, byte[] Name, byte[] Topic, long Head, bool IsArchived = false);

/// <summary>A connection that reads beside the writer. Every call sees one moment of the database. Belongs to one thread at a time.</summary>
internal sealed class Reader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Statement _begin, _end, _head, _marker, _rooms, _room;

    public Reader(Database database)
    {
        var c = _connection = database.OpenReader();
        Rows = new MessageRows(c);
        Files = new FileRows(c);
        Pins = new PinRows(c);
        _begin = c.Prepare("BEGIN"u8);
        _end = c.Prepare("COMMIT"u8);
        _head = c.Prepare("SELECT head, changed FROM rooms WHERE id = ?1"u8);
        _marker = c.Prepare("SELECT seq FROM read_markers WHERE room = ?1 AND sender = ?2"u8);
        _rooms = c.Prepare("SELECT id, name, topic, head, archived FROM rooms ORDER BY id"u8);
        _room = c.Prepare("SELECT id, name, topic, head, archived FROM rooms WHERE id = ?1"u8);
    }

    public MessageRows Rows { get; }

    public FileRows Files { get; }

    public PinRows Pins { get; }

    /// <summary>Begins a moment: everything read until <see cref="End"/> belongs together. Keep it short, a long one keeps the log from being emptied.</summary>
    public void Begin() => _begin.Run();

    /// <summary>Ends the moment. Whoever a read failed for disposes of the reader instead.</summary>
    public void End()
    {
        _connection.ResetAll();
        _end.Run();
    }

    /// <summary>The room's last number, and the number of the last change to the room itself.</summary>
    public (long Head, long RoomChanged) Head(StoredRoom room)
    {
        _head.Bind(1, room.Id).Step();
        var heads = (_head.Int64(0), _head.Int64(1));
        _head.Reset();
        return heads;
    }

    /// <summary>How far this person has read; -1 when no marker was set.</summary>
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

    public void Dispose()
    {
        Rows.Dispose();
        Files.Dispose();
        _connection.Dispose();
    }

    private static RoomRow RowOf(Statement s) => new(s.Int64(0), s.Text(1).ToArray(), s.Text(2).ToArray(), s.Int64(3), s.Int64(4) != 0);
}
