using System.Text;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>Confab speaks JSON, so where RFC 6455 is tested with any text, a <c>ping</c> frame of any length takes its place: <c>pong</c> is the echo.</summary>
public static class Pings
{
    /// <summary>A ping of exactly that many bytes, padded with white space.</summary>
    public static byte[] OfLength(int bytes, string id = "echo")
    {
        var json = $$"""{"type":"ping","id":"{{id}}"}""";
        return Encoding.UTF8.GetBytes(json.PadRight(bytes));
    }

    /// <summary>A ping that carries these bytes inside a string that the server has no use for.</summary>
    public static byte[] With(byte[] inside, string id = "echo") =>
        [.. Encoding.UTF8.GetBytes($$"""{"type":"ping","id":"{{id}}","pad":" """.TrimEnd()), .. inside, .. "\"}"u8];

    public static async Task IsAnswered(this RawWebSocket socket, string id = "echo")
    {
        var frame = await socket.Next();
        Assert.Equal("pong", frame.TypeOf());
        Assert.Equal(id, frame.Text("id"));
    }

    /// <summary>Opens a connection, sends these bytes and expects this close code.</summary>
    public static async Task IsClosedBy(this TestServer server, byte[] bytes, params int[] codes)
    {
        await using var socket = await server.Open();
        await socket.TrySend(bytes);
        await socket.IsClosedWith(codes);
    }

    public static Task IsClosedBy(this TestServer server, WireFrame frame, params int[] codes) => server.IsClosedBy(frame.ToBytes(), codes);
}
