using System.Text;
using Confab.Protocol;
using Confab.Server.Messages;
using Confab.Server.Messages.Verbs;
using Confab.Server.Storage;
using Confab.Tests.Support;
using CsCheck;

namespace Confab.Tests.Storage;

/// <summary>What every store of the log keeps, whatever database it is in. Each is a class that opens it.</summary>
public abstract class StoreSuite : IDisposable
{
    /// <summary>Opens the store, the same one again after it was closed.</summary>
    internal abstract ILogStore Open();

    internal abstract void Close();

    public virtual void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void What_is_stored_is_what_the_contract_says()
    {
        using var model = new StoreModel(Open());
        StoreModel.Plans.Sample(model.Play, iter: Effort.Cases(300), threads: 1);
    }

    [Fact]
    public void A_new_one_has_three_rooms_and_keeps_its_epoch()
    {
        var first = Open();
        using (var reader = first.OpenReader())
            Assert.Equal(["general", "random", "tech"], reader.Rooms().Select(row => Encoding.UTF8.GetString(row.Name)));
        Assert.NotEmpty(first.Epoch);
        Close();
        Assert.Equal(first.Epoch, Open().Epoch);
    }

    [Fact]
    public void What_was_committed_is_there_when_it_is_opened_again()
    {
        using (var changes = new Changes(Open(), new Limits()))
        {
            changes.Add(ChangeKind.Message, changes.General, "ann", content: "one", id: "a");
            changes.AddRoom("Käse", "cheese");
            changes.Commit();
        }

        Close();
        var store = Open();
        using var reader = store.OpenReader();
        Assert.Equal(["general 1", "random 0", "tech 0", "Käse 0"], reader.Rooms().Select(row => $"{Encoding.UTF8.GetString(row.Name)} {row.Head}"));
        using var again = new Changes(store, new Limits());
        var repeat = again.Add(ChangeKind.Message, again.General, "ann", content: "one", id: "a");
        again.Commit();
        Assert.Equal((1, true), (repeat.Seq, repeat.Repeated));
    }

    [Fact]
    public void A_reader_sees_one_moment()
    {
        var store = Open();
        using var changes = new Changes(store, new Limits());
        changes.Add(ChangeKind.Message, changes.General, "ann", content: "one");
        changes.Commit();
        using var reader = store.OpenReader();
        reader.Begin();
        Assert.Equal((1, 0), reader.Head(changes.General));
        changes.Add(ChangeKind.Edit, changes.General, "ann", target: 1, content: "two");
        changes.Add(ChangeKind.Topic, changes.General, "ann", content: "tea");
        changes.Commit();
        Assert.Equal((1, 0), reader.Head(changes.General));
        Assert.True(reader.Messages.Find(changes.General, 1));
        Assert.Equal("one", Encoding.UTF8.GetString(reader.Messages.Row.Content));
        reader.Messages.Reset();
        reader.End();
        reader.Begin();
        Assert.Equal((3, 3), reader.Head(changes.General));
        reader.End();
    }

    [Fact]
    public void A_room_of_a_name_is_made_once()
    {
        using var changes = new Changes(Open(), new Limits());
        var (first, second) = (changes.AddRoom("tea"), changes.AddRoom("tea"));
        changes.Commit();
        Assert.False(first.Refusal.IsRefused);
        Assert.Equal(RefusalCode.Conflict, second.Refusal.Code);
    }

    [Fact]
    public void A_marker_moves_forward_only_and_not_beyond_the_head()
    {
        var store = Open();
        using var changes = new Changes(store, new Limits());
        for (var i = 0; i < 3; i++)
            changes.Add(ChangeKind.Message, changes.General, "ann", content: "tea");
        var markers = new[] { 2, 1, 3, 4 }.Select(seq => changes.Add(ChangeKind.Read, changes.General, "bob", target: seq)).ToArray();
        changes.Commit();
        Assert.Equal([(2, false), (2, true), (3, false), (0, false)], markers.Select(marker => ((int)marker.Seq, marker.Repeated)));
        Assert.Equal(RefusalCode.BadRequest, markers[3].Refusal.Code);
        using var reader = store.OpenReader();
        Assert.Equal((3, -1), (reader.ReadMarker(changes.General, "bob"u8), reader.ReadMarker(changes.General, "ann"u8)));
    }

    [Fact]
    public void A_file_belongs_to_one_message_and_goes_with_it()
    {
        var store = Open();
        using var changes = new Changes(store, new Limits());
        var file = (NewFile)changes.AddFile(changes.General, hash: 7, "ä.txt");
        var id = Encoding.UTF8.GetBytes(file.File.Id);
        var (message, late) = (WithFile(), WithFile());
        changes.Commit();
        Assert.Equal((1, RefusalCode.NotFound), (message.Seq, late.Refusal.Code));
        using (var reader = store.OpenReader())
        {
            Assert.Equal(["ä.txt"], reader.Messages.FilesOf(changes.General, 1).Select(f => f.Name));
            Assert.Equal(file.File.Sha256, reader.FindFile(file.File.Id)!.Sha256);
            Assert.True(reader.IsUsed(file.File.Sha256));
        }

        changes.Add(ChangeKind.Delete, changes.General, "ann", target: 1);
        changes.Commit();
        Assert.Equal([file.File.Sha256], changes.Writer.Released);
        using var after = store.OpenReader();
        Assert.Null(after.FindFile(file.File.Id));
        Assert.False(after.IsUsed(file.File.Sha256));
        changes.Commit();
        Assert.Empty(changes.Writer.Released);

        Change WithFile() => changes.Add(VerbTable.Of(ChangeKind.Message).Make(new Draft(0, "see"u8, id), changes.General, "ann"u8.ToArray(), default, Nobody.Instance, new()));
    }

    [Fact]
    public void A_file_whose_room_was_archived_while_it_came_is_not_kept()
    {
        using var changes = new Changes(Open(), new Limits());
        changes.Add(ChangeKind.Archive, changes.Tech, "ann");
        var late = changes.AddFile(changes.Tech);
        var other = changes.AddFile(changes.General);
        changes.Commit();
        Assert.Equal(RefusalCode.Forbidden, late.Refusal.Code);
        Assert.False(other.Refusal.IsRefused);
    }

    [Fact]
    public void Files_that_no_message_took_are_forgotten_and_others_are_not()
    {
        var store = Open();
        using var changes = new Changes(store, new Limits());
        var taken = (NewFile)changes.AddFile(changes.General, hash: 1);
        changes.Add(VerbTable.Of(ChangeKind.Message).Make(new Draft(0, default, Encoding.UTF8.GetBytes(taken.File.Id)), changes.General, "ann"u8.ToArray(), default, Nobody.Instance, new()));
        changes.AddFile(changes.General, hash: 2);
        changes.Commit();
        changes.Add(new OldFiles(before: 1, Nobody.Instance));
        changes.Commit();
        Assert.Empty(changes.Writer.Released);
        changes.Add(new OldFiles(before: long.MaxValue, Nobody.Instance));
        changes.Commit();
        Assert.Equal([2], changes.Writer.Released.Select(hash => hash[0]));
    }

    [Fact]
    public void Whom_a_message_means_is_looked_up_among_the_names_in_use()
    {
        var store = Open();
        using var changes = new Changes(store, new Limits());
        changes.Add(ChangeKind.Message, changes.General, "Zoë", content: "@ann @Bob @zoe @nobody");
        changes.Commit("Ann", "bob");
        using var reader = store.OpenReader();
        Assert.True(reader.Messages.Find(changes.General, 1));
        Assert.Equal("""["Ann","bob","Zoë"]""", Encoding.UTF8.GetString(reader.Messages.Row.Mentions));
        reader.Messages.Reset();
    }

    [Fact]
    public void Who_answered_last_is_told_and_how_often()
    {
        var store = Open();
        using var changes = new Changes(store, new Limits());
        foreach (var (sender, target) in new[] { ("ann", 0), ("bob", 1), ("cleo", 1), ("bob", 1), ("dora", 1), ("emil", 1) })
            changes.Add(ChangeKind.Message, changes.General, sender, target, "tea");
        changes.Commit();
        using var reader = store.OpenReader();
        var replies = reader.Messages.RepliesTo(changes.General, 1);
        Assert.Equal((5, 6), (replies.Count, replies.Last));
        Assert.Equal(["emil", "dora", "bob"], replies.Senders.Select(Encoding.UTF8.GetString));
        Assert.Equal(0, reader.Messages.RepliesTo(changes.General, 2).Count);
        reader.Messages.StartReplies(changes.General, 1, after: 3, limit: 2);
        var found = new List<long>();
        while (reader.Messages.Step())
            found.Add(reader.Messages.Row.Id);
        Assert.Equal([4, 5], found);
    }

    [Fact]
    public void A_write_that_says_nothing_goes_through()
    {
        using var changes = new Changes(Open(), new Limits());
        var probe = changes.Add(new Probe(Nobody.Instance));
        changes.Commit();
        Assert.False(probe.Refusal.IsRefused);
        Assert.Empty(changes.Writer.Numbered);
        changes.Writer.Tidy();
    }
}
