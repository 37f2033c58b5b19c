using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>The hostile inputs of the other tests, again and again on one server: what they cost comes back.</summary>
[Collection(nameof(Alone))]
public sealed class HostileMemoryTests
{
    private const int Rounds = 20;

    // 20 rounds of some 45 connections; each of them that stayed referenced would add 1.5 KiB at least, so all of them 1.3 MiB.
    private const int Noise = 512 * 1024;

    private static readonly string[] s_bodies = [.. typeof(HostileHttpTests).GetMethod(nameof(HostileHttpTests.A_message_that_is_none_is_refused_with_its_code))!
        .GetCustomAttributes<InlineDataAttribute>().Select(data => (string)data.Data[0]!)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--transport=auto")]
    [InlineData("--transport=kestrel")]
    public async Task What_hostile_clients_cost_comes_back(string transport)
    {
        // Places that were not given back would be used up within a round or two.
        await using var server = await TestServer.Start(transport, "--Confab:MaxConnections=100", "--Confab:ConnectionsPerAddress=100", "--Confab:CloseSeconds=1");
        var room = await server.NewRoom();
        for (var i = 0; i < 3; i++)
            await Storm(server, room);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Rounds; i++)
            await Storm(server, room);
        // What is left in timers and queues goes within seconds.
        var grown = long.MaxValue;
        var started = TimeProvider.System.GetTimestamp();
        while (grown > Noise && TimeProvider.System.GetElapsedTime(started) < RawConnection.Patience)
        {
            await Wait.AMoment();
            grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        }

        Assert.True(grown <= Noise, $"{Rounds} rounds left {grown / 1024} KiB behind.");
    }

    private static async Task Storm(TestServer server, string room)
    {
        await Task.WhenAll(HostileFramesTests.Broken.Select(row => SendBroken(server, row.Data.Item2)));
        var json = HostileJsonTests.NotJson.Concat(HostileJsonTests.BadRequests).Select(row => row.Data).ToArray();
        await Task.WhenAll(json.Chunk(3).Select(frames => SendJson(server, frames)));
        await Flood(server, room);
        foreach (var body in s_bodies)
        {
            using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var answer = await server.Http.PostAsync($"/api/rooms/{room}/messages", content, Cancel);
            Assert.InRange((int)answer.StatusCode, 400, 499);
        }

        await server.HasConnections(0);
    }

    private static async Task SendBroken(TestServer server, byte[] bytes)
    {
        await using var mallory = await server.Open();
        await mallory.TrySend(bytes);
        await mallory.ReceiveClose();
    }

    // The third malformed frame is answered, and closes the connection.
    private static async Task SendJson(TestServer server, string[] frames)
    {
        await using var mallory = await server.Open();
        await mallory.Send(WireFrame.Several(frames.Select(WireFrame.Text)));
        foreach (var _ in frames)
            Assert.Equal("error", (await mallory.Next()).TypeOf());
    }

    private static async Task Flood(TestServer server, string room)
    {
        await using var mallory = await server.Open();
        await mallory.Join(room, "mallory");
        await mallory.Send(WireFrame.Several(Enumerable.Range(0, 300).Select(_ => WireFrame.Text($$"""{"type":"message","id":"same","room":"{{room}}","content":"flood"}"""))));
        for (var answered = 0; answered < 300; answered++)
            await mallory.NextOf("ack", "error");
    }
}
