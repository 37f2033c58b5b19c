using Confab.Protocol;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Support;

namespace Confab.Tests.Storage;

/// <summary>The log in SQLite.</summary>
public sealed class SqliteStoreTests : StoreSuite
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("confab-test-");
    private Database? _database;

    private string DatabasePath => Path.Combine(_folder.FullName, Database.FileName);

    internal override ILogStore Open() => Changes.StoreOf(_database = new Database(_folder.FullName, TimeProvider.System));

    internal override void Close()
    {
        _database?.Dispose();
        _database = null;
    }

    public override void Dispose()
    {
        base.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_batch_that_was_broken_off_harms_no_later_one()
    {
        using var changes = new Changes(Open(), new Limits());
        changes.Add(ChangeKind.Message, changes.General, "ann", content: "one");
        changes.Add(ChangeKind.React, changes.General, "bob", target: 1, content: "👍");
        changes.Commit();

        // The reactions cannot be read while the edited message's own row is being read: what is open then must be closed.
        using var other = new SqliteConnection(DatabasePath);
        other.Execute("ALTER TABLE reactions RENAME TO hidden");
        var edit = changes.Add(ChangeKind.Edit, changes.General, "ann", target: 1, content: "One.");
        Assert.Throws<SqliteException>(() => changes.Commit());

        other.Execute("ALTER TABLE hidden RENAME TO reactions");
        changes.Add(edit);
        changes.Commit();
        Assert.Equal(3, edit.Seq);
        Assert.False(edit.Refusal.IsRefused);
    }
}
