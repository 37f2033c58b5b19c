using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Confab.Tests.Support;

/// <summary>A WebSocket client that keeps no rule it was not told to keep, but holds the server to all of them.</summary>
public sealed class RawWebSocket : RawConnection
{
    private RawWebSocket(Socket socket)
        : base(socket)
    {
    }

    /// <summary>Connects and says nothing yet.</summary>
    public static new async Task<RawWebSocket> Connect(IPEndPoint server) => new(await Dial(server, null));

    /// <summary>Connects, shakes hands and reads the <c>hello</c>.</summary>
    /// <param name="server">Where.</param>
    /// <param name="handshake">What to ask with; a plain good one when left out.</param>
    /// <param name="receiveBuffer">Bytes that the kernel keeps for us: few, for a client that is to stall soon.</param>
    public static async Task<RawWebSocket> Open(IPEndPoint server, Handshake? handshake = null, int? receiveBuffer = null)
    {
        var socket = new RawWebSocket(await Dial(server, receiveBuffer));
        var answer = await socket.Ask(handshake ?? new Handshake());
        Assert.Equal(101, answer.Status);
        Assert.Equal("hello", (await socket.Next()).TypeOf());
        return socket;
    }

    public Task Send(WireFrame frame) => Send(frame.ToBytes());

    /// <summary>Sends bytes in pieces of that size, each in a packet of its own where the kernel lets it.</summary>
    public async Task SendInPieces(byte[] bytes, int size)
    {
        for (var i = 0; i < bytes.Length; i += size)
            await Send(bytes.AsMemory(i, Math.Min(size, bytes.Length - i)));
    }

    public Task SendJson(string json) => Send(WireFrame.Text(json));

    public Task SendJson(object frame) => Send(new WireFrame(1, JsonSerializer.SerializeToUtf8Bytes(frame)));

    /// <summary>The next frame of any kind; null at the end of the connection.</summary>
    public async Task<RawFrame?> Receive()
    {
        while (Buffered.Length < 2)
        {
            if (await Fill("a frame"))
                continue;
            Assert.True(WasReset || Buffered.IsEmpty, "The server ended the connection in the middle of a frame's header.");
            return null;
        }

        var head = Take(2);
        Assert.True((head[0] & 0x70) == 0, "The server set a reserved bit.");
        Assert.True((head[1] & 0x80) == 0, "The server masked a frame.");
        var length = (ulong)head[1];
        if (length == 126)
            length = BinaryPrimitives.ReadUInt16BigEndian(await ReadExactly(2, "a length"));
        else if (length == 127)
            length = BinaryPrimitives.ReadUInt64BigEndian(await ReadExactly(8, "a length"));
        return new RawFrame((head[0] & 0x80) != 0, head[0] & 0x0F, await ReadExactly(checked((int)length), "a payload"));
    }

    /// <summary>The next text frame as JSON. The server's pings are answered on the way.</summary>
    public async Task<JsonElement> Next()
    {
        while (true)
        {
            var frame = await Receive() ?? throw new EndOfStreamException("The server ended the connection instead of sending a frame.");
            if (frame.IsPing)
                await Send(WireFrame.Pong(frame.Payload));
            else if (!frame.IsPong)
                return frame.IsText ? frame.Json : throw new InvalidOperationException($"Expected text, got {frame}.");
        }
    }

    /// <summary>The next text frame of one of these types; others on the way are dropped.</summary>
    public async Task<JsonElement> NextOf(params string[] types)
    {
        while (true)
        {
            var frame = await Next();
            if (types.Contains(frame.TypeOf()))
                return frame;
        }
    }

    /// <summary>Sends a frame with an <c>id</c> and waits for the answer that carries it.</summary>
    public async Task<JsonElement> Request(string id, string json)
    {
        await SendJson(json);
        while (true)
        {
            var frame = await Next();
            if (frame.TryGetProperty("id", out var answered) && answered.GetString() == id)
                return frame;
        }
    }

    /// <summary>Joins a room and returns <c>joined</c>.</summary>
    public async Task<JsonElement> Join(string room, string? username = null)
    {
        await SendJson(username is null ? new { type = "join", room } : new { type = "join", room, username });
        return await NextOf("joined", "error");
    }

    /// <summary>Whether the connection still answers.</summary>
    public async Task Answers()
    {
        await SendJson("""{"type":"ping","id":"still-there"}""");
        Assert.Equal("pong", (await NextWithId("still-there")).TypeOf());
    }

    /// <summary>The next text frame that carries this <c>id</c>.</summary>
    public async Task<JsonElement> NextWithId(string id)
    {
        while (true)
        {
            var frame = await Next();
            if (frame.TryGetProperty("id", out var answered) && answered.GetString() == id)
                return frame;
        }
    }

    /// <summary>Reads up to the close frame and returns it; whatever comes before is dropped.</summary>
    public async Task<RawFrame> ReceiveClose()
    {
        while (true)
        {
            var frame = await Receive() ?? throw new EndOfStreamException($"The server ended the connection without a close frame (reset: {WasReset}).");
            if (frame.IsClose)
                return frame;
        }
    }

    /// <summary>The server closes with this code, sends nothing after it, and lets go once we have answered and ended our direction.</summary>
    public async Task IsClosedWith(params int[] codes)
    {
        var close = await ReceiveClose();
        Assert.Contains(close.CloseCode, codes);
        Assert.True(close.Payload.Length <= 125, "A control frame carries at most 125 bytes.");
        await TrySend(WireFrame.Close(close.CloseCode).ToBytes());
        HalfClose();
        var after = await Receive();
        Assert.True(after is null, $"After the close frame came {after}.");
    }
}

/// <summary>Short reads of the server's JSON.</summary>
public static class JsonReading
{
    public static string? TypeOf(this JsonElement frame) => frame.Text("type");

    public static string? Text(this JsonElement json, string key) =>
        json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static long Number(this JsonElement json, string key) => json.GetProperty(key).GetInt64();
}
