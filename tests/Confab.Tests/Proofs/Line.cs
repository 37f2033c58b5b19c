using System.Net;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>A client's connection that may break at any moment: then there is nothing to read and nothing to send, and the client dials again.</summary>
internal sealed class Line : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly RawWebSocket _socket;
    private Task<JsonElement?>? _reading;
    private bool _hungUp;

    private Line(RawWebSocket socket) => _socket = socket;

    /// <summary>Why it broke, for a test that did not expect it to.</summary>
    public string Fate { get; private set; } = "nothing happened";

    /// <summary>Connects, again and again while the server is down.</summary>
    /// <param name="server">Where.</param>
    /// <param name="receiveBuffer">Bytes the kernel keeps for us: few, to feel a stall soon.</param>
    public static async Task<Line> Dial(IPEndPoint server, int? receiveBuffer = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return new Line(await RawWebSocket.Open(server, receiveBuffer: receiveBuffer));
            }
            catch (Exception) when (TimeProvider.System.GetElapsedTime(started) < s_patience)
            {
                // Refused, cut in the handshake, or 503 of a server that stops.
                await Wait.AMoment();
            }
        }
    }

    /// <summary>Sends a frame; whether it arrives nobody knows.</summary>
    public async Task Send(object frame)
    {
        try
        {
            await _socket.SendJson(frame);
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            Fate = e.Message;
        }
    }

    /// <summary>The next frame; null when the line broke, or when told not to wait any longer.</summary>
    public async Task<JsonElement?> Next(CancellationToken noLonger = default)
    {
        _reading ??= Read();
        if (!_reading.IsCompleted)
        {
            var stop = new TaskCompletionSource();
            using (noLonger.Register(stop.SetResult))
                await Task.WhenAny(_reading, stop.Task);
        }

        if (!_reading.IsCompleted)
            return null;
        var frame = await _reading;
        if (frame is not null)
            _reading = null;
        return frame;
    }

    /// <summary>Hangs up as a crashing client does.</summary>
    public void Abort()
    {
        if (_hungUp)
            return;
        _hungUp = true;
        Fate = "hung up";
        _socket.Abort();
    }

    public ValueTask DisposeAsync() => _socket.DisposeAsync();

    private async Task<JsonElement?> Read()
    {
        try
        {
            return await _socket.Next();
        }
        catch (Exception e)
        {
            // A killed server leaves off in the middle of a frame.
            Fate = e.Message;
            return null;
        }
    }
}
