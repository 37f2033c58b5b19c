using System.Net.WebSockets;
using Confab.Tests.Client;
using Confab.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Confab.Tests.Cli;

/// <summary>What stands before a server and lets the chat through, and of the rest only what the test says.</summary>
internal static class Proxy
{
    /// <summary>Starts one.</summary>
    /// <param name="server">The server behind it.</param>
    /// <param name="html">Which requests it answers itself, with status 200 and a page; of the others those that read go to the server.</param>
    public static Task<ScriptedServer> Start(TestServer server, Func<HttpRequest, bool> html) => ScriptedServer.Start(async (_, http) =>
    {
        if (http.WebSockets.IsWebSocketRequest)
            await Relay(http, server);
        else if (html(http.Request))
            await http.Response.WriteAsync("<html>Sign in</html>", http.RequestAborted);
        else
            await http.Response.WriteAsync(await server.Http.GetStringAsync(http.Request.Path, http.RequestAborted), http.RequestAborted);
    });

    private static async Task Relay(HttpContext http, TestServer server)
    {
        using var behind = new ClientWebSocket();
        behind.Options.AddSubProtocol("confab.v1");
        await behind.ConnectAsync(new Uri($"ws://{server.EndPoint}/chat"), http.RequestAborted);
        using var before = await http.WebSockets.AcceptWebSocketAsync("confab.v1");
        try
        {
            await await Task.WhenAny(Copy(before, behind, http.RequestAborted), Copy(behind, before, http.RequestAborted));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // One of them went away.
        }
    }

    private static async Task Copy(WebSocket from, WebSocket to, CancellationToken cancel)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await from.ReceiveAsync(buffer.AsMemory(), cancel);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await to.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancel);
                return;
            }

            await to.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, cancel);
        }
    }
}
