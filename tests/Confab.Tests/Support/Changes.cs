using System.Text;
using Confab.Protocol;
using Confab.Server.Messages;
using Confab.Server.Messages.Verbs;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Confab.Tests.Support;

/// <summary>Makes changes in a database through the server's own writer, without a server around it.</summary>
internal sealed class Changes : IDisposable
{
    private readonly Database? _database;
    private readonly ChangeRules _rules;
    private readonly ILogWriter _writer;
    private readonly List<Change> _batch = [];

    public Changes(ILogStore store, Limits limits)
    {
        _rules = new ChangeRules(limits);
        _writer = store.OpenWriter(_rules);
    }

    public Changes(string directory)
    {
        _database = new Database(directory, TimeProvider.System);
        _rules = new ChangeRules(new Limits());
        _writer = StoreOf(_database).OpenWriter(_rules);
    }

    /// <summary>The rooms that every new database has.</summary>
    public StoredRoom General { get; } = new QuietRoom(1, "general");

    public StoredRoom Tech { get; } = new QuietRoom(3, "tech");

    public Events Events => _rules.Events;

    public ILogWriter Writer => _writer;

    public static SqliteStore StoreOf(Database database) => new(database, TimeProvider.System, NullLogger<SqliteStore>.Instance);

    /// <summary>A change as somebody asks for it.</summary>
    public static Change Of(ChangeKind kind, StoredRoom room, string sender, long target = 0, string content = "", string id = "") => VerbTable.Of(kind).Make(
        new Draft(target, Encoding.UTF8.GetBytes(content)), room, Encoding.UTF8.GetBytes(sender), Encoding.UTF8.GetBytes(id), Nobody.Instance, new());

    public Change Add(ChangeKind kind, StoredRoom room, string sender, long target = 0, string content = "", string id = "") => Add(Of(kind, room, sender, target, content, id));

    public Change AddFile(StoredRoom room, byte hash = 0, string name = "a.txt") =>
        Add(new NewFile(room, new StoredFile(Guid.NewGuid().ToString("N")[..22], room.Id, [.. Enumerable.Repeat(hash, 32)], name, "text/plain", 1, 0, 0), Nobody.Instance));

    public Change AddRoom(string name, string topic = "") => Add(new RoomCreation(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(topic), Nobody.Instance));

    public Change Add(Change change)
    {
        _batch.Add(change);
        return change;
    }

    /// <summary>Stores what was added, in one transaction.</summary>
    public void Commit(params string[] met)
    {
        var batch = _batch.ToArray();
        _batch.Clear();
        _writer.Commit(batch, [.. met.Select(Encoding.UTF8.GetBytes)]);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _rules.Dispose();
        _database?.Dispose();
    }
}
