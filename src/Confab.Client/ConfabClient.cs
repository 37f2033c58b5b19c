using Confab.Protocol;

namespace Confab.Client;

/// <summary>How a <see cref="ConfabClient"/> stands to its server.</summary>
public enum ConnectionState
{
    /// <summary>Not connected yet.</summary>
    New,

    /// <summary>The first attempt to connect is under way.</summary>
    Connecting,

    /// <summary>Connected.</summary>
    Connected,

    /// <summary>The connection was lost; another one is being made.</summary>
    Reconnecting,

    /// <summary>Over, and not to be used again.</summary>
    Closed,
}

/// <summary>
/// A client of a Confab server. It connects, follows rooms and makes changes; when the connection is lost it makes another, joins its rooms
/// where they were and sends again what was not answered, so that every event comes once and in order, and every change is made once.
/// All methods may be called from any thread.
/// </summary>
public sealed class ConfabClient : IAsyncDisposable
{
    private readonly Session _session;

    /// <summary>Prepares a client. Nothing happens before <see cref="ConnectAsync"/>.</summary>
    /// <param name="server">The chat, such as <c>ws://localhost:9292/chat</c>.</param>
    /// <param name="options">How to behave; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is not <c>ws</c> or <c>wss</c>, or an option is out of range.</exception>
    public ConfabClient(Uri server, ConfabClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (!server.IsAbsoluteUri || server.Scheme is not ("ws" or "wss"))
            throw new ArgumentException("The address begins with ws:// or wss://.", nameof(server));
        options ??= new ConfabClientOptions();
        options.Validate();
        _session = new Session(server, options);
    }

    /// <summary>How the client stands to its server at this moment.</summary>
    public ConnectionState State => _session.State;

    /// <summary>What the server said first on the newest connection, such as its limits; null before the first.</summary>
    public HelloFrame? Hello => _session.Hello;

    /// <summary>Connects, in one attempt. From then on the client reconnects by itself.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the server said first.</returns>
    /// <exception cref="ConfabConnectionException">There was no connection. It may be tried again.</exception>
    /// <exception cref="InvalidOperationException">The client was connected before.</exception>
    public Task<HelloFrame> ConnectAsync(CancellationToken cancellationToken = default) => _session.StartAsync(cancellationToken);

    /// <summary>
    /// The events of the rooms that were joined. Up to <see cref="ConfabClientOptions.EventCapacity"/> of them wait; then the client stops
    /// reading from the server, which loses nothing over it, and goes on when there is space. While a call such as <see cref="PostAsync"/>
    /// waits for its answer the client reads on instead, and asks the server again for the events there was no space for, so that it is safe
    /// to make such calls while handling an event. Ends with the client, or throws what ended it. To be read by one reader.
    /// </summary>
    /// <param name="cancellationToken">Stops reading; the events are kept.</param>
    /// <exception cref="ConfabConnectionException">The connection was lost for good.</exception>
    public IAsyncEnumerable<ConfabEvent> ReadEventsAsync(CancellationToken cancellationToken = default) => _session.Events.ReadAllAsync(cancellationToken);

    /// <summary>Follows a room, until it is left or the client disposed. In a room that is followed already it changes how, such as the name.</summary>
    /// <param name="room">The room.</param>
    /// <param name="options">How to follow it; null to be present and start at the head.</param>
    /// <param name="cancellationToken">Stops waiting; whether the room was joined is then not known.</param>
    /// <returns>The room as it stands. The same comes as an event, before everything that happens after it.</returns>
    /// <exception cref="ConfabRefusedException">There is no such room, or a name cannot be one.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost for good.</exception>
    public async Task<JoinedFrame> JoinAsync(string room, JoinOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(room);
        var join = _session.Rooms.Join(room, options ?? new JoinOptions());
        try
        {
            return (JoinedFrame)await _session.Outbox.AskAsync(join, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _session.Rooms.EndJoin(join);
        }
    }

    /// <summary>Stops following a room. No more of its events come, though some may still wait to be read.</summary>
    /// <param name="room">The room.</param>
    /// <param name="cancellationToken">Stops waiting; the room is left all the same.</param>
    /// <exception cref="ConfabRefusedException">The room was not joined.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost for good.</exception>
    public Task LeaveAsync(string room, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(room);
        _session.Rooms.Forget(room);
        return _session.Outbox.AskAsync(new Request(new LeaveCommand { Id = Rooms.NewId(), Room = room }, hasCaller: true), cancellationToken);
    }

    /// <summary>Posts a message. It need not be to a room that was joined.</summary>
    /// <param name="room">The room.</param>
    /// <param name="content">What to say, at most 16,384 bytes of UTF-8; with attachments it may be empty. Half of a surrogate pair becomes U+FFFD.</param>
    /// <param name="replyTo">The message in the same room that this answers; null for none.</param>
    /// <param name="attachments">The ids of files that were uploaded to the room (<c>POST /api/rooms/{room}/files</c>) and are not attached yet; null for none.</param>
    /// <param name="options">The name, and the key that makes it a repeat; null for the usual ones.</param>
    /// <param name="cancellationToken">Stops waiting. If it was not sent yet, it never will be; else its outcome is not known.</param>
    /// <returns>The number the message was stored under, which is its id. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">Nothing was stored, for the reason in <see cref="ConfabRefusedException.Code"/>.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost for good; whether it was stored is not known.</exception>
    public Task<long> PostAsync(string room, string content, long? replyTo = null, IReadOnlyList<string>? attachments = null, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        return AskAsync(new MessageCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Content = content, ReplyTo = replyTo, Attachments = attachments }, cancellationToken);
    }

    /// <summary>Gives one's own message other words.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="content">The new words.</param>
    /// <param name="options">The name, and the key that makes it a repeat; null for the usual ones.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">It is not there any more, or another's.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost for good; whether it was stored is not known.</exception>
    public Task<long> EditAsync(string room, long message, string content, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        return AskAsync(new EditCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message, Content = content }, cancellationToken);
    }

    /// <summary>Deletes one's own message.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="options">The name, and the key that makes it a repeat; null for the usual ones.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">It is not there any more, or another's.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost for good; whether it was stored is not known.</exception>
    public Task<long> DeleteAsync(string room, long message, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DeleteCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message }, cancellationToken);

    /// <summary>Puts an emoji under a message. Once it is there, it stays as it is.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="emoji">One emoji. Events have its fully-qualified form, which may differ: ❤️ where ❤ was sent.</param>
    /// <param name="options">The name, and the key that makes it a repeat; null for the usual ones.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">The message is not there, or has as many different emoji as it can take, or this is not one emoji.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost for good; whether it was stored is not known.</exception>
    public Task<long> ReactAsync(string room, long message, string emoji, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(emoji);
        return AskAsync(new ReactCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message, Emoji = emoji }, cancellationToken);
    }

    /// <summary>Takes one's emoji away again.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="emoji">The emoji.</param>
    /// <param name="options">The name, and the key that makes it a repeat; null for the usual ones.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">It is not there.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost for good; whether it was stored is not known.</exception>
    public Task<long> UnreactAsync(string room, long message, string emoji, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(emoji);
        return AskAsync(new UnreactCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message, Emoji = emoji }, cancellationToken);
    }

    /// <summary>Pins a message in its room, for everybody. Once it is pinned, it stays as it is.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="options">The name, and the key that makes it a repeat; null for the usual ones.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">The message is not there, or the room has as many pins as it can take.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost for good; whether it was stored is not known.</exception>
    public Task<long> PinAsync(string room, long message, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new PinCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message }, cancellationToken);

    /// <summary>Takes a pin away, whoever made it.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="options">The name, and the key that makes it a repeat; null for the usual ones.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">It is not pinned.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost for good; whether it was stored is not known.</exception>
    public Task<long> UnpinAsync(string room, long message, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new UnpinCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message }, cancellationToken);

    /// <summary>Remembers how far one has read. The marker only moves forward.</summary>
    /// <param name="room">The room.</param>
    /// <param name="seq">The last number that was read.</param>
    /// <param name="options">The name; null for the usual one.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Where the marker stands now.</returns>
    /// <exception cref="ConfabRefusedException">The room has no such number yet.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost for good.</exception>
    public Task<long> MarkReadAsync(string room, long seq, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new ReadCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Seq = seq }, cancellationToken);

    /// <summary>
    /// Shows the others that one is typing; call it with each key. It is said every two seconds at most, and only if nothing else waits to be
    /// sent: whether anybody sees it is not promised.
    /// </summary>
    /// <param name="room">A room that was joined, under a name.</param>
    public void ShowTyping(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        if (_session.Rooms.NameIn(room) is { } username && _session.Rooms.MayType(room))
            _session.Outbox.AddIfIdle(new TypingCommand { Room = room, Username = username });
    }

    /// <summary>Says goodbye and ends. Calls that wait for an answer throw <see cref="ObjectDisposedException"/>; await them before, if they matter.</summary>
    public ValueTask DisposeAsync() => new(_session.StopAsync());

    // A frame whose id cannot be one is refused without it, and nobody would hear.
    private static string IdOf(ChangeOptions? options) => options?.Id switch
    {
        null => Rooms.NewId(),
        { Length: > 0 and <= 64 } id when !id.Any(char.IsControl) => id,
        _ => throw new ArgumentException("An id is 1 to 64 characters, without control characters.", nameof(options)),
    };

    private string? NameOf(string room, ChangeOptions? options)
    {
        ArgumentNullException.ThrowIfNull(room);
        return options?.Username ?? _session.Rooms.NameIn(room);
    }

    private async Task<long> AskAsync(Command command, CancellationToken cancel) =>
        ((AckFrame)await _session.Outbox.AskAsync(new Request(command, hasCaller: true), cancel).ConfigureAwait(false)).Seq;
}
