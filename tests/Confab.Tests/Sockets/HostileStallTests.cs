using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Sockets;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Confab.Tests.Sockets;

/// <summary>Clients that do not read what they are sent: they cost little, hold up nobody, and can go on where they stopped.</summary>
[Collection(nameof(Alone))]
public sealed class HostileStallTests
{
    private const int SmallBuffer = 4096;
    private const int Stalled = 1000;

    [Fact]
    public async Task Clients_that_never_read_cost_little_and_disturb_nobody()
    {
        await using var server = await TestServer.Start("--limits=off");
        await using var neighbours = await Neighbours.MoveIn(server);

        // The first time fills the pools that stay filled.
        await Stall(server, neighbours);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var during = await Stall(server, neighbours);
        Assert.True(during < (Stalled * 64 * 1024) + (4 << 20), $"{Stalled} stalled clients cost {during / 1024} KiB.");
        var after = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(after < 4 << 20, $"{after / 1024} KiB stayed behind.");
    }

    // Gives what they cost while they stalled.
    private static async Task<long> Stall(TestServer server, Neighbours neighbours)
    {
        const int Messages = 500;
        var stalled = new List<RawWebSocket>();
        for (var i = 0; i < Stalled; i++)
            stalled.Add(await neighbours.LetMalloryIn(SmallBuffer));
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // 4 MB for each of them, of which a socket takes a small part.
        await neighbours.Talk(Messages, bytes: 8000);
        var during = GC.GetTotalMemory(forceFullCollection: true) - before;

        // One of them reads after all, and misses nothing.
        var seq = (await stalled[0].NextOf("message")).Number("seq");
        for (var i = 1; i < Messages; i++)
            Assert.Equal(++seq, (await stalled[0].NextOf("message")).Number("seq"));

        foreach (var socket in stalled)
            socket.Abort();
        await neighbours.SeeMalloryLeave();
        await server.HasConnections(2);
        await neighbours.AreUndisturbed();
        return during;
    }

    [Fact]
    public async Task Clients_that_ask_for_long_histories_and_never_read_cost_one_each()
    {
        const int Clients = 50, Joins = 20;
        await using var server = await TestServer.Start("--limits=off");
        await using var neighbours = await Neighbours.MoveIn(server);
        await neighbours.Talk(80, bytes: 16_000);
        var joins = WireFrame.Several(Enumerable.Repeat(WireFrame.Text($$"""{"type":"join","room":"{{neighbours.Room}}","username":"mallory","history":200}"""), Joins));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var mallory = new List<RawWebSocket>();
        for (var i = 0; i < Clients; i++)
        {
            mallory.Add(await RawWebSocket.Open(server.EndPoint, receiveBuffer: SmallBuffer));
            await mallory[i].Send(joins);
        }

        for (var i = 0; i < 100; i++)
            await neighbours.AreUndisturbed();
        var during = GC.GetTotalMemory(forceFullCollection: true) - before;
        // The snapshot that was begun, at its longest, and what a stalled client may cost.
        Assert.True(during < (Clients * (History.NewestBytes + (64 * 1024))) + (4 << 20), $"{Clients} clients that do not read cost {during / 1024} KiB.");

        // One reads after all, and has every answer.
        for (var i = 0; i < Joins; i++)
        {
            var joined = await mallory[0].NextOf("joined");
            Assert.Equal(joined.Number("seq"), joined.GetProperty("messages").EnumerateArray().Last().Number("id"));
        }

        foreach (var socket in mallory)
            socket.Abort();
        await neighbours.SeeMalloryLeave();
        await server.HasConnections(2);
        await neighbours.AreUndisturbed();
        var after = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(after < 4 << 20, $"{after / 1024} KiB stayed behind.");
    }

    [Fact]
    public async Task A_client_that_takes_nothing_for_too_long_is_cut()
    {
        await using var server = await TestServer.Start("--limits=off", "--Confab:StallSeconds=1");
        await using var neighbours = await Neighbours.MoveIn(server);
        await using var mallory = await neighbours.LetMalloryIn(SmallBuffer);
        await neighbours.Talk(800, bytes: 8000);
        // On a slow machine that may be while the two still listen to all the talk, so nobody waits for word of it.
        await server.HasConnections(2);
        await neighbours.AreUndisturbed();
        Assert.Matches(@"confab_closes_total\{[^}]*code=""stalled""[^}]*\} 1\b", await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_client_that_reads_slowly_is_not_cut_as_long_as_it_reads()
    {
        const int PerSecond = 3000;
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.Start(time, "--limits=off", "--Confab:StallSeconds=3", "--Confab:Loops=1");
        await using var neighbours = await Neighbours.MoveIn(server);
        await using var mallory = await neighbours.LetMalloryIn(SmallBuffer);
        await neighbours.Talk(800, bytes: 8000);

        // Far less than the kernel waits for before it takes more.
        for (var second = 0; second < 8; second++)
        {
            for (var i = 0; i < PerSecond; i++)
                mallory.TakeByte();
            await Pass();
        }

        await server.HasConnections(3);
        for (var second = 0; second < 6; second++)
            await Pass();
        await server.HasConnections(2);

        async Task Pass()
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await server.Services.GetRequiredService<EventLoops>().Answer();
        }
    }

    [Fact]
    public async Task A_client_that_reads_a_byte_at_a_time_is_as_good_as_one_that_does_not_read()
    {
        await using var server = await TestServer.Start("--limits=off", "--Confab:StallSeconds=1");
        await using var neighbours = await Neighbours.MoveIn(server);
        await using var mallory = await neighbours.LetMalloryIn(SmallBuffer);
        await neighbours.Talk(800, bytes: 8000);

        // No faster than twenty bytes a second, for TCP tells the server of room in a buffer only once half of it is free.
        var connections = server.Services.GetRequiredService<Metrics>();
        while (connections.Connections > 2)
        {
            mallory.TakeByte();
            var taken = TimeProvider.System.GetTimestamp();
            do
                await neighbours.AreUndisturbed();
            while (TimeProvider.System.GetElapsedTime(taken) < TimeSpan.FromMilliseconds(50) && connections.Connections > 2);
        }

        // What had come to it has no hole, and ends somewhere.
        long last = 0;
        await Assert.ThrowsAsync<EndOfStreamException>(async () =>
        {
            while (true)
                Assert.Equal(++last, (await mallory.NextOf("message")).Number("seq"));
        });
        Assert.InRange(last, 2, 799);
    }

    [Fact]
    public async Task Who_does_not_listen_cannot_talk()
    {
        const int Flood = 32 << 20;
        await using var server = await TestServer.Start("--limits=off");
        await using var neighbours = await Neighbours.MoveIn(server);
        await using var mallory = await neighbours.LetMalloryIn(SmallBuffer);
        var packet = WireFrame.Several(Enumerable.Repeat(WireFrame.Text(Pings.OfLength(29)), 1000));
        var flood = new byte[Flood / packet.Length * packet.Length];
        for (var i = 0; i < flood.Length; i += packet.Length)
            packet.CopyTo(flood, i);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // A million pings, whose answers nobody takes: the server stops reading, so that they cannot all be sent.
        var sending = mallory.TrySend(flood);
        long sent;
        do
        {
            sent = mallory.Sent;
            for (var i = 0; i < 20; i++)
                await neighbours.AreUndisturbed();
        }
        while (mallory.Sent > sent);

        Assert.False(sending.IsCompleted, "The server read on although nobody took its answers.");
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 2 << 20, $"The answers that nobody took cost {grown / 1024} KiB.");
        mallory.Abort();
        Assert.False(await sending);
        await neighbours.SeeMalloryLeave();
        await server.HasConnections(2);
        await neighbours.AreUndisturbed();
    }

    [Fact]
    public async Task Who_stops_reading_for_a_while_gets_every_answer_in_the_end()
    {
        const int Asked = 20_000;
        await using var server = await TestServer.Start("--limits=off");
        await using var neighbours = await Neighbours.MoveIn(server);
        await using var mallory = await neighbours.LetMalloryIn(SmallBuffer);
        var sending = mallory.TrySend(WireFrame.Several(Enumerable.Range(0, Asked).Select(i =>
            WireFrame.Text($$"""{"type":"message","id":"{{i}}","room":"{{neighbours.Room}}","content":"{{i}}"}"""))));
        for (var i = 0; i < 50; i++)
            await neighbours.AreUndisturbed();
        var heard = neighbours.Hear("done");

        int acked = 0, seen = 0;
        long seq = 0;
        while (acked < Asked || seen < Asked)
        {
            var frame = await mallory.NextOf("ack", "message", "error");
            Assert.NotEqual("error", frame.TypeOf());
            if (frame.TypeOf() == "ack")
            {
                Assert.Equal($"{acked++}", frame.Text("id"));
                continue;
            }

            // Bob's words count among the numbers as well.
            Assert.True(seq == 0 || frame.Number("seq") == seq + 1, $"After {seq} came {frame.Number("seq")}.");
            seq = frame.Number("seq");
            if (frame.GetProperty("data").Text("username") == "mallory")
                Assert.Equal($"{seen++}", frame.GetProperty("data").Text("content"));
        }

        Assert.True(await sending);
        await mallory.SendJson(new { type = "message", room = neighbours.Room, content = "done" });
        await heard;
        await neighbours.AreUndisturbed();
    }
}
