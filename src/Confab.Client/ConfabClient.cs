using Confab.Protocol;

namespace Confab.Client;

/// <summary>The state of a <see cref="ConfabClient"/>'s connection.</summary>
public enum ConnectionState
{
    /// <summary>Not connected yet.</summary>
    New,

    /// <summary>The first attempt to connect is running.</summary>
    Connecting,

    /// <summary>Connected.</summary>
    Connected,

    /// <summary>The connection was lost; the client reconnects.</summary>
    Reconnecting,

    /// <summary>Ended; the client cannot be used again.</summary>
    Closed,
}

/// <summary>
/// A client of a Confab server. It connects, follows rooms and makes changes. After a lost connection it reconnects, resumes its rooms
/// and sends unanswered changes again: every event comes once and in order, and every change is made once.
/// All methods can be called from any thread.
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
            throw new ArgumentException("The address must begin with ws:// or wss://.", nameof(server));
        options ??= new ConfabClientOptions();
        options.Validate();
        _session = new Session(server, options);
    }

    /// <summary>The present state of the connection.</summary>
    public ConnectionState State => _session.State;

    /// <summary>The server's <c>hello</c> on the newest connection, with its limits; null before the first connection.</summary>
    public HelloFrame? Hello => _session.Hello;

    /// <summary>Connects, in one attempt. Afterwards the client reconnects by itself.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The server's <c>hello</c>.</returns>
    /// <exception cref="ConfabConnectionException">The attempt failed. You can try again.</exception>
    /// <exception cref="InvalidOperationException">The client was already connected.</exception>
    public Task<HelloFrame> ConnectAsync(CancellationToken cancellationToken = default) => _session.StartAsync(cancellationToken);

    /// <summary>
    /// The events of the joined rooms. Up to <see cref="ConfabClientOptions.EventCapacity"/> events wait. Then the client stops
    /// reading from the server until there is space; nothing is lost. While a call such as <see cref="PostAsync"/>
    /// waits for its answer, the client reads on instead, and later asks the server again for the events that had no space. So it is safe
    /// to make such calls while handling an event. The events end with the client, or throw what ended it. Use one reader only.
    /// </summary>
    /// <param name="cancellationToken">Stops reading; the events are kept.</param>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently.</exception>
    public IAsyncEnumerable<ConfabEvent> ReadEventsAsync(CancellationToken cancellationToken = default) => _session.Events.ReadAllAsync(cancellationToken);

    /// <summary>Follows a room until you leave it or dispose the client. For a room that is already followed, it changes the options, such as the name.</summary>
    /// <param name="room">The room.</param>
    /// <param name="options">How to follow it; null to be present and start at the head.</param>
    /// <param name="cancellationToken">Stops waiting; the room may or may not be joined then.</param>
    /// <returns>The room as it is now. The same comes as an event, before all later events.</returns>
    /// <exception cref="ConfabRefusedException">The room does not exist, or a name is invalid.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently.</exception>
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

    /// <summary>Stops following a room. It has no new events, but some may still wait to be read.</summary>
    /// <param name="room">The room.</param>
    /// <param name="cancellationToken">Stops waiting; the room is left anyway.</param>
    /// <exception cref="ConfabRefusedException">The room was not joined.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently.</exception>
    public Task LeaveAsync(string room, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(room);
        _session.Rooms.Forget(room);
        return _session.Outbox.AskAsync(new Request(new LeaveCommand { Id = Rooms.NewId(), Room = room }, hasCaller: true), cancellationToken);
    }

    /// <summary>Posts a message. The room need not be joined.</summary>
    /// <param name="room">The room.</param>
    /// <param name="content">The text, at most 16,384 bytes of UTF-8; with attachments it can be empty. An unpaired surrogate becomes U+FFFD.</param>
    /// <param name="replyTo">The message in the same room that this answers; null for none.</param>
    /// <param name="attachments">The ids of files that were uploaded to the room (<c>POST /api/rooms/{room}/files</c>) and are not attached yet; null for none.</param>
    /// <param name="options">The name and the idempotency key; null for the defaults.</param>
    /// <param name="cancellationToken">Stops waiting. If the change was not sent yet, it never will be; otherwise its outcome is unknown.</param>
    /// <returns>The number the message was stored under, which is its id. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">Nothing was stored, for the reason in <see cref="ConfabRefusedException.Code"/>.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently; the outcome is unknown.</exception>
    public Task<long> PostAsync(string room, string content, long? replyTo = null, IReadOnlyList<string>? attachments = null, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        return AskAsync(new MessageCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Content = content, ReplyTo = replyTo, Attachments = attachments }, cancellationToken);
    }

    /// <summary>Edits a message of your own.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="content">The new text.</param>
    /// <param name="options">The name and the idempotency key; null for the defaults.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">The message does not exist, or is another person's.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently; the outcome is unknown.</exception>
    public Task<long> EditAsync(string room, long message, string content, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        return AskAsync(new EditCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message, Content = content }, cancellationToken);
    }

    /// <summary>Deletes a message of your own.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="options">The name and the idempotency key; null for the defaults.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">The message does not exist, or is another person's.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently; the outcome is unknown.</exception>
    public Task<long> DeleteAsync(string room, long message, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new DeleteCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message }, cancellationToken);

    /// <summary>Reacts to a message with an emoji. A repeated reaction changes nothing.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="emoji">One emoji. Events have its fully-qualified form, which may differ: ❤️ where ❤ was sent.</param>
    /// <param name="options">The name and the idempotency key; null for the defaults.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">The message does not exist or has reached its limit of different emoji, or <paramref name="emoji"/> is not one emoji.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently; the outcome is unknown.</exception>
    public Task<long> ReactAsync(string room, long message, string emoji, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(emoji);
        return AskAsync(new ReactCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message, Emoji = emoji }, cancellationToken);
    }

    /// <summary>Removes a reaction of your own.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="emoji">The emoji.</param>
    /// <param name="options">The name and the idempotency key; null for the defaults.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">There is no such reaction.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently; the outcome is unknown.</exception>
    public Task<long> UnreactAsync(string room, long message, string emoji, ChangeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(emoji);
        return AskAsync(new UnreactCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message, Emoji = emoji }, cancellationToken);
    }

    /// <summary>Pins a message in its room, for everybody. A repeated pin changes nothing.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="options">The name and the idempotency key; null for the defaults.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">The message does not exist, or the room has reached its limit of pins.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently; the outcome is unknown.</exception>
    public Task<long> PinAsync(string room, long message, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new PinCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message }, cancellationToken);

    /// <summary>Unpins a message, whoever pinned it.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message's id.</param>
    /// <param name="options">The name and the idempotency key; null for the defaults.</param>
    /// <param name="cancellationToken">Stops waiting, as with <see cref="PostAsync"/>.</param>
    /// <returns>The number the change took. It is on disk.</returns>
    /// <exception cref="ConfabRefusedException">The message is not pinned.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently; the outcome is unknown.</exception>
    public Task<long> UnpinAsync(string room, long message, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new UnpinCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Message = message }, cancellationToken);

    /// <summary>Stores how far this person has read. The marker only moves forward.</summary>
    /// <param name="room">The room.</param>
    /// <param name="seq">The last number that was read.</param>
    /// <param name="options">The name; null for the default.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The present position of the marker.</returns>
    /// <exception cref="ConfabRefusedException">The room has no such number yet.</exception>
    /// <exception cref="ConfabConnectionException">The connection was lost permanently.</exception>
    public Task<long> MarkReadAsync(string room, long seq, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new ReadCommand { Id = IdOf(options), Room = room, Username = NameOf(room, options), Seq = seq }, cancellationToken);

    /// <summary>
    /// Shows the others that this person is typing; call it with each key. It is sent at most every two seconds, and only if nothing else waits to be
    /// sent. Delivery is not guaranteed.
    /// </summary>
    /// <param name="room">A room that was joined, under a name.</param>
    public void ShowTyping(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        if (_session.Rooms.NameIn(room) is { } username && _session.Rooms.MayType(room))
            _session.Outbox.AddIfIdle(new TypingCommand { Room = room, Username = username });
    }

    /// <summary>Closes the connection and ends the client. Calls that wait for an answer throw <see cref="ObjectDisposedException"/>; await them first if they matter.</summary>
    public ValueTask DisposeAsync() => new(_session.StopAsync());

    // A frame whose id cannot be one is refused without it, and nobody would hear.
    private static string IdOf(ChangeOptions? options) => options?.Id switch
    {
        null => Rooms.NewId(),
        { Length: > 0 and <= 64 } id when !id.Any(char.IsControl) => id,
        _ => throw new ArgumentException("An id must be 1 to 64 characters, without control characters.", nameof(options)),
    };

    private string? NameOf(string room, ChangeOptions? options)
    {
        ArgumentNullException.ThrowIfNull(room);
        return options?.Username ?? _session.Rooms.NameIn(room);
    }

    private async Task<long> AskAsync(Command command, CancellationToken cancel) =>
        ((AckFrame)await _session.Outbox.AskAsync(new Request(command, hasCaller: true), cancel).ConfigureAwait(false)).Seq;
}
