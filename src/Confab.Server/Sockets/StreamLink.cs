namespace Confab.Server.Sockets;

/// <summary>
/// A connection whose bytes come through a stream: TLS, HTTP/2 (RFC 8441), or a system without epoll. One read and one write are under way
/// at a time, each with a buffer of its own, rented while it is needed.
/// </summary>
internal sealed class StreamLink(Stream stream, EventLoop loop) : ILink
{
    private const int MaxWrite = 64 * 1024;

    /// <summary>What a peer that takes nothing has for the last write.</summary>
    private static readonly TimeSpan s_lastWrite = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancel = new();
    private readonly byte[] _input = new byte[4096];
    private IReady? _ready;
    private int _start, _end;
    private bool _reading, _writing, _ended, _wantsRead;

    /// <summary>Done when the connection ended; the request must live until then.</summary>
    public Task Closed => _closed.Task;

    public void Start(IReady ready) => _ready = ready;

    public int Receive(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _end - _start);
        _input.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        if (count > 0 || !_ended)
        {
            ReadOn();
            return count;
        }

        return -1;
    }

    public int Send(ReadOnlySpan<byte> bytes)
    {
        if (_ended)
            return -1;
        if (_writing)
            return 0;
        _writing = true;
        var chunk = bytes[..Math.Min(bytes.Length, MaxWrite)].ToArray();
        _ = Write(chunk);
        return chunk.Length;
    }

    public void Want(bool read, bool write)
    {
        _wantsRead = read;
        if (read && _end > _start)
            loop.Post(new Ready(this, Readable: true, Writable: false));
        else
            ReadOn();
        if (write && !_writing)
            loop.Post(new Ready(this, Readable: false, Writable: true));
    }

    // A stream does not end in one direction alone; the close frame has said it, and what the peer still sends is drained all the same.
    public bool EndSending() => true;

    public void Close()
    {
        if (_closed.Task.IsCompleted)
            return;
        // The last write may still be on its way: the close frame is in it.
        if (_writing && !_ended)
        {
            _ended = true;
            _cancel.CancelAfter(s_lastWrite);
            return;
        }

        _ended = true;
        _cancel.Cancel();
        _closed.TrySetResult();
    }

    private void ReadOn()
    {
        if (!_wantsRead || _reading || _ended || _end > _start)
            return;
        _reading = true;
        _ = Read();
    }

    private async Task Read()
    {
        var count = 0;
        try
        {
            count = await stream.ReadAsync(_input, _cancel.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The peer is gone, or we are; whatever it is, nothing more comes.
        }

        loop.Post(new ReadDone(this, count));
    }

    private async Task Write(byte[] chunk)
    {
        var sent = true;
        try
        {
            await stream.WriteAsync(chunk, _cancel.Token).ConfigureAwait(false);
            await stream.FlushAsync(_cancel.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            sent = false;
        }

        loop.Post(new WriteDone(this, sent));
    }

    private sealed class ReadDone(StreamLink link, int count) : LoopWork
    {
        public override void Run(EventLoop loop)
        {
            link._reading = false;
            link._start = 0;
            link._end = count;
            link._ended |= count == 0;
            link._ready?.OnReady(readable: true, writable: false);
        }
    }

    private sealed class WriteDone(StreamLink link, bool sent) : LoopWork
    {
        public override void Run(EventLoop loop)
        {
            link._writing = false;
            if (link._ended || !sent)
            {
                link._ended = true;
                link._ready?.OnReady(readable: true, writable: true);
                link.Close();
                return;
            }

            link._ready?.OnReady(readable: false, writable: true);
        }
    }

    private sealed class Ready(StreamLink link, bool Readable, bool Writable) : LoopWork
    {
        public override void Run(EventLoop loop) => link._ready?.OnReady(Readable, Writable);
    }
}
