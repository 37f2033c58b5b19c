using System.Net.WebSockets;

namespace Confab.Client;

/// <summary>How a <see cref="ConfabClient"/> behaves. The defaults suit a chat program and a bot alike.</summary>
public sealed record ConfabClientOptions
{
    /// <summary>The default name for joins and posts; null to give it each time, or only to read.</summary>
    public string? Username { get; init; }

    /// <summary>
    /// How many events can wait to be read: 1,024. At the limit the client stops reading from the server, which keeps the
    /// rest: see <see cref="ConfabClient.ReadEventsAsync"/>.
    /// </summary>
    public int EventCapacity { get; init; } = 1024;

    /// <summary>How many requests can wait to be sent or answered: 1,024. At the limit, further calls wait, in order.</summary>
    public int OutboxCapacity { get; init; } = 1024;

    /// <summary>The wait before the first attempt to reconnect, 250 ms. It doubles with each failure. The actual wait is random, between half of it and all of it.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait before an attempt to reconnect, 30 s. It is longer if the server asks for it.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an attempt can take until the server's <c>hello</c>, 15 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a silent server is pinged, 15 s; zero for never.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a ping can go unanswered before the connection counts as lost, 15 s; zero for no limit. A program that leaves its events unread for
    /// longer can also lose the connection, since the answer waits behind them. It then resumes as after any loss.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Configures the socket before each attempt: headers, cookies, certificates, a proxy. Null for nothing.</summary>
    public Action<ClientWebSocketOptions>? ConfigureSocket { get; init; }

    /// <summary>The clock that waits are measured by.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(EventCapacity, 2, nameof(EventCapacity));
        ArgumentOutOfRangeException.ThrowIfLessThan(OutboxCapacity, 1, nameof(OutboxCapacity));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MinBackoff, TimeSpan.Zero, nameof(MinBackoff));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBackoff, MinBackoff, nameof(MaxBackoff));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero, nameof(ConnectTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(KeepAliveInterval, TimeSpan.Zero, nameof(KeepAliveInterval));
        ArgumentOutOfRangeException.ThrowIfLessThan(KeepAliveTimeout, TimeSpan.Zero, nameof(KeepAliveTimeout));
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}

/// <summary>How to follow a room.</summary>
public sealed record JoinOptions
{
    /// <summary>The name in this room; null for that of <see cref="ConfabClientOptions.Username"/>.</summary>
    public string? Username { get; init; }

    /// <summary>How many of the newest messages the snapshot brings, 0 to 200.</summary>
    public int History { get; init; }

    /// <summary>True to follow without being present: there are no presence and typing events, and nobody sees this client.</summary>
    public bool Monitor { get; init; }

    /// <summary>The last number known of the room, from an earlier run: everything that changed since follows as events. Null starts at the head.</summary>
    public long? After { get; init; }

    /// <summary>The epoch that <see cref="After"/> belongs to, from the snapshot of that earlier run.</summary>
    public string? Epoch { get; init; }
}

/// <summary>How to make a change.</summary>
public sealed record ChangeOptions
{
    /// <summary>Under which name; null for that of the room or of the client.</summary>
    public string? Username { get; init; }

    /// <summary>
    /// The idempotency key, 1 to 64 characters; null for one of the client's. Give one to repeat a change after a restart of the program: the
    /// server makes it once, and answers each time with the number it took.
    /// </summary>
    public string? Id { get; init; }
}
