using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>WebSockets that are not a bare TCP connection: over TLS, and over HTTP/2 (RFC 8441). The client is .NET's own.</summary>
public sealed class SecureAndHttp2Tests
{
    [Fact]
    public async Task A_WebSocket_over_TLS_is_like_any_other()
    {
        using var certificate = new Certificate();
        await using var server = await TestServer.Start("--urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={certificate.Path}");
        await IsLikeAnyOther(server, HttpVersion.Version11);
    }

    [Fact]
    public async Task A_WebSocket_over_HTTP_2_is_like_any_other()
    {
        using var certificate = new Certificate();
        await using var server = await TestServer.Start("--urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={certificate.Path}");
        await IsLikeAnyOther(server, HttpVersion.Version20);
    }

    [Fact]
    public async Task A_foreign_origin_is_refused_over_HTTP_2_as_well()
    {
        using var certificate = new Certificate();
        await using var server = await TestServer.Start("--urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={certificate.Path}");
        using var client = Trusting();
        using var socket = Over(HttpVersion.Version20);
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Origin", "https://evil.example");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Chat(server), client, TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    private static async Task IsLikeAnyOther(TestServer server, Version version)
    {
        using var client = Trusting();
        using var socket = Over(version);
        socket.Options.AddSubProtocol("confab.v1");
        await socket.ConnectAsync(Chat(server), client, TestContext.Current.CancellationToken);
        Assert.Equal("confab.v1", socket.SubProtocol);
        Assert.Equal("hello", (await Next(socket)).TypeOf());

        await Say(socket, """{"type":"join","room":"general","username":"ann"}""");
        Assert.Equal("joined", (await Next(socket)).TypeOf());
        for (var i = 1; i <= 50; i++)
        {
            await Say(socket, $$"""{"type":"message","id":"{{i}}","room":"general","content":"{{new string('x', 10_000)}}"}""");
            Assert.Equal("ack", (await Next(socket)).TypeOf());
            Assert.Equal(i, (await Next(socket)).Number("seq"));
        }

        await socket.SendAsync(Pings.OfLength(65_536), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        Assert.Equal("pong", (await Next(socket)).TypeOf());
        await socket.SendAsync(Pings.OfLength(65_537), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        var close = await socket.ReceiveAsync(new byte[1000].AsMemory(), TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketMessageType.Close, close.MessageType);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, socket.CloseStatus);
        await server.HasConnections(0);

        using var another = Over(version);
        await another.ConnectAsync(Chat(server), client, TestContext.Current.CancellationToken);
        Assert.Equal("hello", (await Next(another)).TypeOf());
        await another.CloseAsync((WebSocketCloseStatus)4000, "bye", TestContext.Current.CancellationToken);
        Assert.Equal((WebSocketCloseStatus)4000, another.CloseStatus);
        await server.HasConnections(0);
    }

    private static Uri Chat(TestServer server) => new($"wss://127.0.0.1:{server.EndPoint.Port}/chat");

    private static ClientWebSocket Over(Version version)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = version;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return socket;
    }

    private static HttpMessageInvoker Trusting() => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });

    private static Task Say(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    private static async Task<JsonElement> Next(ClientWebSocket socket)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(RawConnection.Patience);
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), deadline.Token);
            Assert.Equal(WebSocketMessageType.Text, part.MessageType);
            length += part.Count;
            if (!part.EndOfMessage)
                continue;
            using var document = JsonDocument.Parse(buffer.AsMemory(0, length));
            return document.RootElement.Clone();
        }
    }

    /// <summary>A certificate for this test alone.</summary>
}
