using System.Net.Sockets;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>How many connections there may be, and how much of one may be under way.</summary>
public sealed class ConnectionBoundsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_WebSocket_too_many_is_refused_with_503_until_one_ends()
    {
        await using var server = await TestServer.Start("--Confab:MaxConnections=2");
        await using var first = await server.Open();
        await using var second = await server.Open();
        var answer = await Ask(server);
        Assert.Equal((503, "10"), (answer.Status, answer["Retry-After"]));

        // Those that are open have noticed nothing.
        await first.Answers();
        await second.Send(WireFrame.Close(1000));
        await second.WaitForEnd();
        await Wait.Until("the place that was left", async () => (await Ask(server)).Status == 101);
    }

    [Fact]
    public async Task One_TCP_connection_too_many_is_closed_at_once_and_WebSockets_are_not_counted_among_them()
    {
        const int Most = 1 + 1024;
        await using var server = await TestServer.Start("--Confab:MaxConnections=1", "--Confab:ConnectionsPerAddress=0");
        await using var webSocket = await server.Open();
        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < Most; i++)
                idle.Add(await Dial(server));
            await webSocket.Answers();
            idle.Add(await Dial(server));
            // Far sooner than the 30 s after which an idle one is closed.
            var ends = idle.Select(socket => socket.ReceiveAsync(new byte[1], Cancel).AsTask()).ToList();
            var closed = await Task.WhenAny(ends).WaitAsync(RawConnection.Patience, Cancel);
            Assert.Equal(0, await closed);
            Assert.Equal(1, ends.Count(end => end.IsCompleted));
            await webSocket.Answers();
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }

        await Wait.Until("a place over HTTP", async () =>
        {
            try
            {
                return await server.Http.GetStringAsync("/health/live", Cancel) == "live\n";
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task A_connection_with_as_many_changes_waiting_as_it_may_have_is_not_read()
    {
        await using var server = await TestServer.Start("--Confab:ChangesPerConnection=4", "--Confab:Loops=1");
        await using var ann = await server.Open();
        await using var bob = await server.Open();
        await ann.Join("general", "ann");
        using (var writer = new SqliteConnection(Path.Combine(server.Data, Database.FileName)))
        {
            // Nobody else can store anything meanwhile.
            writer.Execute("BEGIN IMMEDIATE");
            await ann.Send(WireFrame.Several([.. Enumerable.Range(1, 4).Select(i => WireFrame.Text($$"""{"type":"message","id":"{{i}}","room":"general","content":"x"}""")), WireFrame.Text("""{"type":"ping"}""")]));
            // One loop serves both: when it has answered bob twice, it has been to ann, who wrote before.
            await bob.Answers();
            await bob.Answers();
            writer.Execute("ROLLBACK");
        }

        // Had the ping been read while four changes waited, it would have been answered before any of them was stored.
        Assert.Equal("ack", (await ann.NextOf("ack", "error", "pong")).TypeOf());
        await ann.NextOf("pong");
    }

    private static async Task<HandshakeAnswer> Ask(TestServer server)
    {
        await using var socket = await RawWebSocket.Connect(server.EndPoint);
        return await socket.Ask(new Handshake());
    }

    private static async Task<Socket> Dial(TestServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint, Cancel);
        return socket;
    }
}
