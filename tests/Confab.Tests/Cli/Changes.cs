using System.Text;
using Confab.Protocol;
using Confab.Server.Messages;
using Confab.Server.Storage;

namespace Confab.Tests.Cli;

/// <summary>Makes changes in a database through the server's own writer, without a server around it.</summary>
internal sealed class Changes : IChangeOwner, IDisposable
{
    private readonly Database _database;
    private readonly ChangeRules _rules = new(new Limits());
    private readonly Writer _writer;
    private readonly List<Change> _batch = [];

    public Changes(string directory)
    {
        _database = new Database(directory, TimeProvider.System);
        _writer = new Writer(_database, _rules, TimeProvider.System);
    }

    /// <summary>The rooms that every new database has.</summary>
    public StoredRoom General { get; } = new Room(1, "general");

    public StoredRoom Tech { get; } = new Room(3, "tech");

    public Change Add(ChangeKind kind, StoredRoom room, string sender, long target = 0, string content = "", string id = "")
    {
        var change = new Change().Ask(kind, room, Encoding.UTF8.GetBytes(sender), target, Encoding.UTF8.GetBytes(content), Encoding.UTF8.GetBytes(id), this);
        _batch.Add(change);
        return change;
    }

    public Change AddFile(StoredRoom room)
    {
        var file = new StoredFile(Guid.NewGuid().ToString("N")[..22], room.Id, new byte[32], "a.txt", "text/plain", 1, 0, 0);
        var change = new Change { File = file }.Ask(ChangeKind.AddFile, room, [], 0, default, default, this);
        _batch.Add(change);
        return change;
    }

    /// <summary>Stores what was added, in one transaction.</summary>
    public void Commit()
    {
        _writer.Commit(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_batch));
        _batch.Clear();
    }

    public void Done(Change change)
    {
    }

    public void Dispose()
    {
        _writer.Dispose();
        _rules.Dispose();
        _database.Dispose();
    }

    internal sealed class Room(long id, string name) : StoredRoom(id, Encoding.UTF8.GetBytes(name))
    {
        public override void Append(long seq, ReadOnlySpan<byte> frame)
        {
        }

        public override void Ring(long head)
        {
        }
    }
}
