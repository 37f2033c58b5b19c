using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Confab.Protocol;

namespace Confab.Cli.Bench;

/// <summary>
/// One connection of the load: a bare socket with just enough of RFC 6455, so that what is measured is the server. One task reads it; whoever
/// finds something to send appends it to what waits and, if nobody does so yet, sends until nothing waits.
/// </summary>
internal sealed class Member(Load load, int number, int room, Publisher? publisher, int publishersInRoom, int bufferBytes) : IDisposable
{
    private readonly Socket _socket = new(load.Server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int[] _last = new int[publishersInRoom];
    private readonly Lock _gate = new();
    private byte[] _received = new byte[bufferBytes];
    private ArrayBufferWriter<byte> _waiting = new(256);
    private ArrayBufferWriter<byte> _sending = new(256);
    private uint _mask = (uint)number * 2654435761u + 1;
    private bool _isSending;
    private bool _isOpen;

    public Publisher? Publisher { get; } = publisher;

    public int Room { get; } = room;

    /// <summary>Connects and joins.</summary>
    /// <exception cref="LoadException">The server would not have it.</exception>
    public async Task Join(CancellationToken cancel)
    {
        await _socket.ConnectAsync(load.Server, cancel);
        var request = $"GET {load.Path} HTTP/1.1\r\nHost: {load.Host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Convert.ToBase64String(Guid.NewGuid().ToByteArray())}\r\n\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancel);
        _ = Receive();
        await _ready.Task.WaitAsync(cancel);
    }

    /// <summary>Publishes one message.</summary>
    /// <param name="time">When it was due.</param>
    public void Publish(long time)
    {
        lock (_gate)
        {
            Publisher!.Outstanding++;
            Append(Opcode.Text, Publisher.Next(time));
        }

        Send();
    }

    /// <summary>Publishes until the window is full.</summary>
    public void FillWindow(int window)
    {
        lock (_gate)
        {
            while (Publisher!.Outstanding < window)
            {
                Publisher.Outstanding++;
                load.Published();
                Append(Opcode.Text, Publisher.Next(load.Now));
            }
        }

        Send();
    }

    /// <summary>Every member has one more of the messages.</summary>
    public void Completed(int window)
    {
        lock (_gate)
            Publisher!.Outstanding--;
        if (window > 0 && load.IsPublishing)
            FillWindow(window);
    }

    public void Dispose() => _socket.Dispose();

    private async Task Receive()
    {
        try
        {
            var filled = 0;
            while (true)
            {
                var count = await _socket.ReceiveAsync(_received.AsMemory(filled), SocketFlags.None).ConfigureAwait(false);
                if (count == 0)
                    throw new LoadException("The server closed a connection.");
                filled += count;
                var used = _isOpen ? ReadFrames(_received.AsSpan(0, filled)) : ReadHandshake(_received.AsSpan(0, filled));
                filled -= used;
                _received.AsSpan(used, filled).CopyTo(_received);
                if (filled == _received.Length)
                    Array.Resize(ref _received, filled * 2);
            }
        }
        catch (Exception e) when (e is SocketException or LoadException or ObjectDisposedException)
        {
            _ready.TrySetException(e is LoadException ? e : new LoadException(e.Message));
            load.Lost(e);
        }
    }

    private int ReadHandshake(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return 0;
        if (!bytes.StartsWith("HTTP/1.1 101 "u8))
            throw new LoadException($"The server refused a connection: {Encoding.ASCII.GetString(bytes[..bytes.IndexOf((byte)'\r')])}");
        _isOpen = true;
        lock (_gate)
            Append(Opcode.Text, Encoding.ASCII.GetBytes($$"""{"type":"join","room":"{{Scenario.RoomName(Room)}}","username":"u{{number:00000}}"}"""));
        Send();
        return end + 4 + ReadFrames(bytes[(end + 4)..]);
    }

    private int ReadFrames(ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        var deliveries = 0;
        var now = load.Now;
        while (bytes.Length - used >= 2)
        {
            var frame = bytes[used..];
            var header = frame[1] switch { 126 => 4, 127 => 10, _ => 2 };
            if (frame.Length < header || frame.Length < WebSocketFraming.ServerFrameLength(frame))
                break;
            var length = WebSocketFraming.ServerFrameLength(frame);
            deliveries += Read((Opcode)(frame[0] & 15), frame[header..length], now);
            used += length;
        }

        if (deliveries > 0)
            load.Delivered(deliveries);
        return used;
    }

    private int Read(Opcode opcode, ReadOnlySpan<byte> payload, long now)
    {
        if (opcode == Opcode.Close)
            throw new LoadException($"The server closed a connection with {(payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 0)}.");
        if (opcode == Opcode.Ping)
        {
            lock (_gate)
                Append(Opcode.Pong, payload);
            Send();
            return 0;
        }

        var mark = payload.IndexOf(Publisher.Mark);
        if (mark < 0 || payload.Length - mark < Publisher.StampLength)
        {
            Note(payload);
            return 0;
        }

        return Publisher.TryRead(payload[(mark + 2)..], out var time, out var publisher, out var message) && load.Publisher(publisher) is { } sender && sender.Room == Room
            ? Count(sender, message, now - time)
            : 0;
    }

    private int Count(Member sender, int message, long latency)
    {
        ref var last = ref _last[sender.Publisher!.InRoom];
        if (message <= last)
        {
            load.Repeated();
            return 0;
        }

        last = message;
        load.Took(latency);
        if (sender.Publisher.Received(message, load.MembersPerRoom))
            sender.Completed(load.Window);
        return 1;
    }

    private void Note(ReadOnlySpan<byte> payload)
    {
        if (payload.StartsWith("{\"type\":\"joined\""u8))
            _ready.TrySetResult();
        else if (payload.StartsWith("{\"type\":\"error\""u8))
            throw new LoadException($"The server refused: {Encoding.UTF8.GetString(payload)}");
    }

    // RFC 6455 §5.3: every frame of a client has a mask of its own.
    private void Append(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        _mask ^= _mask << 13;
        _mask ^= _mask >> 17;
        _mask ^= _mask << 5;
        var header = payload.Length < 126 ? 2 : 4;
        var frame = _waiting.GetSpan(header + 4 + payload.Length);
        frame[0] = (byte)(0x80 | (byte)opcode);
        frame[1] = (byte)(0x80 | (header == 2 ? payload.Length : 126));
        if (header == 4)
            BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)payload.Length);
        BitConverter.TryWriteBytes(frame[header..], _mask);
        var masked = frame.Slice(header + 4, payload.Length);
        payload.CopyTo(masked);
        WebSocketFraming.Unmask(masked, _mask);
        _waiting.Advance(header + 4 + payload.Length);
    }

    private void Send()
    {
        lock (_gate)
        {
            if (_isSending || _waiting.WrittenCount == 0)
                return;
            _isSending = true;
        }

        _ = SendAll();
    }

    private async Task SendAll()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_waiting.WrittenCount == 0)
                    {
                        _isSending = false;
                        return;
                    }

                    (_sending, _waiting) = (_waiting, _sending);
                    _waiting.ResetWrittenCount();
                }

                await _socket.SendAsync(_sending.WrittenMemory, SocketFlags.None).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            load.Lost(e);
        }
    }
}
