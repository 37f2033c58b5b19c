using System.Text;

namespace Confab.Server.Storage.Sqlite;

/// <summary>Reads the rows of files: one by its id, those of a message, and which bytes anybody still has.</summary>
internal sealed class FileRows
{
    private readonly Statement _find, _ofMessage, _isUsed;

    public FileRows(SqliteConnection c)
    {
        _find = c.Prepare("SELECT room, sha256, name, type, size, width, height FROM files WHERE id = ?1"u8);
        _ofMessage = c.Prepare("SELECT id, sha256, name, type, size, width, height FROM files WHERE room = ?1 AND message = ?2 ORDER BY place"u8);
        _isUsed = c.Prepare("SELECT 1 FROM files WHERE sha256 = ?1 LIMIT 1"u8);
    }

    /// <summary>The file of an id; null when there is none.</summary>
    public StoredFile? Find(string id)
    {
        if (!_find.Bind(1, Encoding.UTF8.GetBytes(id)).Step())
            return null;
        var file = FileOf(_find, id, _find.Int64(0));
        _find.Reset();
        return file;
    }

    /// <summary>Whether any file has these bytes.</summary>
    public bool IsUsed(byte[] sha256)
    {
        var used = _isUsed.BindBlob(1, sha256).Step();
        _isUsed.Reset();
        return used;
    }

    /// <summary>A message's files, in its order.</summary>
    public List<StoredFile> Of(StoredRoom room, long message)
    {
        var files = new List<StoredFile>();
        _ofMessage.Bind(1, room.Id).Bind(2, message);
        while (_ofMessage.Step())
            files.Add(FileOf(_ofMessage, Encoding.UTF8.GetString(_ofMessage.Text(0)), room.Id));
        return files;
    }

    private static StoredFile FileOf(Statement row, string id, long room) => new(
        id, room, row.Text(1).ToArray(), Encoding.UTF8.GetString(row.Text(2)), Encoding.UTF8.GetString(row.Text(3)), row.Int64(4), (int)row.Int64(5), (int)row.Int64(6));
}
