using Confab.Protocol;

namespace Confab.Client;

/// <summary>
/// What outlives connections: the rooms and how far each was read, what was asked and not answered, the events that wait. One loop connects,
/// joins and resends, reads until the connection ends, and begins again.
/// </summary>
internal sealed class Session
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Uri _server;
    private readonly ConfabClientOptions _options;
    private readonly TimeProvider _time;
    private readonly Backoff _backoff;
    private readonly Inbox _inbox;
    private readonly CancellationTokenSource _stopping = new();
    private volatile Connection? _connection;
    private volatile bool _isStopped;
    private Task _running = Task.CompletedTask;
    private int _state;

    public Session(Uri server, ConfabClientOptions options)
    {
        _server = server;
        _options = options;
        _time = options.TimeProvider;
        _backoff = new Backoff(options.MinBackoff, options.MaxBackoff);
        Rooms = new Rooms(options);
        Events = new EventQueue(options.EventCapacity, () => Outbox!.HasCallers, () => _inbox!.RejoinBehind());
        Outbox = new Outbox(options.OutboxCapacity, Events.Ring);
        _inbox = new Inbox(Rooms, Outbox, Events, _time);
    }

    public Rooms Rooms { get; }

    public Outbox Outbox { get; }

    public EventQueue Events { get; }

    public ConnectionState State => (ConnectionState)Volatile.Read(ref _state);

    public HelloFrame? Hello { get; private set; }

    public async Task<HelloFrame> StartAsync(CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_isStopped, typeof(ConfabClient));
        if (Interlocked.CompareExchange(ref _state, (int)ConnectionState.Connecting, (int)ConnectionState.New) != (int)ConnectionState.New)
            throw new InvalidOperationException("The client was already connected. It reconnects by itself.");
        try
        {
            var connection = await Connection.OpenAsync(_server, _options, cancel).ConfigureAwait(false);
            if (_isStopped)
            {
                connection.Dispose();
                throw new ObjectDisposedException(nameof(ConfabClient));
            }

            Open(connection);
            _running = RunAsync(connection);
            return connection.Hello;
        }
        catch
        {
            Interlocked.CompareExchange(ref _state, (int)ConnectionState.New, (int)ConnectionState.Connecting);
            throw;
        }
    }

    public async Task StopAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        Outbox.Fail(new ObjectDisposedException(nameof(ConfabClient)));
        Events.Complete();
        if (_connection is { } connection)
        {
            await connection.CloseAsync().ConfigureAwait(false);
            await Task.WhenAny(_running, Task.Delay(s_patience, _time)).ConfigureAwait(false);
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        Volatile.Write(ref _state, (int)ConnectionState.Closed);
    }

    private void Open(Connection connection)
    {
        Hello = connection.Hello;
        _connection = connection;
        Volatile.Write(ref _state, (int)ConnectionState.Connected);
    }

    private async Task RunAsync(Connection connection)
    {
        try
        {
            while (true)
            {
                var end = await ServeAsync(connection).ConfigureAwait(false);
                connection = await ReconnectAsync(end).ConfigureAwait(false);
                Open(connection);
                Events.TryAdd(new ConnectionRestored(connection.Hello));
            }
        }
        catch (Exception e)
        {
            Volatile.Write(ref _state, (int)ConnectionState.Closed);
            Outbox.Fail(e);
            // The end that both sides wanted is the end of the events, and any other one is theirs to tell.
            Events.Complete(_isStopped || e is ConfabConnectionException { CloseCode: (int)CloseCode.Normal } ? null : e);
        }
    }

    private async Task<Connection> ReconnectAsync(ConfabConnectionException end)
    {
        while (true)
        {
            if (_isStopped || _backoff.After(end) is not { } wait)
                throw end;
            Volatile.Write(ref _state, (int)ConnectionState.Reconnecting);
            Events.TryAdd(new ConnectionLost(end.CloseCode, end.Message, wait));
            await Task.Delay(wait, _time, _stopping.Token).ConfigureAwait(false);
            try
            {
                return await Connection.OpenAsync(_server, _options, _stopping.Token).ConfigureAwait(false);
            }
            catch (ConfabConnectionException e)
            {
                end = e;
            }
        }
    }

    // From the rejoins to the end of the connection, and how it ended.
    private async Task<ConfabConnectionException> ServeAsync(Connection connection)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        using var abort = _stopping.Token.Register(connection.Abort);
        var start = _time.GetTimestamp();
        _inbox.Restart();
        Outbox.Restart(Rooms, connection.Hello.Epoch);
        var sending = SendAsync(connection, over.Token);
        ConfabConnectionException end;
        try
        {
            end = connection.Explain(await ReceiveAllAsync(connection, over.Token).ConfigureAwait(false));
        }
        finally
        {
            Outbox.Hold();
            _connection = null;
            await over.CancelAsync().ConfigureAwait(false);
            await connection.CloseAsync().ConfigureAwait(false);
            connection.Abort();
            await sending.ConfigureAwait(false);
            connection.Dispose();
        }

        _backoff.Lasted(_time.GetElapsedTime(start));
        if (end.CloseCode == (int)CloseCode.TooBig)
            Outbox.RefuseLongest();
        return _inbox.RetryAfter == TimeSpan.Zero ? end : end.After(_inbox.RetryAfter);
    }

    private async Task<Exception?> ReceiveAllAsync(Connection connection, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await _inbox.WaitForSpaceAsync(cancel).ConfigureAwait(false);
                // Without a token: cancelling a receive breaks the connection, and a goodbye would go unheard.
                if (await connection.ReceiveAsync(CancellationToken.None).ConfigureAwait(false) is not { } frame)
                    return null;
                await _inbox.ApplyAsync(frame, cancel).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private async Task SendAsync(Connection connection, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var request = await Outbox.TakeAsync(cancel).ConfigureAwait(false);
                request.Length = await connection.SendAsync(request.Command).ConfigureAwait(false);
                if (request.Length == 0)
                    Outbox.Answer(request, null, new ConfabRefusedException(RefusalCode.TooLong, $"A frame can have at most {connection.Hello.Limits.FrameBytes} bytes."));
            }
        }
        catch (Exception)
        {
            // Whoever reads finds out why.
            connection.Abort();
        }
    }
}
