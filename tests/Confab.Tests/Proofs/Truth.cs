using System.Text;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;

namespace Confab.Tests.Proofs;

/// <summary>What stands in a database file, read with SQL of the tests' own: every number of every room, and what it is about.</summary>
internal sealed class Truth
{
    private Truth(string epoch, Dictionary<string, RoomTruth> rooms)
    {
        Epoch = epoch;
        Rooms = rooms;
    }

    public string Epoch { get; }

    public IReadOnlyDictionary<string, RoomTruth> Rooms { get; }

    /// <summary>Reads it all at one moment; the server may be running or not.</summary>
    public static Truth Read(string directory)
    {
        using var connection = new SqliteConnection(Path.Combine(directory, Database.FileName), readOnly: true);
        connection.Execute("BEGIN");
        Assert.Equal("ok", connection.QueryText("PRAGMA integrity_check"));
        var rooms = new Dictionary<string, RoomTruth>();
        var statement = connection.Prepare("SELECT id, name, head, changed, topic FROM rooms"u8);
        while (statement.Step())
            rooms.Add(Text(statement, 1), new RoomTruth(connection, statement.Int64(0), Text(statement, 1), statement.Int64(2), statement.Int64(3)));
        return new Truth(connection.QueryText("SELECT epoch FROM server"), rooms);
    }

    internal static string Text(Statement row, int column) => Encoding.UTF8.GetString(row.Text(column));
}

/// <summary>One number of a room.</summary>
/// <param name="Message">The message it posted or changed; 0 for the room itself.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Sender">Who did it.</param>
/// <param name="ClientId">The key it came with; empty when none.</param>
internal sealed record Numbered(long Message, ChangeKind Kind, string Sender, string ClientId);

/// <summary>A room in the database.</summary>
internal sealed class RoomTruth
{
    private readonly SortedDictionary<long, Numbered> _numbers = [];
    private readonly long _roomChanged;

    internal RoomTruth(SqliteConnection connection, long id, string name, long head, long roomChanged)
    {
        Name = name;
        Head = head;
        _roomChanged = roomChanged;
        var messages = connection.Prepare("SELECT seq, changed, sender, content, edited_at IS NOT NULL, deleted, reply_to, client_id FROM messages WHERE room = ?1"u8).Bind(1, id);
        var reactions = connection.Prepare("SELECT emoji, sender FROM reactions WHERE room = ?1 AND message = ?2 ORDER BY seq"u8);
        while (messages.Step())
        {
            var inOrder = new List<(string, string)>();
            reactions.Bind(1, id).Bind(2, messages.Int64(0));
            while (reactions.Step())
                inOrder.Add((Truth.Text(reactions, 0), Truth.Text(reactions, 1)));
            var seq = messages.Int64(0);
            Messages.Add(seq, new MessageState(seq, Truth.Text(messages, 2), Truth.Text(messages, 3), messages.Int64(4) != 0, messages.Int64(5) != 0, messages.Int64(6), MessageState.TextOf(inOrder)));
            Changed.Add(seq, messages.Int64(1));
            _numbers.Add(seq, new Numbered(seq, ChangeKind.Message, Truth.Text(messages, 2), Truth.Text(messages, 7)));
        }

        var pins = connection.Prepare("SELECT message FROM pins WHERE room = ?1 ORDER BY seq"u8).Bind(1, id);
        while (pins.Step())
            Pins.Add(pins.Int64(0));

        // Pins (6 and 7) name a message, and change the room.
        var changes = connection.Prepare("SELECT seq, kind, iif(kind IN (6, 7), 0, message), sender, client_id FROM changes WHERE room = ?1"u8).Bind(1, id);
        while (changes.Step())
            _numbers.Add(changes.Int64(0), new Numbered(changes.Int64(2), (ChangeKind)changes.Int64(1), Truth.Text(changes, 3), Truth.Text(changes, 4)));
    }

    public string Name { get; }

    public long Head { get; }

    /// <summary>Every message in its present state, by its number.</summary>
    public SortedDictionary<long, MessageState> Messages { get; } = [];

    /// <summary>The pinned messages, in the order in which they were pinned.</summary>
    public List<long> Pins { get; } = [];

    /// <summary>The number of each message's last change.</summary>
    public Dictionary<long, long> Changed { get; } = [];

    /// <summary>What each number is about.</summary>
    public IReadOnlyDictionary<long, Numbered> Numbers => _numbers;

    /// <summary>Promise 3: the numbers are 1, 2, 3 … to the head, and every message's last change is one of its own.</summary>
    public void IsWhole()
    {
        Assert.Equal(Enumerable.Range(1, (int)Head).Select(n => (long)n), Numbers.Keys);
        Assert.All(Changed, c => Assert.Equal(c.Key, Numbers[c.Value].Message));
        Assert.All(Numbers, n => Assert.True(n.Value.Message == 0 ? n.Key <= _roomChanged : n.Key <= Changed[n.Value.Message], $"{Name}: {n.Key} is later than the last change of what it changed."));
        var keys = Numbers.Values.Where(n => n.ClientId.Length > 0).Select(n => (n.Sender, n.ClientId)).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    /// <summary>Whether a catch-up may skip a number: something later says more about the same thing.</summary>
    public bool IsSuperseded(long seq) => Numbers[seq].Message is var message && seq < (message == 0 ? _roomChanged : Changed[message]);
}
