using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Confab.Server.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Confab.Server.Sockets;

/// <summary>
/// Gives Kestrel its TCP connections on Linux. Kestrel parses HTTP and TLS as ever; a plain connection that becomes a WebSocket is taken
/// away from it with <see cref="DetachableConnection.Detach"/>, and goes on as a bare socket on an event loop.
/// </summary>
internal sealed partial class SocketTransport(EventLoops loops, ServerOptions options, Proxies proxies, Metrics metrics, TimeProvider time, ILogger<SocketTransport> logger) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <summary>Descriptors that are left to files, to the database and to the runtime, which ends the process when there are none.</summary>
    public const int SpareDescriptors = 32;

    private static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(1);

    // For every WebSocket that an address may have one connection more, over which its page is fetched. Without a bound one address
    // could take all that the server has, saying nothing, before a handshake is there to be counted.
    private readonly AddressCounts _addresses = new(2 * options.ConnectionsPerAddress);
    private long _toldOfDescriptors, _toldOfFailure;

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

        return new ValueTask<IConnectionListener>(new Listener(this, socket));
    }

    [LoggerMessage(LogLevel.Error, "No new connection can be accepted: out of file descriptors (ulimit -n). Existing connections continue.")]
    private static partial void LogNoDescriptors(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "A new connection could not be accepted and was closed. Existing connections continue.")]
    private static partial void LogNotTaken(ILogger logger, Exception exception);

    // Null when the address has too many: there is nothing to read yet, and so nothing to answer.
    private DetachableConnection? Take(Socket accepted)
    {
        if (IsAmongTheLast(accepted.Handle))
        {
            accepted.Dispose();
            throw new SocketException((int)SocketError.TooManyOpenSockets);
        }

        // Behind a proxy are many; for whom a connection is, only its requests say.
        var peer = ((IPEndPoint)accepted.RemoteEndPoint!).Address;
        var address = proxies.Contains(peer) ? null : ClientAddress.Counted(peer);
        if (address is not null && !_addresses.TryEnter(address))
        {
            metrics.ConnectionRefused();
            accepted.Dispose();
            return null;
        }

        try
        {
            return new DetachableConnection(accepted, loops.Next(), () => Leave(address));
        }
        catch (Exception)
        {
            Leave(address);
            accepted.Dispose();
            throw;
        }
    }

    private void Leave(IPAddress? address)
    {
        if (address is not null)
            _addresses.Leave(address);
    }

    // A descriptor is the lowest number that is free (POSIX, open). The limit may be set while the process runs.
    private static bool IsAmongTheLast(nint descriptor)
    {
        const int noFile = 7;
        return getrlimit(noFile, out var limit) == 0 && (ulong)descriptor + SpareDescriptors >= limit.Current;
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, out ResourceLimit limit);

    private void Tell(Exception failure)
    {
        if (failure is not SocketException { SocketErrorCode: var code })
        {
            if (IsNews(ref _toldOfFailure))
                LogNotTaken(logger, failure);
        }
        else if (code == SocketError.TooManyOpenSockets && IsNews(ref _toldOfDescriptors))
        {
            LogNoDescriptors(logger);
        }
    }

    // It comes a hundred times a second while it lasts.
    private bool IsNews(ref long told)
    {
        if (told != 0 && time.GetElapsedTime(told) < s_quiet)
            return false;
        told = time.GetTimestamp();
        return true;
    }

    private readonly record struct ResourceLimit(ulong Current, ulong Most);

    private sealed class Listener(SocketTransport transport, Socket socket) : IConnectionListener
    {
        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                try
                {
                    if (transport.Take(await socket.AcceptAsync(cancellationToken)) is { } connection)
                        return connection;
                }
                catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return null;
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    // The peer left while it was accepted, descriptors ran out, or epoll takes no more: the others are kept, and the next may do.
                    // Whatever it is: what is thrown here ends all accepting.
                    transport.Tell(e);
                    await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
                }
            }
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

    public DetachableConnection(Socket socket, EventLoop loop, Action onClosed)
    {
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        _loop = loop;
        _link = new SocketLink(socket, loop.Epoll!, onClosed);
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
