using System.Text;
using Confab.Protocol;
using Confab.Server.Messages;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Proofs;

/// <summary>Catching up across the seam between the database and the tail in memory.</summary>
public sealed class CatchUp
{
    [Fact]
    public async Task A_message_that_was_edited_late_still_comes_as_new()
    {
        // The tail holds about fifty of these, and a page of the log 256: the first page ends where the tail goes on.
        await using var server = await TestServer.Start("--limits=off", "--Confab:TailBytesPerRoom=8192");
        await using var ann = await server.Open();
        await ann.Join("general", "ann");
        for (var i = 1; i <= 300; i++)
            await ann.SendJson(new { type = "message", room = "general", content = $"message {i}" });
        await ann.Request("edit", """{"type":"edit","room":"general","message":5,"content":"five","id":"edit"}""");

        await using var bob = await server.Open();
        await bob.SendJson("""{"type":"join","room":"general","after":0}""");
        var mirror = new Mirror("general");
        mirror.Joined(await bob.NextOf("joined"));
        while (mirror.Cursor < 301)
            mirror.Hear(await bob.NextOf("message", "edited", "deleted", "reacted"));
        mirror.Matches(Truth.Read(server.Data).Rooms["general"]);
    }

    [Fact]
    public async Task What_was_deleted_or_edited_is_told_as_it_is_also_while_others_are_there()
    {
        await using var server = await TestServer.Start("--limits=off");
        await using var carl = await server.Open();
        await carl.Join("general", "carl"); // keeps the room's tail
        await using var ben = await server.Open();
        foreach (var (i, frame) in ((string[])[
            """{"type":"message","content":"one"}""", """{"type":"message","content":"two"}""", """{"type":"message","content":"my password is hunter2"}""",
            """{"type":"edit","message":1,"content":"uno"}""", """{"type":"delete","message":3}""", """{"type":"message","content":"first words"}""",
            """{"type":"edit","message":6,"content":"second words"}""", """{"type":"react","message":1,"emoji":"👍"}"""]).Index())
            await ben.Request($"{i}", $"{frame[..^1]},\"room\":\"general\",\"username\":\"ben\",\"id\":\"{i}\"}}");

        await using var ann = await server.Open();
        await ann.SendJson("""{"type":"join","room":"general","after":2}""");
        await ann.NextOf("joined");
        foreach (var (type, seq, id, content) in ((string, long, long, string)[])[("deleted", 5, 3, ""), ("message", 7, 6, "second words"), ("edited", 8, 1, "uno")])
        {
            var told = await ann.NextOf("message", "edited", "deleted", "reacted");
            var data = told.GetProperty("data");
            Assert.Equal((type, seq, id, content), (told.TypeOf(), told.Number("seq"), data.Number("id"), data.Text("content")));
        }

        // From there on it is live: each change as it comes.
        await ben.Request("y", """{"type":"edit","room":"general","username":"ben","message":6,"content":"third words","id":"y"}""");
        Assert.Equal(("edited", 9L), await ann.NextOf("message", "edited", "deleted", "reacted") is var live ? (live.TypeOf(), live.Number("seq")) : default);
    }

    [Fact]
    public async Task What_is_stored_and_not_yet_told_holds_nobody_up()
    {
        await using var server = await TestServer.Start("--Confab:TailBytesPerRoom=0");
        await using var ann = await server.Open();
        await ann.Request("1", """{"type":"message","room":"general","username":"ann","content":"one","id":"1"}""");

        // The moment between a commit and its bells, held fast: another writer has stored a change that the rooms do not know of.
        using (var changes = new Changes(server.Services.GetRequiredService<ILogStore>(), new Limits()))
        {
            changes.Add(ChangeKind.Edit, changes.General, "ann", target: 1, content: "uno");
            changes.Commit();
        }

        await using var bob = await server.Open();
        await bob.SendJson("""{"type":"join","room":"general","after":0}""");
        var mirror = new Mirror("general");
        mirror.Joined(await bob.NextOf("joined"));
        await ann.Request("3", """{"type":"message","room":"general","username":"ann","content":"three","id":"3"}""");
        while (mirror.Cursor < 3)
            mirror.Hear(await bob.NextOf("message", "edited", "deleted", "reacted"));
        mirror.Matches(Truth.Read(server.Data).Rooms["general"]);
    }
}
