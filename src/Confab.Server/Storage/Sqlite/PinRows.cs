namespace Confab.Server.Storage.Sqlite;

/// <summary>Reads which messages of a room are pinned.</summary>
internal sealed class PinRows(SqliteConnection c)
{
    private readonly Statement _of = c.Prepare("SELECT message FROM pins WHERE room = ?1 ORDER BY seq"u8);
    private readonly List<long> _found = [];

    /// <summary>The pinned messages, in the order in which they were pinned.</summary>
    public long[] Of(StoredRoom room)
    {
        _found.Clear();
        _of.Bind(1, room.Id);
        while (_of.Step())
            _found.Add(_of.Int64(0));
        return [.. _found];
    }
}
