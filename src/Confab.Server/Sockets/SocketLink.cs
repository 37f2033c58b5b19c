using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Confab.Server.Sockets;

/// <summary>
/// A TCP socket on an event loop. While HTTP has it, it is a stream; once a WebSocket was opened it is the connection's own,
/// and nothing of HTTP stays in memory.
/// </summary>
internal sealed partial class SocketLink : Stream, ILink, IReady
{
    private const int Again = 11, Interrupted = 4;
    private const int DontWait = 0x40, NoSignal = 0x4000;

    private readonly Socket _socket;
    private readonly int _fd;
    private readonly EpollPoller _poller;
    private readonly ulong _token;
    private readonly Action _onClosed;
    private readonly Waiter _read = new(), _write = new();
    private readonly Lock _gate = new();
    private bool _closed;

    public SocketLink(Socket socket, EpollPoller poller, Action onClosed)
    {
        _socket = socket;
        _onClosed = onClosed;
        _socket.Blocking = false;
        _socket.NoDelay = true;
        _fd = (int)socket.Handle;
        _poller = poller;
        _token = poller.Add(_fd, this);
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Ends the time as a stream: from now on this is told when the socket is ready.</summary>
    /// <param name="ready">Who is told; on the loop's thread.</param>
    /// <param name="unsentBytes">How many bytes the kernel takes beyond what is on its way, so that a stalled reader stays cheap.</param>
    /// <returns>False when HTTP closed it before: the descriptor may be somebody else's by now.</returns>
    public unsafe bool HandOver(IReady ready, int unsentBytes)
    {
        const int ipProtoTcp = 6, tcpNotSentLowAt = 25;
        lock (_gate)
        {
            if (_closed)
                return false;
            setsockopt(_fd, ipProtoTcp, tcpNotSentLowAt, &unsentBytes, sizeof(int));
            _poller.Replace(_token, ready);
            return true;
        }
    }

    public unsafe int Receive(Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            var count = recv(_fd, p, buffer.Length, DontWait);
            return count > 0 ? (int)count : count < 0 && Marshal.GetLastSystemError() is Again or Interrupted ? 0 : -1;
        }
    }

    public unsafe int Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* p = bytes)
        {
            var count = send(_fd, p, bytes.Length, DontWait | NoSignal);
            return count >= 0 ? (int)count : Marshal.GetLastSystemError() is Again or Interrupted ? 0 : -1;
        }
    }

    public unsafe int? Unconfirmed
    {
        get
        {
            const nuint siocOutQ = 0x5411;
            int bytes;
            return ioctl(_fd, siocOutQ, &bytes) == 0 ? bytes : null;
        }
    }

    public void Want(bool read, bool write) => _poller.Watch(_fd, _token, read, write);

    public bool EndSending() => shutdown(_fd, 1) == 0;

    void ILink.Close()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            _poller.Remove(_token);
            shutdown(_fd, 2);
            _socket.Dispose();
        }

        _onClosed();
        _read.Signal();
        _write.Signal();
    }

    public void OnReady(bool readable, bool writable)
    {
        // One-shot interest covers both directions: whoever still waits asks again.
        _read.Signal();
        _write.Signal();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A cancelled read is how Kestrel asks an idle connection to end: a stop would otherwise wait for it until the time is up.
        using var wake = cancellationToken.UnsafeRegister(static link => ((SocketLink)link!)._read.Signal(), this);
        while (true)
        {
            var wait = _read.Wait();
            var cancelled = cancellationToken.IsCancellationRequested;
            var count = cancelled ? 0 : Guarded(buffer.Span, sending: false);
            if (count != 0 || cancelled)
            {
                _read.Signal();
                await wait;
                return cancelled ? throw new OperationCanceledException(cancellationToken) : Math.Max(count, 0);
            }

            Watch();
            await wait;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var wait = _write.Wait();
            var count = Guarded(MemoryMarshal.AsMemory(buffer).Span, sending: true);
            if (count != 0)
                _write.Signal();
            else
                Watch();
            await wait;
            if (count < 0)
                throw new OperationCanceledException("The connection was closed."); // so Kestrel ends the answer; of anything else it says that it is unexpected
            buffer = buffer[count..];
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous reads.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    // A stream may be closed by another thread; the descriptor must not be somebody else's by then.
    private int Guarded(Span<byte> bytes, bool sending)
    {
        lock (_gate)
            return _closed ? -1 : sending ? Send(bytes) : Receive(bytes);
    }

    private void Watch()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _poller.Watch(_fd, _token, read: true, write: _write.IsWaiting, once: true);
                return;
            }
        }

        _read.Signal();
        _write.Signal();
    }

    [LibraryImport("libc")]
    private static unsafe partial nint recv(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc")]
    private static unsafe partial nint send(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc")]
    private static unsafe partial int ioctl(int fd, nuint request, int* argument);

    [LibraryImport("libc")]
    private static partial int shutdown(int fd, int how);

    [LibraryImport("libc")]
    private static unsafe partial int setsockopt(int fd, int level, int name, void* value, int length);

    // Waits for the next signal; one that comes first is kept.
    private sealed class Waiter : IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
        private int _waiting;

        public bool IsWaiting => Volatile.Read(ref _waiting) != 0;

        public ValueTask Wait()
        {
            _source.Reset();
            Volatile.Write(ref _waiting, 1);
            return new ValueTask(this, _source.Version);
        }

        public void Signal()
        {
            if (Interlocked.Exchange(ref _waiting, 0) != 0)
                _source.SetResult(true);
        }

        public void GetResult(short token) => _source.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _source.OnCompleted(continuation, state, token, flags);
    }
}
