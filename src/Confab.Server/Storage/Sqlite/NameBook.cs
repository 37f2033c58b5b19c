using System.Text;

namespace Confab.Server.Storage.Sqlite;

/// <summary>The names in use: of those who joined a room or changed something in one. Whom a message means is looked up among them, in its transaction.</summary>
internal sealed class NameBook(SqliteConnection c)
{
    /// <summary>Names of which is known that they stand in the table; as many more are forgotten.</summary>
    private const int MaxKnown = 65_536;

    private readonly Statement _insert = c.Prepare("INSERT INTO names (folded, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING"u8);
    private readonly Statement _find = c.Prepare("SELECT name FROM names WHERE folded = ?1 ORDER BY name LIMIT 20"u8);
    private readonly HashSet<byte[]> _known = new(Utf8Comparer.Instance);
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

    /// <summary>The names that are the same when they are compared. Valid until the next are looked for.</summary>
    public List<string> Find(string folded)
    {
        _found.Clear();
        _find.Bind(1, Encoding.UTF8.GetBytes(folded));
        while (_find.Step())
            _found.Add(Encoding.UTF8.GetString(_find.Text(0)));
        return _found;
    }
}
