namespace Confab.Server.Storage.Sqlite;

/// <summary>What the writer does to the pins of rooms, inside its transaction.</summary>
internal sealed class PinWriter(SqliteConnection c)
{
    private readonly Statement _find = c.Prepare("SELECT seq FROM pins WHERE room = ?1 AND message = ?2"u8);
    private readonly Statement _count = c.Prepare("SELECT count(*) FROM pins WHERE room = ?1"u8);
    private readonly Statement _insert = c.Prepare("INSERT INTO pins (room, message, seq) VALUES (?1, ?2, ?3)"u8);
    private readonly Statement _delete = c.Prepare("DELETE FROM pins WHERE room = ?1 AND message = ?2"u8);

    /// <summary>The number of the change that pinned a message; 0 when it is not pinned.</summary>
    public long Find(StoredRoom room, long message)
    {
        var seq = _find.Bind(1, room.Id).Bind(2, message).Step() ? _find.Int64(0) : 0;
        _find.Reset();
        return seq;
    }

    /// <summary>How many messages are pinned in a room.</summary>
    public long Count(StoredRoom room)
    {
        _count.Bind(1, room.Id).Step();
        var count = _count.Int64(0);
        _count.Reset();
        return count;
    }

    public void Add(StoredRoom room, long message, long seq) => _insert.Bind(1, room.Id).Bind(2, message).Bind(3, seq).Run();

    public void Remove(StoredRoom room, long message) => _delete.Bind(1, room.Id).Bind(2, message).Run();
}
