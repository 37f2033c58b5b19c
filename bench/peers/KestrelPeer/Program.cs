using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;

// The yardstick of a careful hand-written server: Kestrel's WebSockets, a bounded channel and a send loop
// for each connection, every message's bytes shared by the whole room. Nothing is stored.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
var rooms = new ConcurrentDictionary<string, Room>(StringComparer.Ordinal);
app.UseWebSockets();
app.Map("/chat", async (HttpContext http) =>
{
    if (!http.WebSockets.IsWebSocketRequest)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return;
    }

    using var socket = await http.WebSockets.AcceptWebSocketAsync();
    await new Member(socket, rooms).Run();
});
app.Run();

internal sealed class Member(WebSocket socket, ConcurrentDictionary<string, Room> rooms)
{
    // 1,024 frames: sixteen of the load generator's windows. A reader that falls further behind is cut off.
    private readonly Channel<byte[]> _outbox =
        Channel.CreateBounded<byte[]>(new BoundedChannelOptions(1024) { SingleReader = true });

    private Room? _room;

    public async Task Run()
    {
        var sending = SendLoop();
        try
        {
            await ReadLoop();
        }
        catch (WebSocketException)
        {
            // The peer went without a close frame: the same end.
        }

        _room?.Remove(this);
        _outbox.Writer.TryComplete();
        await sending;
    }

    public void Deliver(byte[] frame)
    {
        if (!_outbox.Writer.TryWrite(frame))
            socket.Abort();
    }

    private async Task SendLoop()
    {
        try
        {
            await foreach (var frame in _outbox.Reader.ReadAllAsync())
                await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Aborted, by the peer or by Deliver. The read loop ends as well and takes the member out of its room.
        }
    }

    private async Task ReadLoop()
    {
        var buffer = new byte[4096];
        var message = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (read.MessageType == WebSocketMessageType.Close)
                return;
            message.Write(buffer.AsSpan(0, read.Count));
            if (!read.EndOfMessage)
                continue;
            Dispatch(message.WrittenSpan);
            message.ResetWrittenCount();
        }
    }

    private void Dispatch(ReadOnlySpan<byte> message)
    {
        var json = new Utf8JsonReader(message);
        string? type = null, room = null;
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
                continue;
            if (json.ValueTextEquals("type"u8))
                type = json.Read() ? json.GetString() : null;
            else if (json.ValueTextEquals("room"u8))
                room = json.Read() ? json.GetString() : null;
        }

        if (room is null)
            return;
        if (type == "join")
        {
            _room = rooms.GetOrAdd(room, static _ => new Room());
            _room.Add(this);
            Deliver("{\"type\":\"joined\"}"u8.ToArray());
        }
        else if (type == "message" && rooms.TryGetValue(room, out var target))
        {
            target.Broadcast(message.ToArray());
        }
    }
}

internal sealed class Room
{
    private readonly Lock _lock = new();
    private readonly List<Member> _members = [];

    public void Add(Member member)
    {
        lock (_lock)
            _members.Add(member);
    }

    public void Remove(Member member)
    {
        lock (_lock)
            _members.Remove(member);
    }

    // Under the lock, so that everybody sees the same order.
    public void Broadcast(byte[] frame)
    {
        lock (_lock)
        {
            foreach (var member in _members)
                member.Deliver(frame);
        }
    }
}
