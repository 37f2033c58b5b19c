using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>Somebody in the room asks for more than a share: what is refused is not stored, and the others notice nothing.</summary>
public sealed class HostileFloodTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task A_message_flood_is_refused_with_a_time_to_wait_and_stores_nothing_that_was_refused()
    {
        const int Sent = 500;
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await neighbours.LetMalloryIn();
        await mallory.Send(WireFrame.Several(Enumerable.Range(0, Sent).Select(i =>
            WireFrame.Text($$"""{"type":"message","id":"{{i}}","room":"{{neighbours.Room}}","content":"flood {{i}}"}"""))));
        int acked = 0, refused = 0;
        while (acked + refused < Sent)
        {
            var answer = await mallory.NextOf("ack", "error");
            if (answer.TypeOf() == "ack")
            {
                acked++;
                continue;
            }

            Assert.Equal("rate_limited", answer.Text("code"));
            Assert.True(answer.Number("retry_after_ms") > 0);
            refused++;
        }

        Assert.InRange(acked, 1, 200);
        Assert.Equal(acked, (await _server.Room(neighbours.Room)).Number("head"));
        await neighbours.AreUndisturbed();

        // The connection was slowed down, not condemned.
        await mallory.Answers();
        mallory.Abort();
        await neighbours.SeeMalloryLeave();
    }

    [Fact]
    public async Task Whoever_waits_as_told_is_served_again()
    {
        var room = await _server.NewRoom();
        await using var socket = await _server.Open();
        await socket.Join(room, "ann");
        JsonElement answer;
        var i = 0;
        do
        {
            answer = await socket.Request($"{++i}", $$"""{"type":"message","id":"{{i}}","room":"{{room}}","content":"x"}""");
        }
        while (answer.TypeOf() == "ack");

        var started = TimeProvider.System.GetTimestamp();
        var wait = TimeSpan.FromMilliseconds(answer.Number("retry_after_ms"));
        Assert.InRange(wait.TotalMilliseconds, 1, 5000);
        while (TimeProvider.System.GetElapsedTime(started) < wait)
            await socket.Answers();
        Assert.Equal("ack", (await socket.Request("again", $$"""{"type":"message","id":"again","room":"{{room}}","content":"x"}""")).TypeOf());
    }

    [Fact]
    public async Task A_typing_storm_reaches_nobody()
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await neighbours.LetMalloryIn();
        await mallory.Send(WireFrame.Several(Enumerable.Repeat(WireFrame.Text($$"""{"type":"typing","room":"{{neighbours.Room}}"}"""), 2000)));
        await mallory.Answers();

        // A message of mallory comes behind all that was shown.
        await mallory.SendJson(new { type = "message", room = neighbours.Room, content = "done" });
        var typing = 0;
        while ((await neighbours.Ann.NextOf("typing", "message")).TypeOf() == "typing")
            typing++;
        Assert.InRange(typing, 0, 10);
        await neighbours.AreUndisturbed();
    }

    [Fact]
    public async Task A_storm_of_joins_and_leaves_is_refused_and_hardly_heard()
    {
        const int Sent = 2000;
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await _server.Open();
        byte[] storm = [.. Enumerable.Range(0, Sent).SelectMany(i => WireFrame.Several(
            WireFrame.Text($$"""{"type":"join","id":"{{i}}","room":"{{neighbours.Room}}","username":"mallory {{i}}"}"""),
            WireFrame.Text($$"""{"type":"leave","room":"{{neighbours.Room}}"}""")))];
        var sending = mallory.TrySend(storm);
        var refused = 0;
        JsonElement answer;
        do
        {
            answer = await mallory.NextOf("joined", "error");
            if (answer.Text("code") == "rate_limited")
            {
                Assert.True(answer.Number("retry_after_ms") > 0);
                refused++;
            }
        }
        while (answer.Text("id") != $"{Sent - 1}");

        await sending;
        Assert.InRange(refused, Sent / 2, Sent);
        await neighbours.AreUndisturbed();
    }

    [Fact]
    public async Task One_connection_joins_128_rooms_and_no_more()
    {
        await using var socket = await _server.Open();
        for (var i = 0; i < 128; i++)
            Assert.Equal("joined", (await socket.Join(await _server.NewRoom(), "ann")).TypeOf());
        var oneMore = await _server.NewRoom();
        Assert.Equal("bad_request", (await socket.Join(oneMore, "ann")).Text("code"));
        Assert.Equal(0, (await _server.Room(oneMore)).Number("present"));
        await socket.Answers();
    }

    [Fact]
    public async Task Pings_without_end_from_somebody_who_reads_are_answered_in_their_order()
    {
        const int Sent = 20_000;
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await neighbours.LetMalloryIn();
        var sending = mallory.TrySend(WireFrame.Several(Enumerable.Range(0, Sent).Select(i => WireFrame.Text(Pings.OfLength(40, $"{i}")))));
        for (var i = 0; i < Sent; i++)
            Assert.Equal($"{i}", (await mallory.NextOf("pong")).Text("id"));
        Assert.True(await sending);
        await neighbours.AreUndisturbed();
    }

    [Fact]
    public async Task A_flood_over_HTTP_is_refused_with_429_and_stores_nothing_that_was_refused()
    {
        await using var server = await TestServer.Start("--Confab:WritesPerSecondPerAddress=10");
        var posts = Enumerable.Range(0, 100).Select(i =>
            server.Http.PostAsJsonAsync("/api/rooms/general/messages", new { username = "mallory", content = $"flood {i}" }, TestContext.Current.CancellationToken));
        var stored = 0;
        foreach (var answer in await Task.WhenAll(posts))
        {
            using (answer)
            {
                if (answer.IsSuccessStatusCode)
                {
                    stored++;
                    continue;
                }

                Assert.Equal(429, (int)answer.StatusCode);
                Assert.NotNull(answer.Headers.RetryAfter);
                var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
                Assert.Equal("rate_limited", problem.Text("code"));
                Assert.True(problem.Number("retry_after_ms") > 0);
            }
        }

        Assert.InRange(stored, 1, 90);
        Assert.Equal(stored, (await server.Room("general")).Number("head"));
    }
}
