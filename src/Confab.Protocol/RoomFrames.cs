namespace Confab.Protocol;

/// <summary>The room as it stood at number <see cref="Seq"/>. Everything after it follows live.</summary>
public sealed record JoinedFrame : RoomFrame
{
    /// <summary>The <c>id</c> of the join; null when it had none.</summary>
    public string? Id { get; init; }

    /// <summary>The room's head: the number of its last change, 0 while it has none.</summary>
    public required long Seq { get; init; }

    /// <summary>The history that <see cref="Seq"/> belongs to. Sent back with <c>after</c> when joining again.</summary>
    public required string Epoch { get; init; }

    /// <summary>How many are present.</summary>
    public required int Count { get; init; }

    /// <summary>The names of those present; null when more than 50 are.</summary>
    public IReadOnlyList<string>? Users { get; init; }

    /// <summary>The newest messages, oldest first; null unless <c>history</c> asked for some.</summary>
    public IReadOnlyList<MessageData>? Messages { get; init; }

    /// <summary>How far this person has read; null when that was never said, or nobody is named.</summary>
    public long? Read { get; init; }

    /// <summary>The ids of the pinned messages, in the order in which they were pinned; null when there are none.</summary>
    public IReadOnlyList<long>? Pins { get; init; }

    /// <summary>True when the room is archived: it can be read only.</summary>
    public bool? Archived { get; init; }
}

/// <summary>The room was left. No more frames about it follow.</summary>
public sealed record LeftFrame : RoomFrame
{
    /// <summary>The <c>id</c> of the leave; null when it had none.</summary>
    public string? Id { get; init; }
}

/// <summary>
/// The <c>after</c> of a join cannot be served without a hole. What the client holds of the room is void: it starts again from the
/// <c>joined</c> that follows.
/// </summary>
public sealed record ResetFrame : RoomFrame
{
    /// <summary>The room's head.</summary>
    public required long Seq { get; init; }

    /// <summary>The history that <see cref="Seq"/> belongs to.</summary>
    public required string Epoch { get; init; }

    /// <summary>Why, for a person or a log. It may change between versions.</summary>
    public required string Reason { get; init; }
}

/// <summary>The room itself changed.</summary>
public sealed record RoomChangedFrame : LogFrame
{
    /// <summary>The room as it is now.</summary>
    public required RoomData Data { get; init; }
}

/// <summary>What a room says of itself.</summary>
public sealed record RoomData
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its topic; empty when it has none.</summary>
    public required string Topic { get; init; }

    /// <summary>The ids of the pinned messages, in the order in which they were pinned; null when there are none.</summary>
    public IReadOnlyList<long>? Pins { get; init; }

    /// <summary>True when the room is archived: it can be read only.</summary>
    public bool? Archived { get; init; }
}

/// <summary>Somebody came. Sent in rooms of up to 50 present, to everybody but the one it is about.</summary>
public sealed record UserJoinedFrame : RoomFrame
{
    /// <summary>Who came.</summary>
    public required string Username { get; init; }

    /// <summary>How many are present now.</summary>
    public required int Count { get; init; }

    /// <summary>The names of those present now.</summary>
    public IReadOnlyList<string>? Users { get; init; }
}

/// <summary>Somebody's last connection left. Sent in rooms of up to 50 present.</summary>
public sealed record UserLeftFrame : RoomFrame
{
    /// <summary>Who left.</summary>
    public required string Username { get; init; }

    /// <summary>How many are present now.</summary>
    public required int Count { get; init; }

    /// <summary>The names of those present now.</summary>
    public IReadOnlyList<string>? Users { get; init; }
}

/// <summary>How many are present: at most once a second, in place of frames about single people.</summary>
public sealed record UserListFrame : RoomFrame
{
    /// <summary>How many are present.</summary>
    public required int Count { get; init; }

    /// <summary>The names of those present; null when more than 50 are.</summary>
    public IReadOnlyList<string>? Users { get; init; }
}

/// <summary>Somebody else is typing. It holds for some seconds, or until a message of theirs comes.</summary>
public sealed record TypingFrame : RoomFrame
{
    /// <summary>Who types.</summary>
    public required string Username { get; init; }
}

/// <summary>One has read further on another connection, under the name that this one joined with. Told now or never: <c>joined</c> has the marker, too.</summary>
public sealed record ReadFrame : RoomFrame
{
    /// <summary>Whose marker it is: the name that this connection joined with.</summary>
    public required string Username { get; init; }

    /// <summary>How far they have read.</summary>
    public required long Seq { get; init; }
}
