using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Confab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Confab.Tests.Client;

/// <summary>A server that does what the test says, connection by connection: what a real one does seldom, or never.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private Exception? _failure;
    private int _connections;

    private ScriptedServer(WebApplication app) => _app = app;

    public int Connections => Volatile.Read(ref _connections);

    public Uri Chat => new(_app.Urls.First().Replace("http://", "ws://", StringComparison.Ordinal) + "/chat");

    /// <summary>Starts one.</summary>
    /// <param name="script">What to do with each connection, counted from 1. At its end the connection is dropped without a close frame.</param>
    public static Task<ScriptedServer> Start(Func<int, ScriptedPeer, Task> script) => Start(async (number, http) =>
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync("confab.v1");
        try
        {
            await script(number, new ScriptedPeer(socket, http.RequestAborted));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client went away first.
        }
    });

    public static async Task<ScriptedServer> Start(Func<int, HttpContext, Task> script)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.UseWebSockets();
        app.Run(async http =>
        {
            try
            {
                // A script that failed sends the client away for good, and fails its test in the end.
                if (server._failure is null)
                    await script(Interlocked.Increment(ref server._connections), http);
                else
                    http.Response.StatusCode = StatusCodes.Status410Gone;
            }
            catch (Exception e)
            {
                server._failure ??= e;
            }
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        if (_failure is not null)
            throw new InvalidOperationException("The script failed.", _failure);
    }
}

/// <summary>The server's end of one connection.</summary>
internal sealed class ScriptedPeer(WebSocket socket, CancellationToken cancel)
{
    public const string Epoch = "epoch-1";

    private readonly byte[] _received = new byte[128 * 1024];

    public Task Send(string json) => socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, cancel);

    public Task Send(ServerFrame frame) => Send(JsonSerializer.Serialize(frame, WireJson.Default.ServerFrame));

    public Task SendBinary(byte[] bytes) => socket.SendAsync(bytes, WebSocketMessageType.Binary, true, cancel);

    public Task Hello(string epoch = Epoch, int frameBytes = 64 * 1024) =>
        Send(new HelloFrame { Version = 1, Epoch = epoch, User = null, Limits = new Limits { FrameBytes = frameBytes } });

    public Task Ack(Command command, long seq) => Send(new AckFrame { Id = command.Id!, Room = ((RoomCommand)command).Room, Seq = seq });

    public Task Refuse(Command command, string code, int? retryAfterMs = null) =>
        Send(new ErrorFrame { Id = command.Id, Code = code, Message = "No.", RetryAfterMs = retryAfterMs });

    public Task Joined(JoinCommand join, long seq, string epoch = Epoch, IReadOnlyList<MessageData>? messages = null) =>
        Send(new JoinedFrame { Id = join.Id, Room = join.Room, Seq = seq, Epoch = epoch, Count = 1, Messages = messages });

    public Task Left(LeaveCommand leave) => Send(new LeftFrame { Id = leave.Id, Room = leave.Room });

    public Task Message(string room, long seq, string content = "hi") => Send(new MessageFrame { Room = room, Seq = seq, Data = MessageOf(room, seq, content) });

    public static MessageData MessageOf(string room, long id, string content = "hi") =>
        new() { Id = id, Room = room, Username = "bob", Content = content, Timestamp = DateTimeOffset.UnixEpoch };

    /// <summary>The next frame of the client, of that kind.</summary>
    public async Task<T> Receive<T>()
        where T : Command => Assert.IsType<T>(await Receive() ?? throw new OperationCanceledException("The client closed."));

    /// <summary>The next frame of the client; null when it closed.</summary>
    public async Task<Command?> Receive()
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(_received.AsMemory(length), cancel);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            if (part.EndOfMessage)
                return JsonSerializer.Deserialize(_received.AsSpan(0, length), WireJson.Default.Command);
        }
    }

    /// <summary>Waits until the client goes away.</summary>
    public async Task Idle()
    {
        while (await Receive() is not null)
        {
        }
    }

    public Task Close(int code, string reason = "") => socket.CloseAsync((WebSocketCloseStatus)code, reason, cancel);
}
