using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Confab.Protocol;

/// <summary>A frame as a client sends it. The server reads the same bytes with <see cref="ClientFrame"/>, which allocates nothing.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(JoinCommand), "join")]
[JsonDerivedType(typeof(LeaveCommand), "leave")]
[JsonDerivedType(typeof(MessageCommand), "message")]
[JsonDerivedType(typeof(EditCommand), "edit")]
[JsonDerivedType(typeof(DeleteCommand), "delete")]
[JsonDerivedType(typeof(ReactCommand), "react")]
[JsonDerivedType(typeof(UnreactCommand), "unreact")]
[JsonDerivedType(typeof(PinCommand), "pin")]
[JsonDerivedType(typeof(UnpinCommand), "unpin")]
[JsonDerivedType(typeof(TypingCommand), "typing")]
[JsonDerivedType(typeof(ReadCommand), "read")]
[JsonDerivedType(typeof(AuthenticateCommand), "authenticate")]
[JsonDerivedType(typeof(PingCommand), "ping")]
public abstract record Command
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// 1 to 64 characters of the client's choice; the answer carries it again. On a change it is also the idempotency key: sent twice, the
    /// change is made once. Written first, so that even the refusal of a frame that breaks off names it.
    /// </summary>
    [JsonPropertyOrder(-1)]
    public string? Id { get; init; }

    /// <summary>Appends the frame as UTF-8. Half of a surrogate pair becomes U+FFFD.</summary>
    public void WriteTo(IBufferWriter<byte> destination)
    {
        using var json = new Utf8JsonWriter(destination, s_writing);
        JsonSerializer.Serialize(json, this, WireJson.Default.Command);
    }
}

/// <summary>Keeps the connection awake, and tells that the server answers: it comes back as <c>pong</c>.</summary>
public sealed record PingCommand : Command;

/// <summary>Says who this connection speaks for. Answered with <c>hello</c>.</summary>
public sealed record AuthenticateCommand : Command
{
    /// <summary>The secret. Never logged.</summary>
    public required string Token { get; init; }
}

/// <summary>A frame that concerns a room.</summary>
public abstract record RoomCommand : Command
{
    /// <summary>The room: 1 to 64 characters after trimming and NFC.</summary>
    public required string Room { get; init; }
}

/// <summary>Follows a room, or follows it differently from now on.</summary>
public sealed record JoinCommand : RoomCommand
{
    /// <summary>The name in this room; null to read only, or to name oneself in each later frame.</summary>
    public string? Username { get; init; }

    /// <summary>The last number this client has: it gets everything that changed since. Null starts at the head.</summary>
    public long? After { get; init; }

    /// <summary>The epoch that <see cref="After"/> belongs to.</summary>
    public string? Epoch { get; init; }

    /// <summary>How many of the newest messages to send along, 0 to 200.</summary>
    public int? History { get; init; }

    /// <summary>True to follow without being present, and without presence or typing.</summary>
    public bool? Monitor { get; init; }
}

/// <summary>Stops following a room.</summary>
public sealed record LeaveCommand : RoomCommand;

/// <summary>Says that this person is typing. Send at most every two seconds while they are.</summary>
public sealed record TypingCommand : RoomCommand
{
    /// <summary>The name, when the join gave none.</summary>
    public string? Username { get; init; }
}
