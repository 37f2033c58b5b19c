namespace Confab.Server.Storage;

/// <summary>What the log needs of a room: which one it is, and where its committed frames go.</summary>
public abstract class StoredRoom(long id, byte[] name)
{
    public long Id { get; } = id;

    /// <summary>The room's name, UTF-8.</summary>
    public byte[] Name { get; } = name;

    /// <summary>The last number given in the batch at hand, while the writer works on it.</summary>
    internal long NumberedTo { get; set; }

    /// <summary>Where <see cref="NumberedTo"/> began in this batch.</summary>
    internal long NumberedFrom { get; set; }

    /// <summary>Whether it is archived, as the batch at hand has it by now.</summary>
    internal bool IsArchived { get; set; }

    /// <summary>The batch that these belong to.</summary>
    internal long Batch { get; set; }

    /// <summary>A change is on disk: its frame continues the room's tail. Called in seq order, by the writer alone.</summary>
    public abstract void Append(long seq, ReadOnlySpan<byte> frame);

    /// <summary>All frames up to this number were appended, and their senders were answered.</summary>
    public abstract void Ring(long head);
}
