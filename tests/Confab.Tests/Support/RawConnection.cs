using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Confab.Tests.Proofs;

namespace Confab.Tests.Support;

/// <summary>
/// A TCP connection that sends any bytes. Every wait ends after <see cref="Patience"/>, which is long because test machines are slow: a test
/// that fails says what it waited for instead of hanging.
/// </summary>
public class RawConnection : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(Effort.IsLong ? 90 : 20); // longer than a server is frozen in the long mode

    private const int MaxSend = 64 * 1024;

    private readonly Socket _socket;
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    protected RawConnection(Socket socket) => _socket = socket;

    /// <summary>Whether the server ended the connection with a reset instead of an orderly end.</summary>
    public bool WasReset { get; private set; }

    /// <summary>Bytes that the kernel has taken from us.</summary>
    public long Sent { get; private set; }

    protected ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_start, _end - _start);

    public static async Task<RawConnection> Connect(IPEndPoint server) => new(await Dial(server, null));

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Drops the connection with a TCP reset, as a crashed or hostile peer does.</summary>
    public void Abort()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <summary>Ends our direction, unless all has ended; the server can still be read.</summary>
    public void HalfClose()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            WasReset = true;
        }
    }

    public Task Send(byte[] bytes) => Send(bytes.AsMemory());

    public async Task Send(ReadOnlyMemory<byte> bytes)
    {
        using var deadline = Deadline();
        try
        {
            while (!bytes.IsEmpty)
            {
                var count = await _socket.SendAsync(bytes[..Math.Min(bytes.Length, MaxSend)], deadline.Token);
                Sent += count;
                bytes = bytes[count..];
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The server took no more bytes for {Patience.TotalSeconds} s.");
        }
    }

    /// <summary>Sends what the server still takes; false once it has ended the connection.</summary>
    public async Task<bool> TrySend(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await Send(bytes);
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Sends the request and reads the answer; the body only where its length is given.</summary>
    public async Task<HandshakeAnswer> Ask(Handshake handshake)
    {
        await Send(handshake.ToBytes());
        return await ReadAnswer();
    }

    /// <summary>Reads the head of an HTTP answer, and its body where its length is given, or its first chunk.</summary>
    public async Task<HandshakeAnswer> ReadAnswer()
    {
        int length;
        while ((length = Buffered.IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await Fill("the head of an HTTP answer"))
                throw new EndOfStreamException("The server ended the connection without an HTTP answer.");
        }

        var answer = HandshakeAnswer.Parse(Encoding.Latin1.GetString(Take(length + 4)));
        if (answer["Content-Length"] is { } bytes)
            return answer with { Body = Encoding.UTF8.GetString(await ReadExactly(int.Parse(bytes, CultureInfo.InvariantCulture), "the body")) };
        return answer["Transfer-Encoding"] == "chunked" ? answer with { Body = Encoding.UTF8.GetString(await ReadChunk()) } : answer;
    }

    private async Task<byte[]> ReadChunk()
    {
        int length;
        while ((length = Buffered.IndexOf("\r\n"u8)) < 0)
            Assert.True(await Fill("the length of a chunk"), "The server ended the connection within an answer.");
        var bytes = int.Parse(Encoding.ASCII.GetString(Take(length + 2)).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return await ReadExactly(bytes, "a chunk");
    }

    /// <summary>Waits until the server has ended the connection, and drops whatever it still sends.</summary>
    public async Task WaitForEnd()
    {
        while (await Fill("the end of the connection"))
            _start = _end;
    }

    /// <summary>Takes one byte from the kernel, if there is one, and keeps it for the next read.</summary>
    public void TakeByte()
    {
        MakeRoom();
        if (_socket.Available > 0)
            _end += _socket.Receive(_buffer, _end, 1, SocketFlags.None);
    }

    protected static async Task<Socket> Dial(IPEndPoint server, int? receiveBuffer)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
            socket.ReceiveBufferSize = bytes;
        using var deadline = Deadline();
        await socket.ConnectAsync(server, deadline.Token);
        return socket;
    }

    protected byte[] Take(int count)
    {
        var bytes = Buffered[..count].ToArray();
        _start += count;
        return bytes;
    }

    protected async Task<byte[]> ReadExactly(int count, string what)
    {
        while (_end - _start < count)
        {
            if (!await Fill(what))
                throw new EndOfStreamException($"The server ended the connection in the middle of {what}.");
        }

        return Take(count);
    }

    /// <summary>Reads what has come; false at the end of the connection.</summary>
    protected async Task<bool> Fill(string what)
    {
        MakeRoom();
        using var deadline = Deadline();
        try
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), deadline.Token);
            _end += count;
            return count > 0;
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited {Patience.TotalSeconds} s for {what}.");
        }
        catch (SocketException)
        {
            WasReset = true;
            return false;
        }
    }

    private static CancellationTokenSource Deadline()
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        return deadline;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            Buffered.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
