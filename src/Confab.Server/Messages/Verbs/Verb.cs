using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>What a frame of a client asks for.</summary>
/// <param name="target">The message that is changed, or answered; the marker.</param>
/// <param name="text">Content or emoji.</param>
/// <param name="files">The ids of files that a message takes, one after the other.</param>
internal readonly ref struct Draft(long target, ReadOnlySpan<byte> text = default, ReadOnlySpan<byte> files = default)
{
    public long Target { get; } = target;

    public ReadOnlySpan<byte> Text { get; } = text;

    public ReadOnlySpan<byte> Files { get; } = files;
}

/// <summary>One kind of change: which frame asks for it, what may stand in it, whether it may be, and which event tells of it.</summary>
internal abstract class Verb
{
    public abstract ChangeKind Kind { get; }

    /// <summary>What one has to be let in for.</summary>
    public abstract Operation Operation { get; }

    /// <summary>The frame that asks for it; null when only HTTP or the server itself does.</summary>
    public virtual ClientFrameType? Frame => null;

    /// <summary>Whether people asked for it, so that it counts as a change.</summary>
    public virtual bool Counts => true;

    /// <summary>Whether its text is what somebody says, with Markdown and mentions.</summary>
    public virtual bool HasWords => false;

    /// <summary>What the frame asks for.</summary>
    public virtual Draft Read(in ClientFrame frame) => throw new NotSupportedException($"No frame asks for {Kind}.");

    /// <summary>Whether what was asked for can be stored at all, whatever is stored already.</summary>
    public virtual Refusal Check(in Draft draft, Limits limits) => default;

    /// <summary>The change that a draft is, which has been checked.</summary>
    /// <param name="draft">What is asked for.</param>
    /// <param name="room">The room.</param>
    /// <param name="sender">Who asks, in its stored form.</param>
    /// <param name="clientId">What the client calls it; empty for nothing.</param>
    /// <param name="owner">Who waits for it.</param>
    /// <param name="used">Changes to be used again.</param>
    public virtual Change Make(in Draft draft, StoredRoom room, byte[] sender, ReadOnlySpan<byte> clientId, IChangeOwner owner, Stack<RoomChange> used) =>
        throw new NotSupportedException($"Nobody asks for {Kind} by a draft.");

    /// <summary>The text in which requests are the same that differ in their spelling only.</summary>
    public virtual ReadOnlySpan<byte> FormOf(ReadOnlySpan<byte> text) => text;

    /// <summary>Decides from the facts, and has it written, with its event, if it is not refused.</summary>
    public abstract Refusal Apply(Change change, IBatch batch, Events events, Limits limits);
}

/// <summary>A kind of change that has a shape of its own.</summary>
/// <typeparam name="T">The shape.</typeparam>
internal abstract class Verb<T> : Verb
    where T : Change
{
    public sealed override Refusal Apply(Change change, IBatch batch, Events events, Limits limits) => Apply((T)change, batch, events, limits);

    protected abstract Refusal Apply(T change, IBatch batch, Events events, Limits limits);
}

/// <summary>A kind of change that takes a number of its room, so that an <c>id</c> can stand for it and nobody makes it in an archived room.</summary>
internal abstract class RoomVerb : Verb<RoomChange>
{
    /// <summary>Whether it can be made in an archived room all the same.</summary>
    public virtual bool GoesOnInArchive => false;

    public sealed override Change Make(in Draft draft, StoredRoom room, byte[] sender, ReadOnlySpan<byte> clientId, IChangeOwner owner, Stack<RoomChange> used)
    {
        var (html, calls) = HasWords ? MessageHtml.Read(draft.Text) : ([], null);
        var change = used.TryPop(out var free) ? free : new RoomChange();
        return change.Fill(Kind, room, sender, draft.Target, draft.Text, clientId, owner, html, draft.Files, calls);
    }

    protected static Refusal NoMessage() => new(RefusalCode.NotFound, "The message does not exist.");

    /// <summary>Whether a message is there and the sender's own.</summary>
    protected static Refusal CheckOwn(RoomChange change, IBatch batch)
    {
        if (!batch.HasMessage(change.Room!, change.Target, change.Sender, out var isOwn))
            return NoMessage();
        return isOwn ? default : new(RefusalCode.Forbidden, "Only the sender can change a message.");
    }

    /// <summary>Nothing new is stored: it stands there already, under a number.</summary>
    protected static Refusal Stands(RoomChange change, long seq)
    {
        change.Seq = seq;
        change.Repeated = true;
        return default;
    }
}
