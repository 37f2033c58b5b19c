using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Confab.Protocol;

/// <summary>
/// A frame as it comes from the server. A type that this version does not know is an <see cref="UnknownFrame"/>, and a key that it does
/// not know is passed over, so that an older client goes on working with a newer server.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(HelloFrame), "hello")]
[JsonDerivedType(typeof(JoinedFrame), "joined")]
[JsonDerivedType(typeof(LeftFrame), "left")]
[JsonDerivedType(typeof(ResetFrame), "reset")]
[JsonDerivedType(typeof(MessageFrame), "message")]
[JsonDerivedType(typeof(EditedFrame), "edited")]
[JsonDerivedType(typeof(DeletedFrame), "deleted")]
[JsonDerivedType(typeof(ReactedFrame), "reacted")]
[JsonDerivedType(typeof(RoomChangedFrame), "room_changed")]
[JsonDerivedType(typeof(UserJoinedFrame), "user_joined")]
[JsonDerivedType(typeof(UserLeftFrame), "user_left")]
[JsonDerivedType(typeof(UserListFrame), "user_list")]
[JsonDerivedType(typeof(TypingFrame), "typing")]
[JsonDerivedType(typeof(ReadFrame), "read")]
[JsonDerivedType(typeof(AckFrame), "ack")]
[JsonDerivedType(typeof(ErrorFrame), "error")]
[JsonDerivedType(typeof(PongFrame), "pong")]
[JsonDerivedType(typeof(ClosingFrame), "closing")]
public abstract record ServerFrame
{
    private static readonly FrozenSet<string> s_types = WireJson.Default.ServerFrame.PolymorphismOptions!.DerivedTypes
        .Select(derived => (string)derived.TypeDiscriminator!).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Reads one frame of the server.</summary>
    /// <param name="json">The payload of one text message.</param>
    /// <returns>The frame; an <see cref="UnknownFrame"/> when its type is none of version 1.</returns>
    /// <exception cref="JsonException">It is not JSON, has no type, lacks what its type requires, or has another kind of value there.</exception>
    public static ServerFrame Parse(ReadOnlySpan<byte> json)
    {
        var type = TypeOf(json);
        if (!s_types.Contains(type))
            return new UnknownFrame(type, JsonSerializer.Deserialize(json, WireJson.Default.JsonElement));
        return JsonSerializer.Deserialize(json, WireJson.Default.ServerFrame)!;
    }

    // The serializer throws on a type it does not know, so the type is looked at first. It leads every frame that Confab writes.
    private static string TypeOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A frame must be one JSON object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType)
                return reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("`type` must be a string.");
            reader.Skip();
        }

        throw new JsonException("`type` is missing.");
    }
}

/// <summary>A frame of a type that came after version 1 of the protocol. Safe to pass over: nothing a client relies on comes that way.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Json">The whole frame.</param>
public sealed record UnknownFrame(string Type, JsonElement Json) : ServerFrame;

/// <summary>A frame about a room.</summary>
public abstract record RoomFrame : ServerFrame
{
    /// <summary>The room, in the one form in which the server writes its name.</summary>
    public required string Room { get; init; }
}

/// <summary>A change in a room's log, which took the number <see cref="Seq"/>.</summary>
public abstract record LogFrame : RoomFrame
{
    /// <summary>The change's place in the room's log: 1, 2, 3, … Live, each follows the one before; catch-up leaves out what later changes replaced.</summary>
    public required long Seq { get; init; }
}
