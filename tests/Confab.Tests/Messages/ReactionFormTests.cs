using System.Text.Json;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Cli;
using Confab.Tests.Protocol;
using Confab.Tests.Support;

namespace Confab.Tests.Messages;

/// <summary>A reaction is one emoji in its one form; those of before are still known.</summary>
public sealed class ReactionFormTests : TempFolder
{
    [Fact]
    public async Task What_was_stored_before_is_taken_away_as_it_is()
    {
        new Database(Folder.FullName, TimeProvider.System).Dispose();
        using (var connection = new SqliteConnection(PathOf(Database.FileName)))
        {
            connection.Execute("""
                INSERT INTO messages (room, seq, changed, sender, content, timestamp) VALUES (1, 1, 5, 'ann', 'Tea?', 1);
                INSERT INTO reactions (room, message, emoji, sender, seq) VALUES (1, 1, 'ok', 'bob', 2), (1, 1, char(0x2764), 'bob', 3), (1, 1, char(0x2764, 0xFE0F), 'bob', 4), (1, 1, '👍', 'bob', 5);
                INSERT INTO changes (room, seq, kind, message, sender, timestamp) SELECT 1, seq, 3, 1, sender, 1 FROM reactions;
                UPDATE rooms SET head = 5 WHERE id = 1;
                """);
        }

        await using var server = await TestServer.Start($"--data={Folder.FullName}");
        await using var bob = await server.Open();
        await bob.Join("general", "bob");
        Assert.Equal(["\u2764", "\u2764\uFE0F", "👍"], await Unreact("ok", "a"));
        Assert.Equal(["\u2764\uFE0F", "👍"], await Unreact("\u2764", "b"));
        Assert.Equal(["👍"], await Unreact("\u2764", "c"));
        Assert.Empty(await Unreact("👍\uFE0F", "d"));
        Assert.Equal("not_found", (await Ask("ok", "e")).Text("code"));
        Assert.Equal("not_found", (await Ask("👍", "f")).Text("code"));

        async Task<string?[]> Unreact(string emoji, string id)
        {
            Assert.Equal("ack", (await Ask(emoji, id)).TypeOf());
            var data = (await bob.NextOf("reacted")).GetProperty("data");
            return data.TryGetProperty("reactions", out var left) ? [.. left.EnumerateArray().Select(reaction => reaction.Text("emoji"))] : [];
        }

        Task<JsonElement> Ask(string emoji, string id) => bob.Request(id, JsonSerializer.Serialize(new { type = "unreact", id, room = "general", message = 1, emoji }));
    }

    [Fact]
    public async Task An_emoji_is_one_reaction_however_it_is_written()
    {
        await using var server = await TestServer.Start();
        await using var bob = await server.Open();
        await bob.Join("general", "bob");
        await bob.Request("m", """{"type":"message","id":"m","room":"general","content":"Tea?"}""");
        Assert.Equal(2, await Ask("react", "\u2764", "a"));
        Assert.Equal("\u2764\uFE0F", (await bob.NextOf("reacted")).GetProperty("data").GetProperty("reactions")[0].Text("emoji"));
        Assert.Equal(2, await Ask("react", "\u2764\uFE0F", "a"));
        Assert.Equal(2, await Ask("react", "\u2764\uFE0F", "b"));
        Assert.Equal(3, await Ask("react", "👍\uFE0F", "c"));
        Assert.Equal(["\u2764\uFE0F", "👍"], (await bob.NextOf("reacted")).GetProperty("data").GetProperty("reactions").EnumerateArray().Select(reaction => reaction.Text("emoji")));
        Assert.Equal(4, await Ask("unreact", "\u2764", "d"));
        Assert.Equal(4, await Ask("unreact", "\u2764\uFE0F", "d"));
        Assert.Equal(5, await Ask("unreact", "👍\uFE0F", "e"));

        async Task<long> Ask(string type, string emoji, string id) => (await bob.Request(id, JsonSerializer.Serialize(new { type, id, room = "general", message = 1, emoji }))).Number("seq");
    }

    [Fact]
    public async Task What_is_not_exactly_one_emoji_is_refused()
    {
        await using var server = await TestServer.Start("--Confab:Limits:MessageBurst=1000");
        await using var bob = await server.Open();
        await bob.Join("general", "bob");
        await bob.Request("m", """{"type":"message","id":"m","room":"general","content":"Tea?"}""");
        foreach (var (number, vector) in Vectors.All.Where(vector => vector.File == "emoji").Index())
        {
            var emoji = vector.Json.Text("given");
            var answer = await bob.Request($"r{number}", JsonSerializer.Serialize(new { type = "react", id = $"r{number}", room = "general", message = 1, emoji }));
            if (vector.Json.Text("stored") is null)
                Assert.Equal("bad_request", answer.Text("code"));
            else
                Assert.Equal("ack", answer.TypeOf());
            // Three in a row that are refused would end the connection.
            Assert.Equal("ack", (await bob.Request("u", JsonSerializer.Serialize(new { type = "pin", id = "u", room = "general", message = 1 }))).TypeOf());
        }
    }
}
