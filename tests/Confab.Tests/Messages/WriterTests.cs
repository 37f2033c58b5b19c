using Confab.Protocol;
using Confab.Server.Storage;
using Confab.Tests.Cli;

namespace Confab.Tests.Messages;

/// <summary>Batches that fail on their way.</summary>
public sealed class WriterTests : TempFolder
{
    [Fact]
    public void A_file_whose_room_was_archived_while_it_came_is_not_kept()
    {
        using var changes = new Changes(Folder.FullName);
        changes.Add(ChangeKind.Archive, changes.Tech, "ann");
        var late = changes.AddFile(changes.Tech);
        var other = changes.AddFile(changes.General);
        changes.Commit();
        Assert.Equal(RefusalCode.Forbidden, late.Refusal.Code);
        Assert.False(other.Refusal.IsRefused);
    }

    [Fact]
    public void A_batch_that_was_broken_off_harms_no_later_one()
    {
        using var changes = new Changes(Folder.FullName);
        changes.Add(ChangeKind.Message, changes.General, "ann", content: "one");
        changes.Add(ChangeKind.React, changes.General, "bob", target: 1, content: "👍");
        changes.Commit();

        // The reactions cannot be read while the edited message's own row is being read: what is open then must be closed.
        using var other = new SqliteConnection(PathOf(Database.FileName));
        other.Execute("ALTER TABLE reactions RENAME TO hidden");
        var edit = changes.Add(ChangeKind.Edit, changes.General, "ann", target: 1, content: "One.");
        Assert.Throws<StorageException>(changes.Commit);

        other.Execute("ALTER TABLE hidden RENAME TO reactions");
        changes.Commit();
        Assert.Equal(3, edit.Seq);
        Assert.False(edit.Refusal.IsRefused);
    }
}
