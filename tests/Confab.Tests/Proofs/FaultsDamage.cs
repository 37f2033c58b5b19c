using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>A database with damaged pages: what needs them is refused, and everybody else goes on, in this life of the server and in the next.</summary>
public sealed class FaultsDamage : IDisposable
{
    private const int PageSize = 4096;

    private readonly FaultyDisk _disk = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_damaged_page_is_refused_to_who_needs_it_and_to_nobody_else()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory());
        for (var i = 0; i < 100; i++)
            await Post(server, "general", $"needle {i} {new string('x', 1000)}");
        await Post(server, "random", "hi");
        server.Terminate();
        Assert.Equal(0, await server.Ended());
        Damage(server.Data, "needle 5 ");

        // Twice, since it is met again after every start.
        for (var life = 0; life < 2; life++)
        {
            server.Start();
            await server.Ready();
            await using var ann = await RawWebSocket.Open(server.EndPoint);
            for (var again = 0; again < 3; again++)
            {
                using var page = await server.Http.GetAsync("/api/rooms/general/messages?after=0&limit=50", Cancel);
                Assert.Equal(503, (int)page.StatusCode);
                Assert.Equal("storage_unavailable", (await page.Content.ReadFromJsonAsync<JsonElement>(Cancel)).Text("code"));
                var refused = await ann.Request("j", """{"type":"join","id":"j","room":"general","username":"ann","history":200}""");
                Assert.Equal("storage_unavailable", refused.Text("code"));
                Assert.True(refused.Number("retry_after_ms") > 0);
            }

            // Whoever cannot be told what was missed is sent away: nothing is skipped.
            await using (var bob = await RawWebSocket.Open(server.EndPoint))
            {
                await bob.Request("j", """{"type":"join","id":"j","room":"general","username":"bob","after":0}""");
                await bob.IsClosedWith(1013);
            }

            Assert.Equal(200, (int)(await server.Http.GetAsync("/api/rooms/general/messages?limit=5", Cancel)).StatusCode);
            await ann.Join("random", "ann");
            var answer = await ann.Request($"m{life}", $$"""{"type":"message","id":"m{{life}}","room":"random","content":"still here {{life}}"}""");
            Assert.Equal("ack", answer.TypeOf());
            Assert.Equal("ready\n", await server.Http.GetStringAsync("/health/ready", Cancel));
            Assert.Contains(server.Output, line => line.Contains(Path.Combine(server.Data, Database.FileName), StringComparison.Ordinal) && line.Contains("damaged", StringComparison.Ordinal));
            var metrics = await server.Http.GetStringAsync("/metrics", Cancel);
            Assert.Contains(metrics.Split('\n'), line => line.StartsWith("confab_reads_failed_total", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal));
            server.Terminate();
            Assert.Equal(0, await server.Ended());
        }
    }

    [Fact]
    public async Task A_change_that_needs_a_damaged_page_is_refused_and_the_others_are_stored()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory());
        for (var i = 0; i < 100; i++)
            await Post(server, "general", $"needle {i} {new string('x', 1000)}");
        server.Terminate();
        await server.Ended();
        Damage(server.Data, "needle 5 ");
        server.Start();
        await server.Ready();

        await using var guest = await RawWebSocket.Open(server.EndPoint);
        for (var again = 0; again < 3; again++)
        {
            await guest.SendJson(new { type = "edit", id = "e", room = "general", username = "ann", message = 6, content = "never" });
            await guest.SendJson(new { type = "message", id = $"m{again}", room = "general", username = "ann", content = "goes on" });
            await guest.SendJson(new { type = "message", id = $"r{again}", room = "random", username = "ann", content = "goes on" });
            var answers = new[] { await guest.NextOf("ack", "error"), await guest.NextOf("ack", "error"), await guest.NextOf("ack", "error") };
            Assert.Equal("storage_unavailable", Assert.Single(answers, a => a.Text("id") == "e").Text("code"));
            Assert.Equal(101 + again, Assert.Single(answers, a => a.Text("id") == $"m{again}").Number("seq"));
            Assert.Equal("ack", Assert.Single(answers, a => a.Text("id") == $"r{again}").TypeOf());
        }

        Assert.False(server.HasEnded);
    }

    [Fact]
    public async Task Words_of_other_rooms_are_found_beside_a_damaged_one()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory());
        for (var i = 0; i < 100; i++)
            await Post(server, "general", $"needle {i} {new string('x', 1000)}");
        await Post(server, "random", "unscathed");
        server.Terminate();
        await server.Ended();
        Damage(server.Data, "needle 5 ");
        File.Delete(Path.Combine(server.Data, "search.db"));
        server.Start();
        await server.Ready();

        await Wait.Until("the word to be found", async () => (await server.Http.GetFromJsonAsync<JsonElement>("/api/search?q=unscathed", Cancel)).GetProperty("results").GetArrayLength() == 1);
        var index = new FileInfo(Path.Combine(server.Data, "search.db")).CreationTimeUtc;
        await Post(server, "random", "later");
        await Wait.Until("the word to be found", async () => (await server.Http.GetFromJsonAsync<JsonElement>("/api/search?q=later", Cancel)).GetProperty("results").GetArrayLength() == 1);
        Assert.Equal(index, new FileInfo(Path.Combine(server.Data, "search.db")).CreationTimeUtc);
    }

    [Fact]
    public async Task Readers_that_cannot_open_the_database_refuse_until_they_can()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory(), _disk);
        _disk.Fail("confab-read", "read", "db", "wal");
        for (var i = 0; i < 10; i++)
        {
            using var page = await server.Http.GetAsync("/api/rooms/general/messages", Cancel);
            Assert.Equal(503, (int)page.StatusCode);
        }

        _disk.Heal();
        Assert.Equal(0, (await server.Http.GetFromJsonAsync<JsonElement>("/api/rooms/general/messages", Cancel)).GetArrayLength());
    }

    public void Dispose() => _disk.Dispose();

    private static async Task Post(ChildServer server, string room, string content)
    {
        using var answer = await server.Http.PostAsJsonAsync($"/api/rooms/{room}/messages", new { username = "ann", content }, Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
    }

    // The page that holds a text, as a disk might give it back.
    private static void Damage(string data, string text)
    {
        var path = Path.Combine(data, Database.FileName);
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        Assert.True(at > 0, "The text is not in the database file.");
        bytes.AsSpan(at / PageSize * PageSize, PageSize).Fill(0xA5);
        File.WriteAllBytes(path, bytes);
    }
}
