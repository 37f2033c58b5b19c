using System.Net;
using System.Net.Sockets;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>Handshakes that are too big, too slow or too many, or that carry a secret where it does not belong.</summary>
public sealed class HandshakeLimitsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task Too_many_headers_are_refused_with_431() =>
        Assert.Equal(431, await Status(new Handshake { Headers = [.. Enumerable.Range(0, 200).Select(i => $"X-Header-{i}: {i}")] }));

    [Fact]
    public async Task A_header_that_is_too_large_is_refused_with_431() =>
        Assert.Equal(431, await Status(new Handshake { Headers = [$"Cookie: {new string('x', 64 * 1024)}"] }));

    [Fact]
    public async Task Headers_that_are_together_too_large_are_refused_with_431() =>
        Assert.Equal(431, await Status(new Handshake { Headers = [.. Enumerable.Range(0, 50).Select(i => $"X-Header-{i}: {new string('x', 1000)}")] }));

    [Fact]
    public async Task A_path_that_is_too_long_is_refused_with_414() =>
        Assert.Equal(414, await Status(new Handshake { Target = $"/chat?x={new string('x', 16 * 1024)}" }));

    [Theory]
    [InlineData("X-Header: a\0b")]
    [InlineData("X Header: ab")]
    [InlineData(": ab")]
    [InlineData("no colon at all")]
    [InlineData(" folded: ab")]
    public async Task A_header_that_is_none_is_refused_with_400(string header) =>
        Assert.Equal(400, await Status(new Handshake { Headers = [header] }));

    [Fact]
    public async Task What_is_not_HTTP_at_all_is_refused()
    {
        await using var connection = await RawConnection.Connect(_server.EndPoint);
        await connection.Send("\u0016\u0003\u0001\u0002\0\u0001 not HTTP\r\n\r\n"u8.ToArray());
        Assert.Equal(400, (await connection.ReadAnswer()).Status);
        await connection.WaitForEnd();
    }

    [Fact]
    public async Task A_request_dripped_a_byte_at_a_time_is_cut_after_ten_seconds()
    {
        await using var connection = await RawConnection.Connect(_server.EndPoint);
        var started = TimeProvider.System.GetTimestamp();
        var request = new Handshake { Headers = [$"X-Drip: {new string('x', 1000)}"] }.ToBytes();
        var sent = 0;
        while (await connection.TrySend(request.AsMemory(sent++, 1)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20), "It was never cut.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.True(sent < request.Length, "The whole request was taken.");
    }

    [Theory]
    [InlineData("token")]
    [InlineData("access_token")]
    [InlineData("TOKEN")]
    [InlineData("t%6Fken")]
    public async Task A_token_in_the_query_is_refused_with_400_and_stands_in_no_log(string name)
    {
        const string Secret = "s3cr3t-d0-n0t-l0g";
        Assert.Equal(400, await Status(new Handshake { Target = $"/chat?room=x&{name}={Secret}" }));
        Assert.Equal(404, await Status(new Handshake { Target = $"/nowhere?{name}={Secret}" }));
        Assert.DoesNotContain(_server.Log.All, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Line_breaks_and_escape_sequences_of_a_request_stand_in_no_log()
    {
        foreach (var handshake in new Handshake[]
        {
            new() { Target = "/chat?x=%0D%0AFORGED%1B%5B31m" },
            new() { Target = "/%0D%0AFORGED%1B%5B31m" },
            new() { Origin = "http://x/\u001b[31mFORGED" },
            new() { Host = "x\u001b[31mFORGED" },
            new() { Headers = ["User-Agent: \u001b[31mFORGED"] },
            new() { Method = "FOR\u001bGED" },
        })
        {
            Assert.NotEqual(500, await Status(handshake));
        }

        Assert.DoesNotContain(_server.Log.All, line => line.AsSpan().ContainsAny('\r', '\n', '\u001b'));
    }

    private async Task<int> Status(Handshake handshake)
    {
        await using var connection = await RawConnection.Connect(_server.EndPoint);
        await connection.TrySend(handshake.ToBytes());
        return (await connection.ReadAnswer()).Status;
    }
}

/// <summary>How many connections one address may have, on a server where that is few.</summary>
public sealed class HandshakePerAddressTests
{
    private const int Allowed = 20;

    [Fact]
    public async Task Too_many_connections_of_one_address_are_refused_with_429_until_one_ends()
    {
        await using var server = await TestServer.Start($"--Confab:ConnectionsPerAddress={Allowed}", "--proxies=");
        var open = new List<RawWebSocket>();
        for (var i = 0; i < Allowed; i++)
            open.Add(await server.Open());
        for (var i = 0; i < 50; i++)
        {
            // Whoever is not a proxy of ours can say of itself what it likes.
            var answer = await Ask(server, new Handshake { Headers = [$"X-Forwarded-For: 203.0.113.{i}", $"Forwarded: for=203.0.113.{i}"] });
            Assert.Equal(429, answer.Status);
            Assert.NotNull(answer["Retry-After"]);
        }

        // Those that are open have noticed nothing.
        foreach (var socket in open)
            await socket.Answers();

        await open[0].Send(WireFrame.Close(1000));
        await open[0].WaitForEnd();
        open[1].Abort();
        open[2].HalfClose();
        await open[2].WaitForEnd();
        for (var i = 0; i < 3; i++)
        {
            HandshakeAnswer answer;
            while ((answer = await Ask(server, new Handshake(), open)).Status == 429)
                await Task.Delay(10, TestContext.Current.CancellationToken);
            Assert.Equal(101, answer.Status);
        }

        Assert.Equal(429, (await Ask(server, new Handshake())).Status);
        foreach (var socket in open)
            await socket.DisposeAsync();
    }

    [Fact]
    public async Task An_address_that_opens_connections_and_says_nothing_keeps_nobody_else_out()
    {
        await using var server = await TestServer.Start($"--Confab:ConnectionsPerAddress={Allowed}", "--proxies=");
        var idle = new List<RawConnection>();
        for (var i = 0; i < 2 * Allowed; i++)
            idle.Add(await RawConnection.Connect(server.EndPoint));
        for (var i = 0; i < 5; i++)
        {
            await using var beyond = await RawConnection.Connect(server.EndPoint);
            await beyond.WaitForEnd();
        }

        // Every address of 127/8 is this machine's, so there can be somebody from elsewhere.
        using var elsewhere = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, cancel) => ConnectFrom(IPAddress.Parse("127.0.0.2"), server, cancel) });
        Assert.Equal("live\n", await elsewhere.GetStringAsync(new Uri(server.Address, "/health/live"), TestContext.Current.CancellationToken));

        // One that ends makes room for the next.
        await idle[0].DisposeAsync();
        while (!await IsLetIn(server))
            await Task.Delay(10, TestContext.Current.CancellationToken);
        foreach (var connection in idle)
            await connection.DisposeAsync();
    }

    private static async ValueTask<Stream> ConnectFrom(IPAddress address, TestServer server, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        await socket.ConnectAsync(server.EndPoint, cancel);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task<bool> IsLetIn(TestServer server)
    {
        await using var socket = await RawWebSocket.Connect(server.EndPoint);
        try
        {
            return (await socket.Ask(new Handshake())).Status == 101;
        }
        catch (Exception e) when (e is EndOfStreamException or SocketException)
        {
            return false;
        }
    }

    private static async Task<HandshakeAnswer> Ask(TestServer server, Handshake handshake, List<RawWebSocket>? keep = null)
    {
        var socket = await RawWebSocket.Connect(server.EndPoint);
        var answer = await socket.Ask(handshake);
        if (keep is not null && answer.Status == 101)
            keep.Add(socket);
        else
            await socket.DisposeAsync();
        return answer;
    }
}
