using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Confab.Server.Storage;

/// <summary>Reads the rows of files: one by its id, those of a message as JSON, and which bytes anybody still has.</summary>
internal sealed class FileRows : IDisposable
{
    private readonly Statement _find, _ofMessage, _isUsed;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Utf8JsonWriter _json;

    public FileRows(SqliteConnection c)
    {
        _find = c.Prepare("SELECT room, sha256, name, type, size, width, height FROM files WHERE id = ?1"u8);
        _ofMessage = c.Prepare("SELECT id, name, type, size, width, height FROM files WHERE room = ?1 AND message = ?2 ORDER BY place"u8);
        _isUsed = c.Prepare("SELECT 1 FROM files WHERE sha256 = ?1 LIMIT 1"u8);
        _json = new Utf8JsonWriter(_bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    /// <summary>The file of an id; null when there is none.</summary>
    public StoredFile? Find(string id)
    {
        if (!_find.Bind(1, Encoding.UTF8.GetBytes(id)).Step())
            return null;
        var file = new StoredFile(id, _find.Int64(0), _find.Text(1).ToArray(), Encoding.UTF8.GetString(_find.Text(2)), Encoding.UTF8.GetString(_find.Text(3)),
            _find.Int64(4), (int)_find.Int64(5), (int)_find.Int64(6));
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

    /// <summary>The JSON array of a message's files, valid until the next one is asked for.</summary>
    public ReadOnlySpan<byte> Of(StoredRoom room, long message)
    {
        _bytes.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartArray();
        _ofMessage.Bind(1, room.Id).Bind(2, message);
        while (_ofMessage.Step())
        {
            _json.WriteStartObject();
            _json.WriteString("id"u8, _ofMessage.Text(0));
            _json.WriteString("name"u8, _ofMessage.Text(1));
            _json.WriteString("type"u8, _ofMessage.Text(2));
            _json.WriteNumber("size"u8, _ofMessage.Int64(3));
            if (!_ofMessage.IsNull(4))
            {
                _json.WriteNumber("width"u8, _ofMessage.Int64(4));
                _json.WriteNumber("height"u8, _ofMessage.Int64(5));
            }

            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        _json.Flush();
        return _bytes.WrittenSpan;
    }

    public void Dispose() => _json.Dispose();
}
