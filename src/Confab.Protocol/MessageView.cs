namespace Confab.Protocol;

/// <summary>A message in its present state, as spans of UTF-8 that belong to whoever made the view.</summary>
public ref struct MessageView
{
    /// <summary>The <c>seq</c> the message was stored under: its permalink in the room.</summary>
    public long Id;
    public ReadOnlySpan<byte> Room;
    public ReadOnlySpan<byte> Username;
    public ReadOnlySpan<byte> Content;

    /// <summary>The content as HTML; empty when it is to be shown as it is.</summary>
    public ReadOnlySpan<byte> Html;

    /// <summary>The JSON array of the names it mentions; empty when it mentions nobody.</summary>
    public ReadOnlySpan<byte> Mentions;

    /// <summary>Milliseconds since 1970-01-01T00:00:00Z.</summary>
    public long Timestamp;

    /// <summary>Milliseconds since 1970-01-01T00:00:00Z; 0 when it was never edited.</summary>
    public long EditedAt;
    public bool Deleted;

    /// <summary>The message this one answers; 0 when none.</summary>
    public long ReplyTo;

    /// <summary>How many messages answer it; 0 when none do, or it was not counted.</summary>
    public long Replies;

    /// <summary>The last message that answers it.</summary>
    public long LastReply;

    /// <summary>When that was stored, in milliseconds since 1970-01-01T00:00:00Z.</summary>
    public long LastReplyAt;

    /// <summary>The JSON array of the names of those who answered last.</summary>
    public ReadOnlySpan<byte> Repliers;

    /// <summary>The JSON array of attachments; empty when there are none.</summary>
    public ReadOnlySpan<byte> Attachments;

    /// <summary>The JSON array of reactions; empty when there are none.</summary>
    public ReadOnlySpan<byte> Reactions;
}
