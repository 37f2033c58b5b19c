using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Cli;
using Confab.Tests.Support;

namespace Confab.Tests.Messages;

/// <summary>A message that thousands react to, each of them while all rooms wait for the one writer.</summary>
public sealed class ReactionTests : TempFolder
{
    private const int Crowd = 3000;

    public ReactionTests()
    {
        new Database(Folder.FullName, TimeProvider.System).Dispose();
        using var connection = new SqliteConnection(PathOf(Database.FileName));
        connection.Execute($"""
            INSERT INTO messages (room, seq, changed, sender, content, timestamp) VALUES (1, 1, {Crowd + 1}, 'ann', 'Who comes?', 1);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Crowd})
              INSERT INTO reactions (room, message, emoji, sender, seq) SELECT 1, 1, iif(i = 1, '🎉', '👍'), 'p' || i, i + 1 FROM n;
            INSERT INTO changes (room, seq, kind, message, sender, timestamp) SELECT 1, seq, 3, 1, sender, 1 FROM reactions;
            UPDATE rooms SET head = {Crowd + 1} WHERE id = 1;
            """);
    }

    [Fact]
    public async Task A_crowd_s_reactions_are_counted_and_the_earliest_named()
    {
        await using var server = await TestServer.Start($"--data={Folder.FullName}");
        await using var bob = await server.Open();
        await bob.Join("general", "bob");
        await bob.SendJson("""{"type":"react","room":"general","message":1,"emoji":"🎉"}""");
        var reactions = (await bob.NextOf("reacted")).GetProperty("data").GetProperty("reactions");
        Assert.Equal(2, reactions.GetArrayLength());
        Assert.Equal("🎉", reactions[0].Text("emoji"));
        Assert.Equal(2, reactions[0].Number("count"));
        Assert.Equal(["p1", "bob"], reactions[0].GetProperty("usernames").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("👍", reactions[1].Text("emoji"));
        Assert.Equal(Crowd - 1, reactions[1].Number("count"));
        Assert.Equal(Enumerable.Range(2, 50).Select(i => $"p{i}"), reactions[1].GetProperty("usernames").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task A_message_takes_five_thousand_reactions()
    {
        using (var connection = new SqliteConnection(PathOf(Database.FileName)))
        {
            connection.Execute($"""
                WITH RECURSIVE n(i) AS (SELECT {Crowd + 1} UNION ALL SELECT i + 1 FROM n WHERE i < 4999)
                  INSERT INTO reactions (room, message, emoji, sender, seq) SELECT 1, 1, '👍', 'p' || i, i + 1 FROM n;
                INSERT INTO changes (room, seq, kind, message, sender, timestamp) SELECT 1, seq, 3, 1, sender, 1 FROM reactions WHERE seq > {Crowd + 1};
                UPDATE messages SET changed = 5000;
                UPDATE rooms SET head = 5000 WHERE id = 1;
                """);
        }

        await using var server = await TestServer.Start($"--data={Folder.FullName}");
        await using var socket = await server.Open();
        Assert.Equal("ack", await Ask("react", "bob"));
        Assert.Equal("bad_request", await Ask("react", "cleo"));
        Assert.Equal("ack", await Ask("react", "bob"));
        Assert.Equal("ack", await Ask("unreact", "bob"));
        Assert.Equal("ack", await Ask("react", "cleo"));

        async Task<string?> Ask(string type, string username)
        {
            await socket.SendJson(new { type, room = "general", message = 1, emoji = "👍", username, id = Guid.NewGuid().ToString("N") });
            var answer = await socket.NextOf("ack", "error");
            return answer.TypeOf() == "ack" ? "ack" : answer.Text("code");
        }
    }

    [Fact]
    public void Reading_them_takes_steps_by_their_number_not_by_its_square()
    {
        using var connection = new SqliteConnection(PathOf(Database.FileName), readOnly: true);
        var rows = new MessageRows(connection, new FileRows(connection));
        var asked = 0;
        connection.EndWhen(() =>
        {
            asked++;
            return false;
        });
        Assert.NotEmpty(rows.ReactionsOf(new QuietRoom(1, "general"), 1));

        // It is asked every 4,000 steps of SQLite's machine; a row takes about twenty in both passes together, and 9,000,000 pairs of rows far more.
        Assert.InRange(asked, 1, Crowd * 100 / 4000);
    }

    [Fact]
    public async Task One_that_changes_nothing_keeps_no_id()
    {
        await using var server = await TestServer.Start();
        await using var bob = await server.Open();
        await bob.Join("general", "bob");
        Assert.Equal(1, (await bob.Request("m", """{"type":"message","id":"m","room":"general","content":"Tea?"}""")).Number("seq"));
        Assert.Equal(2, await React(bob, "a"));
        // It stands: answered with the number of the first time, and nothing is stored, the id neither.
        Assert.Equal(2, await React(bob, "b"));
        Assert.Equal(3, (await bob.Request("u", """{"type":"unreact","id":"u","room":"general","message":1,"emoji":"👍"}""")).Number("seq"));
        Assert.Equal(2, await React(bob, "a"));
        Assert.Equal(4, await React(bob, "b"));
    }

    [Fact]
    public async Task A_pin_that_changes_nothing_keeps_no_id_either()
    {
        await using var server = await TestServer.Start();
        await using var bob = await server.Open();
        await bob.Join("general", "bob");
        Assert.Equal(1, (await bob.Request("m", """{"type":"message","id":"m","room":"general","content":"Tea?"}""")).Number("seq"));
        Assert.Equal(2, await Pin("a"));
        Assert.Equal(2, await Pin("b"));
        Assert.Equal(3, (await bob.Request("u", """{"type":"unpin","id":"u","room":"general","message":1}""")).Number("seq"));
        Assert.Equal(2, await Pin("a"));
        Assert.Equal(4, await Pin("b"));

        async Task<long> Pin(string id) => (await bob.Request(id, $$"""{"type":"pin","id":"{{id}}","room":"general","message":1}""")).Number("seq");
    }

    private static async Task<long> React(RawWebSocket bob, string id) =>
        (await bob.Request(id, $$"""{"type":"react","id":"{{id}}","room":"general","message":1,"emoji":"👍"}""")).Number("seq");
}
