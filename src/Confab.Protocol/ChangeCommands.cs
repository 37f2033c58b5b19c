namespace Confab.Protocol;

/// <summary>A frame that changes something durable, by somebody.</summary>
public abstract record ChangeCommand : RoomCommand
{
    /// <summary>The name, when the join gave none.</summary>
    public string? Username { get; init; }
}

/// <summary>Says something.</summary>
public sealed record MessageCommand : ChangeCommand
{
    /// <summary>What to say: kept byte for byte, at most 16,384 bytes of UTF-8. Only with attachments may it be blank, or null for nothing.</summary>
    public string? Content { get; init; }

    /// <summary>The message in the same room that this answers.</summary>
    public long? ReplyTo { get; init; }

    /// <summary>The ids of 1 to 10 files that were uploaded to the room and are attached to no message yet; null for none.</summary>
    public IReadOnlyList<string>? Attachments { get; init; }
}

/// <summary>Gives one's own message other words.</summary>
public sealed record EditCommand : ChangeCommand
{
    /// <summary>The message's id.</summary>
    public required long Message { get; init; }

    /// <summary>The new words, under the same rules as a message's.</summary>
    public required string Content { get; init; }
}

/// <summary>Deletes one's own message.</summary>
public sealed record DeleteCommand : ChangeCommand
{
    /// <summary>The message's id.</summary>
    public required long Message { get; init; }
}

/// <summary>Puts an emoji under a message.</summary>
public sealed record ReactCommand : ChangeCommand
{
    /// <summary>The message's id.</summary>
    public required long Message { get; init; }

    /// <summary>One emoji, which the server stores in its fully-qualified form.</summary>
    public required string Emoji { get; init; }
}

/// <summary>Takes one's emoji away again.</summary>
public sealed record UnreactCommand : ChangeCommand
{
    /// <summary>The message's id.</summary>
    public required long Message { get; init; }

    /// <summary>The emoji, in any form; or what was put there before reactions were emoji only.</summary>
    public required string Emoji { get; init; }
}

/// <summary>Pins a message in its room, for everybody.</summary>
public sealed record PinCommand : ChangeCommand
{
    /// <summary>The message's id.</summary>
    public required long Message { get; init; }
}

/// <summary>Takes a pin away, whoever made it.</summary>
public sealed record UnpinCommand : ChangeCommand
{
    /// <summary>The message's id.</summary>
    public required long Message { get; init; }
}

/// <summary>Remembers how far this person has read. The marker only moves forward.</summary>
public sealed record ReadCommand : ChangeCommand
{
    /// <summary>The last number that was read.</summary>
    public required long Seq { get; init; }
}
