using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Confab.Protocol;

/// <summary>
/// Something happened to a message. Whatever it was, <see cref="Data"/> is the whole message as it is now, so that a client may simply
/// put it where its <c>id</c> belongs.
/// </summary>
public abstract record MessageLogFrame : LogFrame
{
    /// <summary>The message as it is now.</summary>
    public required MessageData Data { get; init; }
}

/// <summary>A message was stored.</summary>
public sealed record MessageFrame : MessageLogFrame;

/// <summary>A message changed; in catch-up this stands for any number of edits and reactions.</summary>
public sealed record EditedFrame : MessageLogFrame;

/// <summary>A message was deleted: its content is gone, its number stays.</summary>
public sealed record DeletedFrame : MessageLogFrame;

/// <summary>The reactions to a message changed.</summary>
public sealed record ReactedFrame : MessageLogFrame;

/// <summary>A message, as it is now.</summary>
public sealed record MessageData
{
    /// <summary>The number it was stored under: its permalink within the room, and its place among the messages.</summary>
    public required long Id { get; init; }

    /// <summary>The room it was said in.</summary>
    public required string Room { get; init; }

    /// <summary>Who said it.</summary>
    public required string Username { get; init; }

    /// <summary>What was said, byte for byte; empty once deleted.</summary>
    public required string Content { get; init; }

    /// <summary>The content's Markdown as HTML, safe to put into a page; null when it is to be shown as the text it is.</summary>
    public string? Html { get; init; }

    /// <summary>The names it mentions, in the order of the text; null when it mentions nobody.</summary>
    public IReadOnlyList<string>? Mentions { get; init; }

    /// <summary>When it was stored, in UTC, to the millisecond. Order comes from <see cref="Id"/>, not from this.</summary>
    [JsonConverter(typeof(WireTimestamp))]
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>When it was last edited; null when never.</summary>
    [JsonConverter(typeof(WireTimestamp))]
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>Whether it was deleted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Deleted { get; init; }

    /// <summary>The message in the same room that this one answers; null when none.</summary>
    public long? ReplyTo { get; init; }

    /// <summary>How many messages answer it, where messages are read as history; null in events, and when none do.</summary>
    public RepliesData? Replies { get; init; }

    /// <summary>The files attached to it, in the order in which they were given; null when there are none.</summary>
    public IReadOnlyList<AttachmentData>? Attachments { get; init; }

    /// <summary>Its reactions, in the order in which each emoji first came; null when there are none.</summary>
    public IReadOnlyList<ReactionData>? Reactions { get; init; }
}

/// <summary>The messages that answer one. Whatever answers it with a greater id than <see cref="Last"/> came later.</summary>
public sealed record RepliesData
{
    /// <summary>How many, deleted ones too.</summary>
    public required long Count { get; init; }

    /// <summary>The id of the last of them.</summary>
    public required long Last { get; init; }

    /// <summary>When that was stored.</summary>
    [JsonConverter(typeof(WireTimestamp))]
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Who answered last, the latest first; three at most.</summary>
    public required IReadOnlyList<string> Usernames { get; init; }
}

/// <summary>One emoji under a message, and who put it there.</summary>
public sealed record ReactionData
{
    /// <summary>The emoji.</summary>
    public required string Emoji { get; init; }

    /// <summary>How many people, exactly.</summary>
    public required int Count { get; init; }

    /// <summary>Their names, earliest first; the first 50 at most.</summary>
    public required IReadOnlyList<string> Usernames { get; init; }
}

/// <summary>A file that was uploaded to a room, as it stands under a message.</summary>
public sealed record AttachmentData
{
    /// <summary>Its id: it is at <c>/api/files/{id}</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Its name, 1 to 255 characters, without control characters or path separators.</summary>
    public required string Name { get; init; }

    /// <summary>The media type it is served as: of a short list, or else <c>application/octet-stream</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>A picture's width in pixels, as it is to be shown; null for any other file. What has one has a thumbnail.</summary>
    public int? Width { get; init; }

    /// <summary>A picture's height in pixels, as it is to be shown; null for any other file.</summary>
    public int? Height { get; init; }
}

/// <summary>RFC 3339 in UTC, always with three digits of milliseconds, so that a time has one spelling and texts sort as times do.</summary>
internal sealed class WireTimestamp : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[24];
        value.ToUniversalTime().TryFormat(text, out var length, "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}
