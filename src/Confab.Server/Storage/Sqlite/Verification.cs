using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Confab.Server.Storage.Sqlite;

/// <summary>A rule that every database keeps, and what was found against it.</summary>
/// <param name="Rule">The rule, as a sentence.</param>
/// <param name="Violations">The first ones, each a line that names the room and the number.</param>
/// <param name="More">Whether there are more than these.</param>
internal sealed record CheckedRule(string Rule, IReadOnlyList<string> Violations, bool More)
{
    public bool Holds => Violations.Count == 0;
}

/// <summary>
/// Proves anew, on any database, what the server promises of it: nothing stored is damaged or missing; every room's numbers are
/// 1, 2, 3, … to its head, each for one thing; what stands in a message is the outcome of its changes; and a client's <c>id</c> stands for
/// one change. It only reads, in one transaction, so it sees one moment of a database that a server is writing to.
/// </summary>
internal sealed class Verification : IDisposable
{
    /// <summary>Violations that are named of each rule.</summary>
    public const int MaxNamed = 24;

    // Each query gives a room and what is wrong in it, and is written so that a large database is walked in the order of its keys. Room 0 is none.
    private static readonly (string Rule, string Sql)[] s_rules =
    [
        ("Every row belongs to a room", """
            SELECT DISTINCT 0, printf('messages of room %d, which does not exist', room) FROM messages WHERE room NOT IN (SELECT id FROM rooms)
            UNION ALL SELECT DISTINCT 0, printf('changes of room %d, which does not exist', room) FROM changes WHERE room NOT IN (SELECT id FROM rooms)
            UNION ALL SELECT DISTINCT 0, printf('reactions of room %d, which does not exist', room) FROM reactions WHERE room NOT IN (SELECT id FROM rooms)
            UNION ALL SELECT DISTINCT 0, printf('pins of room %d, which does not exist', room) FROM pins WHERE room NOT IN (SELECT id FROM rooms)
            UNION ALL SELECT DISTINCT 0, printf('files of room %d, which does not exist', room) FROM files WHERE room NOT IN (SELECT id FROM rooms)
            UNION ALL SELECT DISTINCT 0, printf('read markers of room %d, which does not exist', room) FROM read_markers WHERE room NOT IN (SELECT id FROM rooms)
            """),
        ("The numbers of a room are 1, 2, 3, … without a gap", """
            SELECT n.room, printf('%d is there, the number before it is not', n.seq)
            FROM (SELECT room, seq FROM messages UNION ALL SELECT room, seq FROM changes) n
            WHERE n.seq < 1 OR (n.seq > 1
              AND NOT EXISTS (SELECT 1 FROM messages p WHERE p.room = n.room AND p.seq = n.seq - 1)
              AND NOT EXISTS (SELECT 1 FROM changes p WHERE p.room = n.room AND p.seq = n.seq - 1))
            """),
        ("The last number of a room is its head", """
            SELECT id, printf('the head is %d, the last number stored is %d', head, last)
            FROM (SELECT id, head, max(
                coalesce((SELECT max(seq) FROM messages WHERE room = id), 0),
                coalesce((SELECT max(seq) FROM changes WHERE room = id), 0)) AS last FROM rooms)
            WHERE head <> last
            """),
        ("A number is a message or a change, not both", """
            SELECT c.room, printf('%d is both', c.seq) FROM changes c JOIN messages m ON m.room = c.room AND m.seq = c.seq
            """),
        ("A change is of a known kind, and names a message unless it is of the room", """
            SELECT room, printf('change %d of kind %d names %s', seq, kind, coalesce('message ' || message, 'no message')) FROM changes
            WHERE kind NOT IN ($edit, $delete, $react, $unreact, $topic, $pin, $unpin, $archive, $unarchive) OR (kind IN ($topic, $archive, $unarchive)) <> (message IS NULL)
            """),
        ("A changed message exists, and was stored before its change", """
            SELECT c.room, printf('change %d is of message %d, which is not there or came later', c.seq, c.message) FROM changes c
            WHERE c.message IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.room = c.room AND m.seq = c.message AND m.seq < c.seq)
            """),
        // A pin names a message and changes the room.
        ("A message's last change is the last one that names it", """
            SELECT m.room, printf('message %d says that its last change is %d, it is %d', m.seq, m.changed, l.seq)
            FROM (SELECT room, message, max(seq) AS seq FROM changes WHERE message IS NOT NULL AND kind NOT IN ($pin, $unpin) GROUP BY room, message) l
            JOIN messages m ON m.room = l.room AND m.seq = l.message WHERE m.changed <> l.seq
            UNION ALL
            SELECT m.room, printf('message %d says that its last change is %d, which is none of its changes', m.seq, m.changed) FROM messages m
            WHERE m.changed <> m.seq AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.room = m.room AND c.seq = m.changed AND c.message = m.seq AND c.kind NOT IN ($pin, $unpin))
            """),
        ("A message is deleted exactly if its last change says so, and then has no content", """
            SELECT m.room, printf('message %d is deleted, and its last change is not a deletion', m.seq) FROM messages m
            WHERE m.deleted <> 0 AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.room = m.room AND c.seq = m.changed AND c.kind = $delete)
            UNION ALL
            SELECT c.room, printf('message %d was deleted by %d, and lives or was changed after', c.message, c.seq) FROM changes c
            WHERE c.kind = $delete AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.room = c.room AND m.seq = c.message AND m.deleted <> 0 AND m.changed = c.seq)
            UNION ALL
            SELECT room, printf('message %d is deleted, and its content is still there', seq) FROM messages WHERE deleted <> 0 AND (content <> '' OR html IS NOT NULL OR mentions IS NOT NULL OR body_hash IS NOT NULL)
            """),
        ("A message carries the time of its last edit", """
            SELECT m.room, printf('message %d was edited by %d, and does not say so', m.seq, c.seq)
            FROM (SELECT room, message, max(seq) AS seq, timestamp FROM changes WHERE kind = $edit GROUP BY room, message) c
            JOIN messages m ON m.room = c.room AND m.seq = c.message WHERE m.edited_at IS NOT c.timestamp
            UNION ALL
            SELECT m.room, printf('message %d says that it was edited, and never was', m.seq) FROM messages m
            LEFT JOIN (SELECT DISTINCT room, message FROM changes WHERE kind = $edit) c ON c.room = m.room AND c.message = m.seq
            WHERE m.edited_at IS NOT NULL AND c.message IS NULL
            """),
        ("A reaction is of a message that is there, and its number is that of its change", """
            SELECT r.room, printf('the reaction %d of %s is to message %d, which is not there or deleted', r.seq, r.sender, r.message) FROM reactions r
            WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.room = r.room AND m.seq = r.message AND m.deleted = 0)
            UNION ALL
            SELECT r.room, printf('the reaction of %s to message %d has the number %d, which is not its change', r.sender, r.message, r.seq) FROM reactions r
            WHERE NOT EXISTS (SELECT 1 FROM changes c WHERE c.room = r.room AND c.seq = r.seq AND c.kind = $react AND c.message = r.message AND c.sender = r.sender)
            """),
        ("As many reactions stand as were made and not taken back", """
            SELECT c.room, printf('%s made %d reactions to message %d and has %d', c.sender, c.made, c.message, c.standing)
            FROM (SELECT room, message, sender, sum(CASE kind WHEN $react THEN 1 ELSE -1 END) AS made,
                (SELECT count(*) FROM reactions r WHERE r.room = changes.room AND r.message = changes.message AND r.sender = changes.sender) AS standing
              FROM changes WHERE kind IN ($react, $unreact) GROUP BY room, message, sender) c
            JOIN messages m ON m.room = c.room AND m.seq = c.message AND m.deleted = 0 WHERE c.made <> c.standing
            """),
        ("A message is pinned exactly if it is there and the last change of its pin says so", """
            SELECT p.room, printf('message %d is pinned, and not there or deleted', p.message) FROM pins p
            WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.room = p.room AND m.seq = p.message AND m.deleted = 0)
            UNION ALL
            SELECT p.room, printf('message %d is pinned by %d, which is not the last change of its pin', p.message, p.seq) FROM pins p
            LEFT JOIN (SELECT room, message, max(seq) AS seq, kind FROM changes WHERE kind IN ($pin, $unpin) GROUP BY room, message) l
            ON l.room = p.room AND l.message = p.message WHERE l.seq IS NOT p.seq OR l.kind <> $pin
            UNION ALL
            SELECT l.room, printf('message %d was pinned by %d, and is not', l.message, l.seq)
            FROM (SELECT room, message, max(seq) AS seq, kind FROM changes WHERE kind IN ($pin, $unpin) GROUP BY room, message) l
            JOIN messages m ON m.room = l.room AND m.seq = l.message AND m.deleted = 0
            WHERE l.kind = $pin AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.room = l.room AND p.message = l.message)
            """),
        ("A sender's id stands for one change in a room", """
            SELECT c.room, printf('the id %s of %s stands for %d and for %d', c.client_id, c.sender, m.seq, c.seq) FROM changes c
            JOIN messages m ON m.room = c.room AND m.sender = c.sender AND m.client_id = c.client_id
            """),
        ("A read marker is within its room's numbers", """
            SELECT r.room, printf('%s has read up to %d, the head is %d', r.sender, r.seq, o.head) FROM read_markers r
            JOIN rooms o ON o.id = r.room WHERE r.seq < 0 OR r.seq > o.head
            """),
        ("An answered message exists, and is older than its answer", """
            SELECT a.room, printf('message %d answers %d, which is not there or not older', a.seq, a.reply_to) FROM messages a
            WHERE a.reply_to IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.room = a.room AND m.seq = a.reply_to AND m.seq < a.seq)
            """),
        ("An attached file's message is there, and counts it", """
            SELECT f.room, printf('the file %s is attached to message %d, which is not there or deleted', f.id, f.message) FROM files f
            WHERE f.message IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.room = f.room AND m.seq = f.message AND m.deleted = 0)
            UNION ALL
            SELECT m.room, printf('message %d says that it has %d files, it has %d', m.seq, m.files, (SELECT count(*) FROM files f WHERE f.room = m.room AND f.message = m.seq))
            FROM messages m WHERE m.files <> 0 AND m.files <> (SELECT count(*) FROM files f WHERE f.room = m.room AND f.message = m.seq)
            UNION ALL
            SELECT f.room, printf('message %d has %d files, and says that it has none', f.message, count(*))
            FROM files f JOIN messages m ON m.room = f.room AND m.seq = f.message AND m.files = 0 WHERE f.message IS NOT NULL GROUP BY f.room, f.message
            """),
        ("A room is archived exactly if the last change of that says so", """
            SELECT id, printf('archived is %d, and the last change of that is %s', archived, CASE last WHEN $archive THEN 'that it was archived' ELSE 'not' END)
            FROM (SELECT id, archived, (SELECT kind FROM changes WHERE room = id AND kind IN ($archive, $unarchive) ORDER BY seq DESC LIMIT 1) AS last FROM rooms)
            WHERE archived <> coalesce(last = $archive, 0)
            """),
        ("A room's last change is its last change of topic, pins or archiving", """
            SELECT id, printf('the room says that its last change is %d, it is %d', changed, last)
            FROM (SELECT id, changed, coalesce((SELECT max(seq) FROM changes WHERE room = id AND kind IN ($topic, $pin, $unpin, $archive, $unarchive)), 0) AS last FROM rooms)
            WHERE changed <> last
            """),
        // The years 1 to 9999, which a time on the wire can be of.
        ("Every time is in range", """
            SELECT room, printf('message %d has the time %d, and was edited at %d', seq, timestamp, coalesce(edited_at, timestamp)) FROM messages
            WHERE timestamp NOT BETWEEN -62135596800000 AND 253402300799999 OR edited_at NOT BETWEEN -62135596800000 AND 253402300799999
            """),
        ("The history has one name, its epoch", """
            SELECT 0, printf('there are %d epochs, %d of them empty', count(*), total(epoch = '')) FROM server HAVING count(*) <> 1 OR total(epoch = '') > 0
            """),
    ];

    private readonly SqliteConnection _connection;
    private readonly Blobs _blobs;
    private readonly string _path;
    private readonly Dictionary<long, string> _rooms = [];

    /// <summary>Begins a moment of the database.</summary>
    /// <param name="path">The database.</param>
    /// <param name="blobs">The bytes of its files; null for those in its directory.</param>
    /// <exception cref="IOException">There is none.</exception>
    /// <exception cref="SchemaException">It has another schema than this version of Confab.</exception>
    public Verification(string path, Blobs? blobs = null)
    {
        _path = path;
        _blobs = blobs ?? Blobs.In(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!File.Exists(path))
            throw new IOException($"The database {path} does not exist.");
        _connection = new SqliteConnection(path, readOnly: true);
        try
        {
            _connection.Execute("PRAGMA query_only = 1; BEGIN");
            Schema = _connection.QueryInt64("PRAGMA user_version");
            if (Schema != Database.Schema)
                throw new SchemaException($"{path} has schema {Schema}; this version of Confab verifies schema {Database.Schema}. Start the server once to migrate an older database.");
            Epoch = _connection.QueryText("SELECT coalesce((SELECT epoch FROM server), '')");
            using var rooms = _connection.Prepare("SELECT id, name FROM rooms"u8);
            while (rooms.Step())
                _rooms.Add(rooms.Int64(0), Text(rooms, 1));
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public long Schema { get; }

    public string Epoch { get; }

    public int Rooms => _rooms.Count;

    public long Messages => _connection.QueryInt64("SELECT count(*) FROM messages");

    public long Files => _connection.QueryInt64("SELECT count(*) FROM files");

    public long Changes => _connection.QueryInt64("SELECT count(*) FROM changes");

    /// <summary>Checks one rule after the other.</summary>
    /// <param name="quick">Leaves out whether the indexes agree with the tables: for a copy whose indexes were just built.</param>
    /// <param name="hash">Reads every file's bytes, where otherwise their length is enough.</param>
    public IEnumerable<CheckedRule> Check(bool quick = false, bool hash = false)
    {
        yield return CheckFile(quick ? "quick_check" : "integrity_check");
        yield return CheckSchema();
        foreach (var (rule, sql) in s_rules)
            yield return Check(rule, sql);
        yield return CheckTexts();
        yield return CheckBlobs(hash);
    }

    public void Dispose() => _connection.Dispose();

    private CheckedRule CheckFile(string pragma)
    {
        var lines = Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA {pragma}({MaxNamed + 1})"), row => Text(row, 0));
        return Result($"The file is whole (PRAGMA {pragma})", lines is ["ok"] ? [] : lines);
    }

    private CheckedRule CheckTexts()
    {
        var lines = new List<string>();
        var columns = Run("SELECT t.name || ' ' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY 1", row => Text(row, 0)).Select(line => line.Split(' ')).ToLookup(c => c[0], c => c[1]);
        foreach (var table in columns)
        {
            var room = table.Key == "rooms" ? "id" : table.Contains("room") ? "room" : "0";
            string[] names = [.. table];
            var number = table.Contains("seq") ? "seq" : "0";
            lines.AddRange(Run($"SELECT {room}, {number}, * FROM \"{table.Key}\"", row => WhereText(row, table.Key, names)).Take(MaxNamed + 1));
        }

        return Result("A text is UTF-8 without NUL", lines);
    }

    // Empty if all is well.
    private string WhereText(Statement row, string table, string[] columns)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if (row.IsText(2 + i) && (!Utf8.IsValid(row.Text(2 + i)) || row.Text(2 + i).Contains((byte)0)))
                return $"{Where(row.Int64(0))}{table}.{columns[i]}{(row.Int64(1) > 0 ? $" of {row.Int64(1)}" : "")} is not UTF-8, or holds NUL";
        }

        return "";
    }

    // An unattached file may be forgotten, and its bytes removed, while this goes on; of an attached one the same is true if its message
    // is deleted meanwhile, so what is missing is looked up again in the present.
    private CheckedRule CheckBlobs(bool hash)
    {
        var lines = new List<string>();
        using var files = _connection.Prepare("SELECT room, id, message, sha256, size FROM files WHERE message IS NOT NULL"u8);
        while (lines.Count <= MaxNamed && files.Step())
        {
            if (WhatIsWrong(_blobs.PathOf(files.Text(3)), files.Text(3), files.Int64(4), hash) is { } wrong && IsStillThere(Text(files, 1)))
                lines.Add($"{Where(files.Int64(0))}the file {Text(files, 1)} of message {files.Int64(2)} {wrong}");
        }

        files.Reset();
        return Result("An attached file's bytes are on the disk", lines);
    }

    private static string? WhatIsWrong(string path, ReadOnlySpan<byte> sha256, long size, bool hash)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            return "is not on the disk";
        if (file.Length != size)
            return string.Create(CultureInfo.InvariantCulture, $"has {file.Length} bytes on the disk, and should have {size}");
        if (!hash)
            return null;
        using var bytes = file.OpenRead();
        return SHA256.HashData(bytes).AsSpan().SequenceEqual(sha256) ? null : "has other bytes on the disk than were uploaded";
    }

    private bool IsStillThere(string id)
    {
        using var present = new SqliteConnection(_path, readOnly: true);
        using var row = present.Prepare("SELECT 1 FROM files WHERE id = ?1"u8);
        return row.Bind(1, Encoding.UTF8.GetBytes(id)).Step();
    }

    // What the constraints and unique indexes forbid needs no rule of its own, as long as they are there.
    private CheckedRule CheckSchema()
    {
        using var made = new SqliteConnection(":memory:");
        Database.Migrate(made);
        var (expected, found) = (SchemaOf(made), SchemaOf(_connection));
        return Result("The tables and indexes are those of its schema", [
            .. expected.Except(found).Select(sql => $"missing or different: {sql.Split('\n', '(')[0].TrimEnd()}"),
            .. found.Except(expected).Select(sql => $"different or unknown: {sql.Split('\n', '(')[0].TrimEnd()}")]);
    }

    private static HashSet<string> SchemaOf(SqliteConnection connection)
    {
        using var rows = connection.Prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"u8);
        var sql = new HashSet<string>();
        while (rows.Step())
            sql.Add(Text(rows, 0));
        return sql;
    }

    private CheckedRule Check(string rule, string sql) => Result(rule, Run($"SELECT * FROM ({WithKinds(sql)}) LIMIT {MaxNamed + 1}", row => Where(row.Int64(0)) + Text(row, 1)));

    private static CheckedRule Result(string rule, List<string> lines) => new(rule, lines[..Math.Min(lines.Count, MaxNamed)], lines.Count > MaxNamed);

    private List<string> Run(string sql, Func<Statement, string> line)
    {
        var lines = new List<string>();
        try
        {
            using var rows = _connection.Prepare(Encoding.UTF8.GetBytes(sql));
            while (rows.Step())
            {
                if (line(rows) is { Length: > 0 } text)
                    lines.Add(text);
            }
        }
        catch (StorageException e) when (e.IsDamage)
        {
            lines.Add(e.Message);
        }

        return lines;
    }

    private static string Text(Statement row, int column) => Encoding.UTF8.GetString(row.Text(column));

    private string Where(long room) => _rooms.TryGetValue(room, out var name) ? $"{name}: " : "";

    private static string WithKinds(string sql) => new StringBuilder(sql)
        .Replace("$edit", Number(ChangeKind.Edit)).Replace("$delete", Number(ChangeKind.Delete))
        .Replace("$react", Number(ChangeKind.React)).Replace("$unreact", Number(ChangeKind.Unreact)).Replace("$topic", Number(ChangeKind.Topic))
        .Replace("$pin", Number(ChangeKind.Pin)).Replace("$unpin", Number(ChangeKind.Unpin))
        .Replace("$archive", Number(ChangeKind.Archive)).Replace("$unarchive", Number(ChangeKind.Unarchive)).ToString();

    private static string Number(ChangeKind kind) => ((int)kind).ToString(CultureInfo.InvariantCulture);
}
