using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Confab.Server.Sockets;

/// <summary>
/// Gives Kestrel its TCP connections on Linux. Kestrel parses HTTP and TLS as ever; a plain connection that becomes a WebSocket is taken
/// away from it with <see cref="DetachableConnection.Detach"/>, and goes on as a bare socket on an event loop.
/// </summary>
internal sealed partial class SocketTransport(EventLoops loops, TimeProvider time, ILogger<SocketTransport> logger) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => loops.OwnSockets && endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        try
        {
            socket.Listen(1024);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }

        return new ValueTask<IConnectionListener>(new Listener(socket, loops, time, logger));
    }

    [LoggerMessage(LogLevel.Error, "No connection can be accepted: this process or the system is out of file descriptors (ulimit -n). Those there are go on.")]
    private static partial void LogNoDescriptors(ILogger logger);

    private sealed class Listener(Socket socket, EventLoops loops, TimeProvider time, ILogger logger) : IConnectionListener
    {
        private static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(1);

        private long _told;

        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                try
                {
                    var accepted = await socket.AcceptAsync(cancellationToken);
                    return new DetachableConnection(accepted, loops.Next());
                }
                catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return null;
                }
                catch (SocketException e)
                {
                    // The peer left while it was accepted, or descriptors ran out: the others are kept, and the next may do.
                    if (e.SocketErrorCode == SocketError.TooManyOpenSockets)
                        TellOfDescriptors();
                    await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
                }
            }
        }

        // It comes a hundred times a second while it lasts.
        private void TellOfDescriptors()
        {
            if (_told != 0 && time.GetElapsedTime(_told) < s_quiet)
                return;
            _told = time.GetTimestamp();
            LogNoDescriptors(logger);
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            socket.Dispose();
            return default;
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return default;
        }
    }
}

/// <summary>A TCP connection that Kestrel serves until it is taken away from it.</summary>
internal sealed class DetachableConnection : DefaultConnectionContext
{
    private readonly SocketLink _link;
    private readonly EventLoop _loop;
    private bool _detached;

    public DetachableConnection(Socket socket, EventLoop loop)
    {
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        _loop = loop;
        _link = new SocketLink(socket, loop.Epoll!);
        Transport = new Duplex(
            PipeReader.Create(_link, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: false)),
            PipeWriter.Create(_link, new StreamPipeWriterOptions(leaveOpen: true)));
        Features.Set(this);
    }

    /// <summary>Takes the socket; what was received and not read comes along. Kestrel finds its end of the connection complete.</summary>
    public (EventLoop Loop, SocketLink Link, byte[] Received) Detach()
    {
        byte[] received = [];
        if (Transport.Input.TryRead(out var result))
        {
            received = System.Buffers.BuffersExtensions.ToArray(result.Buffer);
            Transport.Input.AdvanceTo(result.Buffer.End);
        }

        _detached = true;
        return (_loop, _link, received);
    }

    public override void Abort(ConnectionAbortedException abortReason) => Close();

    public override ValueTask DisposeAsync()
    {
        Close();
        return base.DisposeAsync();
    }

    private void Close()
    {
        if (!_detached)
            ((ILink)_link).Close();
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}
