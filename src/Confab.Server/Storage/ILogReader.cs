namespace Confab.Server.Storage;

/// <summary>Reads beside the writer. Belongs to one thread at a time. What it gives as spans is valid until it is asked for the next.</summary>
internal interface ILogReader : IDisposable
{
    IMessageRows Messages { get; }

    /// <summary>Begins a moment: everything read until <see cref="End"/> belongs together. Keep it short.</summary>
    void Begin();

    /// <summary>Ends the moment. Whoever a read failed for disposes of the reader instead.</summary>
    void End();

    /// <summary>The room's last number, and the number of the last change to the room itself.</summary>
    (long Head, long RoomChanged) Head(StoredRoom room);

    /// <summary>How far this person has read; -1 when no marker was set.</summary>
    long ReadMarker(StoredRoom room, ReadOnlySpan<byte> sender);

    List<RoomRow> Rooms();

    RoomRow Room(long id);

    /// <summary>The pinned messages of a room, in the order in which they were pinned.</summary>
    long[] PinsOf(StoredRoom room);

    /// <summary>The file of an id; null when there is none.</summary>
    StoredFile? FindFile(string id);

    /// <summary>Whether any file has these bytes.</summary>
    bool IsUsed(byte[] sha256);
}

/// <summary>Messages in their present state, row by row: find one or start some, then step.</summary>
internal interface IMessageRows : IMessageParts
{
    /// <summary>The present row, valid until the next.</summary>
    MessageRow Row { get; }

    /// <summary>One message; false when there is none of that number.</summary>
    bool Find(StoredRoom room, long id);

    /// <summary>Starts the messages whose last change is after one number and not after another, in order of that change.</summary>
    void StartChanged(StoredRoom room, long after, long upTo, int limit);

    /// <summary>Starts the messages before a number, the newest first.</summary>
    void StartBefore(StoredRoom room, long before, int limit);

    /// <summary>Starts the messages after a number, the oldest first.</summary>
    void StartAfter(StoredRoom room, long after, int limit);

    /// <summary>Starts the replies to a message after a number, the oldest first.</summary>
    void StartReplies(StoredRoom room, long message, long after, int limit);

    bool Step();

    /// <summary>Ends what was found or started, before its last row was reached.</summary>
    void Reset();

    /// <summary>The messages that answer one, deleted ones too.</summary>
    ReplyRow RepliesTo(StoredRoom room, long message);
}

/// <summary>What hangs on a message.</summary>
internal interface IMessageParts
{
    /// <summary>A message's files, in its order.</summary>
    IReadOnlyList<StoredFile> FilesOf(StoredRoom room, long message);

    /// <summary>A message's reactions, the emoji that came first before others.</summary>
    IReadOnlyList<ReactionRow> ReactionsOf(StoredRoom room, long message);
}
