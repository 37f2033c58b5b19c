using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>A disk that fails while the server runs: what is refused was not stored, what was acknowledged stays, and where nothing can be promised the server ends.</summary>
public sealed class FaultsStorage : IDisposable
{
    private readonly FaultyDisk _disk = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_fsync_acknowledges_nothing_and_ends_the_server()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory(), _disk);
        await using (var ann = await RawWebSocket.Open(server.EndPoint))
        {
            await ann.Join("general", "ann");
            for (var i = 1; i <= 20; i++)
                Assert.Equal(i, (await Post(ann, i)).Number("seq"));
            _disk.Fail("confab-log", "sync", "wal");
            for (var i = 21; i <= 30; i++)
                await ann.SendJson(Message(i));
            foreach (var frame in await Leave(ann))
                Assert.True(frame.TypeOf() is "closing" || frame.Number("seq") <= 20, $"Told although it may not be on disk: {frame}");
        }

        Assert.Equal(70, await server.Ended());
        Assert.Contains(server.Output, line => line.Contains("fsync", StringComparison.Ordinal));

        _disk.Heal();
        server.Start();
        await server.Ready();
        var numbers = Truth.Read(server.Data).Rooms["general"].Numbers;
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"{i}"), numbers.Values.Take(20).Select(n => n.ClientId));

        // Whether the others are there nobody knows; asking again under the same id makes it certain.
        await using var again = await RawWebSocket.Open(server.EndPoint);
        await again.Join("general", "ann");
        for (var i = 21; i <= 30; i++)
            Assert.Equal("ack", (await Post(again, i)).TypeOf());
        var room = Truth.Read(server.Data).Rooms["general"];
        room.IsWhole();
        Assert.Equal(30, room.Head);
    }

    [Fact]
    public async Task A_failed_fsync_of_the_database_that_the_log_is_copied_to_ends_the_server_too()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory(), _disk, "--limits=off");
        _disk.Fail("confab-log", "sync", "db");
        var acknowledged = new HashSet<string>();
        await using (var line = await Line.Dial(server.EndPoint))
        {
            var content = new string('x', 16_000);
            for (var i = 1; !server.HasEnded; i++)
            {
                Assert.True(i < 4000, "The log was not begun anew in 64 MB.");
                await line.Send(new { type = "message", id = $"{i}", room = "general", username = "ann", content });
                if (await line.Next(Cancel) is { } answer && answer.TypeOf() == "ack")
                    acknowledged.Add($"{i}");
            }
        }

        Assert.Equal(70, await server.Ended());
        var stored = Truth.Read(server.Data).Rooms["general"];
        Assert.Empty(acknowledged.Except(stored.Numbers.Values.Select(n => n.ClientId)));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_refuses_and_is_gone_on_with_once_it_can()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory(), _disk);
        await using var ann = await RawWebSocket.Open(server.EndPoint);
        await ann.Join("general", "ann");
        Assert.Equal(1, (await Post(ann, 1)).Number("seq"));
        _disk.Fail("confab-log", "write", "wal");
        for (var i = 0; i < 3; i++)
        {
            var refused = await Post(ann, 2);
            Assert.Equal("storage_unavailable", refused.Text("code"));
            Assert.True(refused.Number("retry_after_ms") > 0);
        }

        using (var answer = await server.Http.GetAsync("/health/ready", Cancel))
            Assert.Equal(503, (int)answer.StatusCode);
        Assert.Equal(1, Truth.Read(server.Data).Rooms["general"].Head);
        _disk.Heal();
        Assert.Equal(2, (await Post(ann, 2)).Number("seq"));
        Assert.Equal(2, (await ann.NextOf("message")).Number("seq"));
        Assert.Equal("ready\n", await server.Http.GetStringAsync("/health/ready", Cancel));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_read_refuses_joins_and_sends_readers_away_until_it_can()
    {
        // Without a tail every event is read from the database.
        await using var server = await ChildServer.Start(ChildServer.NewDirectory(), _disk, "--Confab:TailBytesPerRoom=0");
        await using var ann = await RawWebSocket.Open(server.EndPoint);
        await using var bob = await RawWebSocket.Open(server.EndPoint);
        await using var cat = await RawWebSocket.Open(server.EndPoint);
        await bob.Join("general", "bob");
        _disk.Fail("confab-read", "read", "db", "wal");
        var posted = await ann.Request("1", """{"type":"message","id":"1","room":"general","username":"ann","content":"hi"}""");
        Assert.Equal(1, posted.Number("seq"));
        await bob.IsClosedWith(1013);

        var refused = await cat.Request("join", """{"type":"join","id":"join","room":"general","username":"cat"}""");
        Assert.Equal("storage_unavailable", refused.Text("code"));
        Assert.True(refused.Number("retry_after_ms") > 0);
        await cat.Answers();

        using (var page = await server.Http.GetAsync("/api/rooms/general/messages", Cancel))
        {
            Assert.Equal(503, (int)page.StatusCode);
            Assert.Equal("application/problem+json", page.Content.Headers.ContentType?.MediaType);
            Assert.Equal("storage_unavailable", (await page.Content.ReadFromJsonAsync<JsonElement>(Cancel)).Text("code"));
        }

        _disk.Heal();
        Assert.Equal(1, (await server.Http.GetFromJsonAsync<JsonElement>("/api/rooms/general/messages", Cancel)).GetArrayLength());
        var joined = await cat.Request("again", """{"type":"join","id":"again","room":"general","username":"cat","after":0,"history":10}""");
        Assert.Equal("hi", joined.GetProperty("messages")[0].Text("content"));
        Assert.Equal(1, (await cat.NextOf("message")).Number("seq"));
    }

    public void Dispose() => _disk.Dispose();

    private static Task<JsonElement> Post(RawWebSocket socket, int number) => socket.Request($"{number}", JsonSerializer.Serialize(Message(number)));

    private static object Message(int number) => new { type = "message", id = $"{number}", room = "general", content = $"message {number}" };

    // Reads what is still told up to the close, and answers it.
    private static async Task<List<JsonElement>> Leave(RawWebSocket socket)
    {
        var told = new List<JsonElement>();
        while (await socket.Receive() is { } frame)
        {
            if (frame.IsText)
                told.Add(frame.Json);
            if (!frame.IsClose)
                continue;
            await socket.Send(WireFrame.Close(frame.CloseCode));
            break;
        }

        return told;
    }
}
