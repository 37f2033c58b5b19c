using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>A reaction of one's own is taken back.</summary>
internal sealed class UnreactVerb : RoomVerb
{
    public override ChangeKind Kind => ChangeKind.Unreact;

    public override Operation Operation => Operation.React;

    public override ClientFrameType? Frame => ClientFrameType.Unreact;

    public override Draft Read(in ClientFrame frame) => new(frame.Message, frame.Emoji);

    public override Refusal Check(in Draft draft, Limits limits) => CheckShort(draft.Text, limits);

    public override ReadOnlySpan<byte> FormOf(ReadOnlySpan<byte> text) => Qualified(text);

    protected override Refusal Apply(RoomChange change, IBatch batch, Events events, Limits limits)
    {
        // What was stored before reactions had one form is known as it is.
        var emoji = batch.FindReaction(change, change.Content) > 0 ? change.Content : Qualified(change.Content);
        if (batch.FindReaction(change, emoji) == 0)
            return new(RefusalCode.NotFound, "You have not reacted with this emoji.");
        batch.RemoveReaction(change, emoji, batch.Record(change));
        events.Message("reacted"u8, change, batch);
        return default;
    }

    internal static ReadOnlySpan<byte> Qualified(ReadOnlySpan<byte> emoji)
    {
        Emoji.TryQualify(emoji, out var form);
        return form;
    }

    internal static Refusal CheckShort(ReadOnlySpan<byte> emoji, Limits limits) =>
        Names.IsShort(emoji, limits.EmojiChars) ? default : new(RefusalCode.BadRequest, $"`emoji` must be 1 to {limits.EmojiChars} characters, without control characters.");
}
