using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using Confab.Protocol;

namespace Confab.Client;

/// <summary>One WebSocket, from its <c>hello</c> to its end. One task reads and one sends at a time.</summary>
internal sealed class Connection : IDisposable
{
    // A snapshot has 256 KiB of messages, or a single one: 64 KiB at most of text and of HTML, where every byte can be six in JSON, and 32 reactions
    // of 50 names are 1.2 MiB at worst. Whoever sends more than three times that is no Confab server.
    private const int MaxFrameBytes = 4 << 20;
    private const int KeptBytes = 64 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ArrayBufferWriter<byte> _toSend = new();
    private readonly TimeProvider _time;
    private ArrayBufferWriter<byte> _received = new(4096);

    private Connection(ConfabClientOptions options)
    {
        _time = options.TimeProvider;
        var socket = _socket.Options;
        socket.AddSubProtocol("confab.v1");
        socket.CollectHttpResponseDetails = true;
        socket.KeepAliveInterval = options.KeepAliveInterval;
        socket.KeepAliveTimeout = options.KeepAliveTimeout > TimeSpan.Zero ? options.KeepAliveTimeout : Timeout.InfiniteTimeSpan;
        options.ConfigureSocket?.Invoke(socket);
    }

    /// <summary>What the server said first.</summary>
    public HelloFrame Hello { get; private set; } = null!;

    /// <exception cref="ConfabConnectionException">There was no answer in time, or a refusal.</exception>
    public static async Task<Connection> OpenAsync(Uri server, ConfabClientOptions options, CancellationToken cancel)
    {
        var connection = new Connection(options);
        using var patience = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            await connection._socket.ConnectAsync(server, either.Token).ConfigureAwait(false);
            connection.Hello = await connection.ReceiveAsync(either.Token).ConfigureAwait(false) switch
            {
                HelloFrame { Version: 1 } hello => hello,
                HelloFrame hello => throw Alien($"The server uses version {hello.Version} of the protocol; this client supports version 1."),
                null => throw connection.Explain(null),
                _ => throw Alien("The server did not send hello first."),
            };
            return connection;
        }
        catch (Exception e)
        {
            connection.Dispose();
            cancel.ThrowIfCancellationRequested();
            throw connection.Explain(e);
        }
    }

    /// <summary>The next frame; null when the server closed.</summary>
    /// <exception cref="Exception">The connection broke, or what came was no frame: <see cref="Explain"/> tells.</exception>
    public async ValueTask<ServerFrame?> ReceiveAsync(CancellationToken cancel)
    {
        if (_received.Capacity > KeptBytes)
            _received = new ArrayBufferWriter<byte>(4096);
        _received.ResetWrittenCount();
        while (true)
        {
            var part = await _socket.ReceiveAsync(_received.GetMemory(4096), cancel).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            if (part.MessageType == WebSocketMessageType.Binary || _received.WrittenCount + part.Count > MaxFrameBytes)
                throw Alien("The server sent an invalid frame.");
            _received.Advance(part.Count);
            if (part.EndOfMessage)
                return ServerFrame.Parse(_received.WrittenSpan);
        }
    }

    /// <summary>Sends one frame and returns its bytes; 0 when it is longer than the server takes, and was not sent.</summary>
    public async Task<int> SendAsync(Command command)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            _toSend.ResetWrittenCount();
            command.WriteTo(_toSend);
            if (_toSend.WrittenCount > Hello.Limits.FrameBytes)
                return 0;
            // Without a token: cancelling a send breaks the whole connection.
            await _socket.SendAsync(_toSend.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
            return _toSend.WrittenCount;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Says goodbye, or answers the server's.</summary>
    public async Task CloseAsync()
    {
        using var patience = new CancellationTokenSource(s_patience, _time);
        try
        {
            await _sending.WaitAsync(patience.Token).ConfigureAwait(false);
            try
            {
                if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token).ConfigureAwait(false);
            }
            finally
            {
                // Whoever took a request just before waits here without a token.
                _sending.Release();
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It is over either way.
            Abort();
        }
    }

    /// <summary>Ends at once: whoever reads or sends sees it broken.</summary>
    public void Abort() => _socket.Abort();

    public void Dispose() => _socket.Dispose();

    /// <summary>How it ended, in the terms of which a client decides what to do next.</summary>
    /// <param name="exception">What was thrown; null when the server closed.</param>
    public ConfabConnectionException Explain(Exception? exception)
    {
        switch (exception)
        {
            case ConfabConnectionException known:
                return known;
            case JsonException:
                return Alien("The server sent an invalid frame.", exception);
        }

        if (exception is null && _socket.CloseStatus is { } status and not WebSocketCloseStatus.Empty)
        {
            var reason = string.IsNullOrEmpty(_socket.CloseStatusDescription) ? "" : $": {_socket.CloseStatusDescription}";
            return new ConfabConnectionException($"The server closed the connection with {(int)status}{reason}") { CloseCode = (int)status };
        }

        var http = (int)_socket.HttpStatusCode;
        if (http is not (0 or 101))
        {
            return new ConfabConnectionException($"The server refused the connection with HTTP status {http}.", exception)
            {
                HttpStatus = http,
                IsPermanent = http < 500 && http is not (408 or 425 or 429),
            }.After(RetryAfter());
        }

        return exception is OperationCanceledException
            ? new ConfabConnectionException("The server did not answer in time.", exception)
            : new ConfabConnectionException(exception?.Message ?? "The server closed the connection.", exception);
    }

    private static ConfabConnectionException Alien(string message, Exception? inner = null) => new(message, inner) { IsPermanent = true };

    private TimeSpan RetryAfter() =>
        _socket.HttpResponseHeaders?.TryGetValue("Retry-After", out var values) == true &&
        int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, 3600))
            : TimeSpan.Zero;
}
