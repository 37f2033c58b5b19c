using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Syntax.Inlines;

namespace Confab.Server.Messages;

/// <summary>
/// Makes links of the addresses in a text. It is asked wherever no markup begins, and lets a text end where an address begins, so that the signs
/// in one, as in <c>http://a/b_c_d</c>, are no markup.
/// </summary>
internal sealed class AddressParser : InlineParser
{
    public override bool Match(InlineProcessor processor, ref StringSlice slice)
    {
        var ahead = processor.GetParserState(this, () => new Ahead());
        if (ahead.NextIn(slice) is not { } next || next.Start > slice.End)
            return false;
        if (next.Start > slice.Start)
        {
            var end = slice.End;
            slice.End = next.Start - 1;
            processor.LiteralInlineParser.Match(processor, ref slice);
            slice.End = end;
            return true;
        }

        var typed = new StringSlice(slice.Text, next.Start, Math.Min(next.End - 1, slice.End));
        var link = new LinkInline { Url = next.Scheme + typed.ToString(), IsAutoLink = true, IsClosed = true };
        link.AppendChild(new LiteralInline(typed) { IsClosed = true });
        processor.Inline = link;
        slice.Start = typed.End + 1;
        return true;
    }

    /// <summary>The next address of a block's text: the text is gone over once, however often it is asked.</summary>
    private sealed class Ahead
    {
        private string? _text;
        private int _from;
        private Address? _next;

        public Address? NextIn(in StringSlice slice)
        {
            if (slice.Text != _text || slice.Start < _from)
                (_text, _from, _next) = (slice.Text, slice.Start, Addresses.Next(slice.Text, slice.Start));
            else if (_next is { } known && known.Start < slice.Start)
                (_from, _next) = (slice.Start, Addresses.Next(slice.Text, slice.Start));
            return _next;
        }
    }
}
