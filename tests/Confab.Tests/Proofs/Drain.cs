using System.Net.Sockets;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>SIGTERM under load: everybody is sent away in good order, and what was acknowledged is stored.</summary>
[Collection(nameof(Alone))]
public sealed class Drain
{
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_stopping_server_says_when_to_come_back_and_loses_nothing()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory(), "--limits=off");
        var guests = Enumerable.Range(1, 30).Select(i => new Guest($"guest-{i}")).ToArray();
        var staying = Task.WhenAll(guests.Select(g => Task.Run(() => g.Stay(server))));
        // One that neither reads nor answers the close.
        await using var deaf = await RawWebSocket.Open(server.EndPoint, receiveBuffer: 4096);
        await deaf.SendJson(new { type = "join", room = "general", username = "deaf" });
        await Wait.Until("the load", () => guests.All(g => g.Acknowledged.Count > 20));

        var asked = TimeProvider.System.GetTimestamp();
        server.Terminate();
        await staying;
        await NobodyIsLetIn(server);
        Assert.Equal(0, await server.Ended());
        var took = TimeProvider.System.GetElapsedTime(asked);
        Assert.True(took < s_most, $"It took {took.TotalSeconds:F1} s to stop.");

        var truth = Truth.Read(server.Data).Rooms["general"];
        truth.IsWhole();
        foreach (var guest in guests)
        {
            Assert.All(guest.Acknowledged, a => Assert.Equal((guest.Name, a.Key), (truth.Numbers[a.Value].Sender, truth.Numbers[a.Value].ClientId)));
            Assert.InRange(guest.RetryAfterMs, 1, 5001);
        }

        // Drawn from five seconds: thirty draws from one half of them come once in two thousand million times.
        var waits = guests.Select(g => g.RetryAfterMs).ToList();
        Assert.True(waits.Max() - waits.Min() > 1000, $"Everybody is to come back at once: {string.Join(", ", waits)}.");
        Assert.DoesNotContain(server.Output, line => line.Split(':')[0] is "dbug" or "fail" or "crit");
    }

    private static async Task NobodyIsLetIn(ChildServer server)
    {
        try
        {
            await using var late = await RawConnection.Connect(server.EndPoint);
            Assert.Equal(503, (await late.Ask(new Handshake())).Status);
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            // It has ended meanwhile.
        }
    }

    /// <summary>Posts as fast as it is answered, until it is sent away.</summary>
    private sealed class Guest(string name)
    {
        private const int Window = 8;

        private int _asked;

        public string Name { get; } = name;

        public Dictionary<string, long> Acknowledged { get; } = [];

        public long RetryAfterMs { get; private set; }

        public async Task Stay(ChildServer server)
        {
            await using var socket = await RawWebSocket.Open(server.EndPoint);
            await socket.SendJson(new { type = "join", room = "general", username = Name });
            while (await socket.Receive() is { } frame)
            {
                if (frame.IsClose)
                {
                    Assert.Equal(1012, frame.CloseCode);
                    Assert.True(RetryAfterMs > 0, "It was closed without a word.");
                    await socket.TrySend(WireFrame.Close(1012).ToBytes());
                    Assert.Null(await socket.Receive());
                    return;
                }

                Hear(frame);
                while (RetryAfterMs == 0 && _asked - Acknowledged.Count < Window)
                    await socket.TrySend(WireFrame.Text($$"""{"type":"message","room":"general","content":"{{Name}} {{++_asked}}","id":"{{_asked}}"}""").ToBytes());
            }

            Assert.Fail("The connection ended without a close.");
        }

        private void Hear(RawFrame frame)
        {
            var json = frame.Json;
            if (json.TypeOf() == "ack")
                Acknowledged.Add(json.Text("id")!, json.Number("seq"));
            else if (json.TypeOf() == "closing")
                RetryAfterMs = json.Number("retry_after_ms");
            else
                Assert.NotEqual("error", json.TypeOf());
        }
    }
}
