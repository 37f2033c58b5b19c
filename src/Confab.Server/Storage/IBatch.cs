namespace Confab.Server.Storage;

/// <summary>A transaction under way: the facts, as the changes before in it have made them, and the rows that are written.</summary>
internal interface IBatch : IMessageParts
{
    /// <summary>The moment of all of its changes, in milliseconds since 1970.</summary>
    long Now { get; }

    /// <summary>Looks at a room, once: its last number, and whether it is archived.</summary>
    void Open(StoredRoom room);

    /// <summary>The change that this sender's <c>id</c> stands for already; <paramref name="isSame"/> if it asked for the same.</summary>
    bool FindRepeat(RoomChange change, out long seq, out bool isSame);

    /// <summary>Whether a message is there, and not deleted.</summary>
    bool HasMessage(StoredRoom room, long message);

    /// <summary>The same, and whether it is the sender's own.</summary>
    bool HasMessage(StoredRoom room, long message, ReadOnlySpan<byte> sender, out bool isOwn);

    /// <summary>Whether all of these files were uploaded to the room and have no message.</summary>
    bool AreFree(StoredRoom room, ReadOnlySpan<byte> files);

    /// <summary>The change that added a reaction; 0 when there is none.</summary>
    long FindReaction(RoomChange change, ReadOnlySpan<byte> emoji);

    /// <summary>How many different emoji a message has beside this one, and how many reactions in all.</summary>
    (long Others, long All) CountReactions(StoredRoom room, long message, ReadOnlySpan<byte> emoji);

    /// <summary>The change that pinned a message; 0 when it is not pinned.</summary>
    long FindPin(StoredRoom room, long message);

    long CountPins(StoredRoom room);

    /// <summary>The pinned messages, in the order in which they were pinned.</summary>
    long[] PinsOf(StoredRoom room);

    /// <summary>The names in use that are the same when they are compared, 20 at most. Valid until the next are looked for.</summary>
    IReadOnlyList<string> FindNames(string folded);

    /// <summary>A message as it is now. Valid until <see cref="EndView"/>.</summary>
    MessageRow View(StoredRoom room, long message);

    void EndView();

    /// <summary>A name is in use from now on.</summary>
    void Meet(byte[] name);

    /// <summary>Numbers a change that is not itself a message, and keeps the number and the key.</summary>
    /// <param name="change">The change.</param>
    /// <param name="isOfRoom">Whether it changes the room itself, and no message.</param>
    long Record(RoomChange change, bool isOfRoom = false);

    /// <summary>Numbers a message and writes it.</summary>
    long AddMessage(RoomChange change, ReadOnlySpan<byte> mentions);

    void EditMessage(RoomChange change, long seq, ReadOnlySpan<byte> mentions);

    /// <summary>Deletes what a message says, and all that hangs on it.</summary>
    void DeleteMessage(StoredRoom room, long message, long seq);

    void AddReaction(RoomChange change, long seq);

    void RemoveReaction(RoomChange change, ReadOnlySpan<byte> emoji, long seq);

    void AddPin(StoredRoom room, long message, long seq);

    void RemovePin(StoredRoom room, long message);

    void SetTopic(StoredRoom room, ReadOnlySpan<byte> topic);

    void SetArchived(StoredRoom room, bool isArchived);

    /// <summary>The room itself changed under a number; gives it as it is now.</summary>
    RoomRow ChangeRoom(StoredRoom room, long seq);

    /// <summary>Moves a read marker forward; gives where it stands, and whether it stood there or further already.</summary>
    (long Seq, bool Stood) SetRead(StoredRoom room, ReadOnlySpan<byte> sender, long seq);

    /// <summary>Makes a room; gives its id, 0 when the name is taken.</summary>
    long AddRoom(ReadOnlySpan<byte> name, ReadOnlySpan<byte> topic);

    void AddFile(StoredFile file);

    /// <summary>Forgets the files that no message took and that were uploaded before a moment (ms since 1970).</summary>
    void ForgetFiles(long before);

    /// <summary>Proves that a write goes through.</summary>
    void Probe();
}
