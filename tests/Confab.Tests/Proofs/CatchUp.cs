using System.Text;
using Confab.Protocol;
using Confab.Server.Storage;
using Confab.Tests.Hosting;
using Confab.Tests.Raw;
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
    public async Task What_is_stored_and_not_yet_told_holds_nobody_up()
    {
        await using var server = await TestServer.Start("--Confab:TailBytesPerRoom=0");
        await using var ann = await server.Open();
        await ann.Request("1", """{"type":"message","room":"general","username":"ann","content":"one","id":"1"}""");

        // The moment between a commit and its bells, held fast: another writer has stored a change that the rooms do not know of.
        var database = server.Services.GetRequiredService<Database>();
        using (var writer = new Writer(database, new Limits(), TimeProvider.System))
            writer.Commit([new Change().Ask(ChangeKind.Edit, new Unheard(1, "general"), "ann"u8.ToArray(), 1, "uno"u8, default, Unheard.Nobody)]);

        await using var bob = await server.Open();
        await bob.SendJson("""{"type":"join","room":"general","after":0}""");
        var mirror = new Mirror("general");
        mirror.Joined(await bob.NextOf("joined"));
        await ann.Request("3", """{"type":"message","room":"general","username":"ann","content":"three","id":"3"}""");
        while (mirror.Cursor < 3)
            mirror.Hear(await bob.NextOf("message", "edited", "deleted", "reacted"));
        mirror.Matches(Truth.Read(server.Data).Rooms["general"]);
    }

    private sealed class Unheard(long id, string name) : StoredRoom(id, Encoding.UTF8.GetBytes(name))
    {
        public static readonly IChangeOwner Nobody = new Nobodys();

        public override void Append(long seq, ReadOnlySpan<byte> frame)
        {
        }

        public override void Ring(long head)
        {
        }

        private sealed class Nobodys : IChangeOwner
        {
            public void Done(Change change)
            {
            }
        }
    }
}
