using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A reaction to a message: one emoji, in its fully-qualified form.</summary>
internal sealed class ReactVerb : RoomVerb
{
    /// <summary>Reactions of one message. With each they are counted and told, while all rooms wait: 5,000 take some milliseconds.</summary>
    private const int MaxReactions = 5000;

    public override ChangeKind Kind => ChangeKind.React;

    public override Operation Operation => Operation.React;

    public override ClientFrameType? Frame => ClientFrameType.React;

    // Here already, so that what is sent twice in two forms is the same change.
    public override Draft Read(in ClientFrame frame) => new(frame.Message, FormOf(frame.Emoji));

    public override Refusal Check(in Draft draft, Limits limits) =>
        UnreactVerb.CheckShort(draft.Text, limits) is { IsRefused: true } refusal ? refusal
        : Emoji.TryQualify(draft.Text, out _) ? default
        : new(RefusalCode.BadRequest, "`emoji` must be exactly one emoji.");

    public override ReadOnlySpan<byte> FormOf(ReadOnlySpan<byte> text) => UnreactVerb.Qualified(text);

    protected override Refusal Apply(RoomChange change, IBatch batch, Events events, Limits limits)
    {
        if (!batch.HasMessage(change.Room!, change.Target))
            return NoMessage();
        if (batch.FindReaction(change, change.Content) is > 0 and var stored)
            return Stands(change, stored);
        var (others, all) = batch.CountReactions(change.Room!, change.Target, change.Content);
        if (others >= limits.EmojiPerMessage)
            return new(RefusalCode.BadRequest, "The message has reached its limit of different reactions.");
        if (all >= MaxReactions)
            return new(RefusalCode.BadRequest, "The message has reached its limit of reactions.");
        batch.AddReaction(change, batch.Record(change));
        events.Message("reacted"u8, change, batch);
        return default;
    }
}
