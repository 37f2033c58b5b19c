using System.Net;
using System.Security.Cryptography;
using System.Text;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Rooms;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Confab.Server.Sockets;

/// <summary>
/// <c>/chat</c>: the opening handshake (RFC 6455 §4.2; over HTTP/2 RFC 8441). A WebSocket over plain HTTP/1.1 leaves HTTP behind and becomes
/// a bare socket of an event loop; any other goes on as a stream.
/// </summary>
internal sealed class ChatEndpoint(EventLoops loops, ServerOptions options, Origins origins, AddressRates rates, Draining draining, Metrics metrics)
{
    public const string Path = "/chat";
    private const string SubProtocol = "confab.v1";
    private const string Required = "WebSocket connection required";
    private const int UnsentBytes = 64 * 1024;

    private readonly AddressCounts _addresses = new(options.ConnectionsPerAddress);
    private int _open;

    /// <summary>Whether a connection is open, or its handshake under way.</summary>
    public bool HasConnections => Interlocked.CompareExchange(ref _open, 0, 0) > 0;

    public async Task Handle(HttpContext http)
    {
        var (status, text) = Check(http);
        if (status != 0)
        {
            await Refuse(http, status, text);
            return;
        }

        var address = ClientAddress.Of(http);
        if (!TryEnter(address, out status, out text))
        {
            http.Response.Headers.RetryAfter = "10";
            await Refuse(http, status, text);
            return;
        }

        var opened = false;
        try
        {
            await Open(http, address, () => opened = true);
        }
        finally
        {
            if (!opened)
                Leave(address);
        }
    }

    private async Task Open(HttpContext http, IPAddress address, Action opened)
    {
        if (http.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol))
            http.Response.Headers.SecWebSocketProtocol = SubProtocol;
        var actor = http.Features.GetRequiredFeature<Visit>().Actor;
        Stream stream;
        if (http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            stream = await connect.AcceptAsync();
        }
        else
        {
            http.Response.Headers.Upgrade = "websocket";
            http.Response.Headers.SecWebSocketAccept = Accept(http.Request.Headers.SecWebSocketKey!);
            stream = await http.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            if (http.Features.Get<DetachableConnection>() is { } connection && http.Features.Get<ITlsHandshakeFeature>() is null)
            {
                var (loop, socket, received) = connection.Detach();
                opened();
                loop.Post(Attached(socket, UnsentBytes, received, actor, address));
                return;
            }
        }

        var any = loops.Next();
        var link = new StreamLink(stream, any);
        opened();
        any.Post(Attached(link, 0, [], actor, address));
        await link.Closed;
    }

    private (int Status, string Text) Check(HttpContext http)
    {
        var request = http.Request;
        var isConnect = http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };
        if (!isConnect && !HttpMethods.IsGet(request.Method))
            return (StatusCodes.Status405MethodNotAllowed, Required);
        if (!isConnect && !IsUpgrade(http))
            return (StatusCodes.Status400BadRequest, Required);
        if (request.Headers.SecWebSocketVersion != "13")
            return (StatusCodes.Status426UpgradeRequired, "Only version 13 of the WebSocket protocol is supported");
        if (!isConnect && !IsKey(request.Headers.SecWebSocketKey))
            return (StatusCodes.Status400BadRequest, "Sec-WebSocket-Key is not 16 bytes in base64");
        if (request.Query.ContainsKey("token") || request.Query.ContainsKey("access_token"))
            return (StatusCodes.Status400BadRequest, "A token must not be in the URL, where logs would record it");
        return origins.IsAllowed(request) ? (0, "") : (StatusCodes.Status403Forbidden, "This origin is not allowed");
    }

    private static bool IsUpgrade(HttpContext http) =>
        HttpProtocol.IsHttp11(http.Request.Protocol) &&
        http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } &&
        string.Equals(http.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);

    private static bool IsKey(string? key) =>
        key is { Length: 24 } && Convert.TryFromBase64String(key, stackalloc byte[18], out var length) && length == 16;

    // RFC 6455 §4.2.2, step 5.4. SHA-1 is the protocol's, and keeps no secret.
    private static string Accept(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    private bool TryEnter(IPAddress address, out int status, out string text)
    {
        (status, text) = (0, "");
        if (Interlocked.Increment(ref _open) > options.MaxConnections && options.MaxConnections > 0)
            (status, text) = (StatusCodes.Status503ServiceUnavailable, "The server has reached its limit of connections");
        // Counted before: the drain waits for it, or it sees the drain.
        if (draining.IsOn)
            (status, text) = (StatusCodes.Status503ServiceUnavailable, "The server is stopping");
        if (!_addresses.TryEnter(address))
            (status, text) = (StatusCodes.Status429TooManyRequests, "This address has too many connections");
        else if (status == 0)
            return true;
        else
            _addresses.Leave(address);
        Interlocked.Decrement(ref _open);
        return false;
    }

    private Attach Attached(ILink link, int unsentBytes, byte[] received, Actor actor, IPAddress address)
    {
        var rate = rates.Of(address, holds: true);
        return new(link, unsentBytes, received, actor, rate, () =>
        {
            rate.Release();
            Leave(address);
        });
    }

    private void Leave(IPAddress address)
    {
        Interlocked.Decrement(ref _open);
        _addresses.Leave(address);
    }

    private async Task Refuse(HttpContext http, int status, string text)
    {
        metrics.Handshake(status);
        http.Response.StatusCode = status;
        if (status == StatusCodes.Status426UpgradeRequired)
            http.Response.Headers.SecWebSocketVersion = "13";
        if (status == StatusCodes.Status405MethodNotAllowed)
            http.Response.Headers.Allow = "GET";
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.ContentLength = Encoding.UTF8.GetByteCount(text);
        await http.Response.WriteAsync(text);
    }

    // The connection begins on its loop's thread.
    private sealed class Attach(ILink link, int unsentBytes, byte[] received, Actor actor, AddressRate rate, Action onClosed) : LoopWork
    {
        public override void Run(EventLoop loop)
        {
            var connection = new Connection(loop, link, actor, rate, onClosed);
            if (link is StreamLink stream)
            {
                stream.Start(connection);
            }
            else if (!((SocketLink)link).HandOver(connection, unsentBytes))
            {
                onClosed();
                return;
            }

            connection.Open(received);
        }
    }
}
