namespace Confab.Server.Storage;

/// <summary>A room as the database has it.</summary>
public sealed record RoomRow(long Id, byte[] Name, byte[] Topic, long Head, bool IsArchived = false);

/// <summary>A message as the database has it. Times are milliseconds since 1970, texts are UTF-8.</summary>
internal readonly ref struct MessageRow
{
    public required long Id { get; init; }

    /// <summary>The number of its last change.</summary>
    public required long Changed { get; init; }

    public required ReadOnlySpan<byte> Sender { get; init; }

    public required ReadOnlySpan<byte> Content { get; init; }

    /// <summary>The content as HTML; empty when it is to be shown as it is.</summary>
    public ReadOnlySpan<byte> Html { get; init; }

    /// <summary>The names it mentions, as they were stored with it; empty when it mentions nobody.</summary>
    public ReadOnlySpan<byte> Mentions { get; init; }

    public required long Timestamp { get; init; }

    /// <summary>0 when it was never edited.</summary>
    public long EditedAt { get; init; }

    public bool IsDeleted { get; init; }

    /// <summary>The message it answers; 0 for none.</summary>
    public long ReplyTo { get; init; }

    public bool HasFiles { get; init; }

    // Only a message that was changed can have reactions.
    public bool MayHaveReactions => Changed != Id;
}

/// <summary>One emoji on a message: how many reacted with it, and the names of the first of them.</summary>
internal sealed record ReactionRow(byte[] Emoji, long Count, IReadOnlyList<byte[]> Senders)
{
    /// <summary>Names that are told of one emoji.</summary>
    public const int MaxSenders = 50;
}

/// <summary>The messages that answer another one.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Last">The number of the last.</param>
/// <param name="LastAt">When it was stored, in milliseconds since 1970.</param>
/// <param name="Senders">The last ones that answered, each once, the last first.</param>
internal readonly record struct ReplyRow(long Count, long Last, long LastAt, IReadOnlyList<byte[]> Senders)
{
    /// <summary>Of how many names is told, and among how many last answers they are looked for.</summary>
    public const int MaxSenders = 3, LastReplies = 12;
}
