using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Confab.Server.Storage;

/// <summary>What may be the name after an <c>@</c>.</summary>
/// <param name="Text">As it is written, with single blanks.</param>
/// <param name="Folded">As names are compared.</param>
public readonly record struct Called(string Text, string Folded);

/// <summary>The names in use: of those who joined a room or changed something in one. Whom a message means is looked up among them, in its transaction.</summary>
internal sealed class NameBook(SqliteConnection c)
{
    /// <summary>Names of which is known that they stand in the table; as many more are forgotten.</summary>
    private const int MaxKnown = 65_536;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Statement _insert = c.Prepare("INSERT INTO names (folded, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING"u8);
    private readonly Statement _find = c.Prepare("SELECT name FROM names WHERE folded = ?1 ORDER BY name LIMIT 20"u8);
    private readonly HashSet<byte[]> _known = new(Utf8Comparer.Instance);
    private readonly List<string> _meant = [];
    private readonly List<string> _found = [];

    /// <summary>The name is in use from now on.</summary>
    public void Meet(byte[] name)
    {
        if (_known.Contains(name))
            return;
        if (_known.Count >= MaxKnown)
            _known.Clear();
        _insert.Bind(1, Encoding.UTF8.GetBytes(Folding.Fold(Encoding.UTF8.GetString(name)))).Bind(2, name).Run();
        _known.Add(name);
    }

    /// <summary>A transaction was undone, and with it what was inserted.</summary>
    public void Forget() => _known.Clear();

    /// <summary>The names that are meant, as a JSON array in the order of the text; null when none is in use.</summary>
    public byte[]? Find(Called[][]? calls)
    {
        if (calls is null)
            return null;
        _meant.Clear();
        foreach (var call in calls)
        {
            foreach (var (text, folded) in call)
            {
                if (!Look(folded))
                    continue;
                // The very name, or whoever is called so but for case and accents.
                foreach (var name in _found.Contains(text) ? [text] : _found)
                {
                    if (!_meant.Contains(name))
                        _meant.Add(name);
                }

                break;
            }
        }

        return _meant.Count == 0 ? null : Json(_meant);
    }

    private static byte[] Json(List<string> names)
    {
        var bytes = new ArrayBufferWriter<byte>(64);
        using var json = new Utf8JsonWriter(bytes, s_json);
        json.WriteStartArray();
        foreach (var name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private bool Look(string folded)
    {
        _found.Clear();
        _find.Bind(1, Encoding.UTF8.GetBytes(folded));
        while (_find.Step())
            _found.Add(Encoding.UTF8.GetString(_find.Text(0)));
        return _found.Count > 0;
    }
}
