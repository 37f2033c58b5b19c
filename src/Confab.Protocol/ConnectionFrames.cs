using System.Text.Json.Serialization;

namespace Confab.Protocol;

/// <summary>The first frame on every connection.</summary>
public sealed record HelloFrame : ServerFrame
{
    /// <summary>The <c>id</c> of the <c>authenticate</c> that this answers; null on the first one.</summary>
    public string? Id { get; init; }

    /// <summary>The version of the protocol: 1.</summary>
    public required int Version { get; init; }

    /// <summary>Names the history that the rooms' numbers belong to. Another one means that remembered numbers say nothing any more.</summary>
    public required string Epoch { get; init; }

    /// <summary>Who this connection speaks for; null when it has not said who it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required UserData? User { get; init; }

    /// <summary>What this server accepts.</summary>
    public required Limits Limits { get; init; }
}

/// <summary>A person, as <c>hello</c> names them.</summary>
public sealed record UserData
{
    /// <summary>The name that stands on this person's messages.</summary>
    public required string Username { get; init; }
}

/// <summary>The change asked for under <see cref="Id"/> is on disk, as number <see cref="Seq"/> of its room.</summary>
public sealed record AckFrame : RoomFrame
{
    /// <summary>The <c>id</c> of the frame that this answers.</summary>
    public required string Id { get; init; }

    /// <summary>The number the change took; for <c>read</c>, where the marker stands.</summary>
    public required long Seq { get; init; }
}

/// <summary>Something was refused, and nothing was stored.</summary>
public sealed record ErrorFrame : ServerFrame
{
    /// <summary>The <c>id</c> of the frame that this answers; null when it had none, or none that could be read.</summary>
    public string? Id { get; init; }

    /// <summary>The stable code, one of <see cref="RefusalCodes"/> or of a later version.</summary>
    public required string Code { get; init; }

    /// <summary>A sentence in English for a person. It may change between versions.</summary>
    public required string Message { get; init; }

    /// <summary>Milliseconds after which the same frame may succeed; null when waiting does not help.</summary>
    public int? RetryAfterMs { get; init; }
}

/// <summary>The answer to <c>ping</c>.</summary>
public sealed record PongFrame : ServerFrame
{
    /// <summary>The <c>id</c> of the ping; null when it had none.</summary>
    public string? Id { get; init; }
}

/// <summary>The server is about to restart. It takes no more changes and soon closes with 1012.</summary>
public sealed record ClosingFrame : ServerFrame
{
    /// <summary>Milliseconds to wait before connecting again. Chosen per connection, so that not everybody returns at once.</summary>
    public required int RetryAfterMs { get; init; }
}
