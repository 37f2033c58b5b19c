using Confab.Protocol;

namespace Confab.Server.Storage;

/// <summary>The kinds of change. The numbers of those that are numbered in a room stand in the database.</summary>
public enum ChangeKind : byte
{
    Message = 0,
    Edit = 1,
    Delete = 2,
    React = 3,
    Unreact = 4,
    Topic = 5,
    Pin = 6,
    Unpin = 7,
    Archive = 8,
    Unarchive = 9,

    /// <summary>A read marker: durable, but not a change in the room.</summary>
    Read = 100,
    CreateRoom = 101,

    /// <summary>Proves that a write goes through.</summary>
    Probe = 102,

    /// <summary>A file that was uploaded; not in the room's log before a message takes it.</summary>
    AddFile = 103,

    /// <summary>Forgets the files that no message took until a moment.</summary>
    ForgetFiles = 104,
}

/// <summary>Who asked for a change and waits for its outcome.</summary>
public interface IChangeOwner
{
    /// <summary>The outcome stands in the change. Called by the writer, which must not be kept waiting.</summary>
    void Done(Change change);
}

/// <summary>Something to be stored, and afterwards its outcome.</summary>
/// <param name="room">The room; null for what is of none.</param>
/// <param name="owner">Who waits for the outcome.</param>
public abstract class Change(StoredRoom? room, IChangeOwner? owner)
{
    public abstract ChangeKind Kind { get; }

    public StoredRoom? Room { get; protected set; } = room;

    public IChangeOwner? Owner { get; protected set; } = owner;

    /// <summary>What its asker calls it; empty for nothing.</summary>
    public virtual ReadOnlySpan<byte> ClientId => default;

    /// <summary>The bytes it occupies in a queue.</summary>
    public virtual int Bytes => 128;

    /// <summary>The outcome: refused, or stored.</summary>
    public Refusal Refusal { get; internal set; }

    /// <summary>The outcome: the number it was stored under, now or when it was first asked; the marker, or the new room's id.</summary>
    public long Seq { get; internal set; }

    /// <summary>The outcome: nothing new was stored, since it stood there already.</summary>
    public bool Repeated { get; internal set; }

    internal int FrameStart { get; set; }

    internal int FrameLength { get; set; }
}
