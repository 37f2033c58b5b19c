using System.Text;
using Confab.Protocol;

namespace Confab.Server.Storage.Sqlite;

/// <summary>What the writer does to the rows of files, inside its transaction.</summary>
internal sealed class FileWriter
{
    private readonly List<byte[]> _released = [];
    private readonly Statement _insert, _findFree, _attach, _count, _ofMessage, _deleteOfMessage, _forgotten, _forget;

    public FileWriter(SqliteConnection c)
    {
        _insert = c.Prepare("INSERT INTO files (id, room, sha256, name, type, size, width, height, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0), nullif(?8, 0), ?9)"u8);
        _findFree = c.Prepare("SELECT 1 FROM files WHERE id = ?1 AND room = ?2 AND message IS NULL"u8);
        _attach = c.Prepare("UPDATE files SET message = ?2, place = ?3 WHERE id = ?1"u8);
        _count = c.Prepare("UPDATE messages SET files = ?3 WHERE room = ?1 AND seq = ?2"u8);
        _ofMessage = c.Prepare("SELECT sha256 FROM files WHERE room = ?1 AND message = ?2"u8);
        _deleteOfMessage = c.Prepare("DELETE FROM files WHERE room = ?1 AND message = ?2"u8);
        _forgotten = c.Prepare("SELECT sha256 FROM files WHERE message IS NULL AND created_at < ?1"u8);
        _forget = c.Prepare("DELETE FROM files WHERE message IS NULL AND created_at < ?1"u8);
    }

    /// <summary>Hashes of which the transaction removed a row; whether others are left is for later to find out.</summary>
    public IReadOnlyList<byte[]> Released => _released;

    /// <summary>A transaction begins.</summary>
    public void Begin() => _released.Clear();

    public void Add(StoredFile file, long now) => _insert
        .Bind(1, Encoding.UTF8.GetBytes(file.Id)).Bind(2, file.Room).BindBlob(3, file.Sha256).Bind(4, Encoding.UTF8.GetBytes(file.Name))
        .Bind(5, Encoding.UTF8.GetBytes(file.Type)).Bind(6, file.Size).Bind(7, file.Width).Bind(8, file.Height).Bind(9, now).Run();

    /// <summary>Whether every one of the files was uploaded to the room and is still to be had.</summary>
    public bool AreFree(StoredRoom room, ReadOnlySpan<byte> ids)
    {
        for (; !ids.IsEmpty; ids = ids[FileId.Length..])
        {
            var free = _findFree.Bind(1, ids[..FileId.Length]).Bind(2, room.Id).Step();
            _findFree.Reset();
            if (!free)
                return false;
        }

        return true;
    }

    public void Attach(StoredRoom room, long message, ReadOnlySpan<byte> ids)
    {
        var place = 0;
        for (; !ids.IsEmpty; ids = ids[FileId.Length..])
            _attach.Bind(1, ids[..FileId.Length]).Bind(2, message).Bind(3, place++).Run();
        _count.Bind(1, room.Id).Bind(2, message).Bind(3, place).Run();
    }

    public void DeleteOf(StoredRoom room, long message)
    {
        _ofMessage.Bind(1, room.Id).Bind(2, message);
        if (Release(_ofMessage))
            _deleteOfMessage.Bind(1, room.Id).Bind(2, message).Run();
    }

    /// <summary>Deletes the rows of files that no message took and that were uploaded before a moment (ms since 1970).</summary>
    public void Forget(long before)
    {
        if (Release(_forgotten.Bind(1, before)))
            _forget.Bind(1, before).Run();
    }

    private bool Release(Statement hashes)
    {
        var before = _released.Count;
        while (hashes.Step())
            _released.Add(hashes.Text(0).ToArray());
        return _released.Count > before;
    }
}
