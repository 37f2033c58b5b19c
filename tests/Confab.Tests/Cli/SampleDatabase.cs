using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Support;

namespace Confab.Tests.Cli;

/// <summary>A database with every kind of change in it, to be copied and damaged.</summary>
public sealed class SampleDatabase : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("confab-test-");

    public SampleDatabase()
    {
        using var changes = new Changes(Location);
        var room = changes.General;
        changes.Add(ChangeKind.Message, room, "ann", content: "one", id: "a1");
        changes.Add(ChangeKind.Message, room, "bob", target: 1, content: "two", id: "b1");
        changes.Add(ChangeKind.Edit, room, "ann", target: 1, content: "One.", id: "a2");
        changes.Add(ChangeKind.React, room, "bob", target: 1, content: "👍", id: "b2");
        changes.Commit();
        changes.Add(ChangeKind.React, room, "ann", target: 1, content: "🎉");
        changes.Add(ChangeKind.Unreact, room, "ann", target: 1, content: "🎉");
        changes.Add(ChangeKind.React, room, "ann", target: 2, content: "🎉");
        changes.Add(ChangeKind.Delete, room, "bob", target: 2, id: "b3");
        changes.Add(ChangeKind.Topic, room, "ann", content: "numbers");
        changes.Add(ChangeKind.Message, room, "cat", content: "three");
        changes.Add(ChangeKind.Read, room, "bob", target: 5);
        changes.Commit();
        changes.Add(ChangeKind.Message, changes.Tech, "ann", content: "elsewhere", id: "a1");
        changes.Add(ChangeKind.Pin, changes.Tech, "ann", target: 1);
        changes.Add(ChangeKind.Unpin, changes.Tech, "bob", target: 1);
        changes.Add(ChangeKind.Pin, changes.Tech, "bob", target: 1, id: "b1");
        changes.Add(ChangeKind.Archive, changes.Tech, "bob");
        changes.Commit();
    }

    /// <summary>The head of the room <c>general</c>, whose id is 1. Messages are 1, 2 (deleted) and 10; the topic is change 9. In <c>tech</c>, room 3, message 1 is pinned, by change 4, and the room archived by 5.</summary>
    public const int Head = 10;

    private string Location => _directory.FullName;

    /// <summary>A data directory with a copy.</summary>
    public string CopyTo(DirectoryInfo parent)
    {
        var copy = parent.CreateSubdirectory(Guid.NewGuid().ToString("N")).FullName;
        File.Copy(Path.Combine(Location, Database.FileName), Path.Combine(copy, Database.FileName));
        return copy;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
