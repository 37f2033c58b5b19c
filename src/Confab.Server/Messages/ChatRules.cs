using System.Text;
using Markdig;
using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Parsers.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Confab.Server.Messages;

/// <summary>Where people who chat mean something else than CommonMark: the rules of PROTOCOL.md, each in place of a parser of Markdig.</summary>
internal static class ChatRules
{
    public static void UseChatRules(this MarkdownPipelineBuilder builder)
    {
        builder.BlockParsers.Replace<QuoteBlockParser>(new SpacedQuoteParser());
        builder.InlineParsers.Replace<EscapeInlineParser>(new MarkupEscapeParser());
        var emphasis = new WordEmphasisParser { CjkFriendlyEmphasis = true };
        emphasis.EmphasisDescriptors.Add(new EmphasisDescriptor('~', 2, 2, true));
        builder.InlineParsers.Replace<EmphasisInlineParser>(emphasis);
    }

    /// <summary>
    /// Puts an empty line where a table ends, before a line without <c>|</c>, and where one begins below a line of text; for the parser they would be one
    /// with the table. Code is left alone, and lines are looked at once.
    /// </summary>
    public static string SeparateTables(string text)
    {
        if (!text.Contains('|', StringComparison.Ordinal))
            return text;
        var separated = new StringBuilder(text.Length + 16);
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');
        var fence = '\0';
        var isTable = false;
        for (var i = 0; i < lines.Length; i++)
        {
            var words = lines[i].AsSpan().TrimStart("> ");
            var prefix = lines[i].AsSpan(0, lines[i].Length - words.Length);
            var isBlank = words.IsWhiteSpace();
            if (words.StartsWith("```") || words.StartsWith("~~~"))
                fence = fence == '\0' ? words[0] : fence == words[0] ? '\0' : fence;
            var begins = fence == '\0' && !isTable && i + 1 < lines.Length && words.Contains('|') && IsRule(lines[i + 1].AsSpan().TrimStart("> "));
            var ends = isTable && !words.Contains('|');
            // In a list an empty line would set its items apart.
            if (i > 0 && !isBlank && (begins || ends) && prefix.TrimEnd("> ").IsEmpty && !prefix.EndsWith("  ") && !lines[i - 1].AsSpan().Trim("> \t").IsEmpty)
                separated.Append(prefix.TrimEnd(' ')).Append('\n');
            isTable = begins || (isTable && !ends);
            separated.Append(lines[i]).Append(i + 1 < lines.Length ? "\n" : "");
        }

        return separated.ToString();
    }

    private static bool IsRule(ReadOnlySpan<char> line) => line.IndexOfAnyExcept("|-: \t") < 0 && line.Contains('-') && line.Contains('|');

    private static char Before(in StringSlice slice) => slice.PeekCharExtra(-1);

    private static bool IsWord(char letter) => char.IsLetterOrDigit(letter) || letter == '_';

    /// <summary>A quote begins with <c>&gt;</c> and a space, or a letter: <c>&gt;_&lt;</c>, <c>&gt;:(</c> and <c>&gt;w&lt;</c> are faces, and <c>&gt;=5</c> says how many.</summary>
    private sealed class SpacedQuoteParser : QuoteBlockParser
    {
        public override BlockState TryOpen(BlockProcessor processor) => IsQuote(processor.Line) ? base.TryOpen(processor) : BlockState.None;

        public override BlockState TryContinue(BlockProcessor processor, Block block) =>
            processor.CurrentChar != '>' || IsQuote(processor.Line) ? base.TryContinue(processor, block) : BlockState.None;

        private static bool IsQuote(in StringSlice line)
        {
            var at = line.Start;
            while (at <= line.End && line.Text[at] == '>')
                at++;
            var next = at <= line.End ? line.Text[at] : ' ';
            var isFace = at < line.End && line.Text[at + 1] is '<' or '>';
            return char.IsWhiteSpace(next) || ((char.IsLetter(next) || char.IsSurrogate(next)) && !isFace);
        }
    }

    /// <summary>A backslash goes where it keeps a sign from being markup, and stays in paths, faces and patterns.</summary>
    private sealed class MarkupEscapeParser : EscapeInlineParser
    {
        private const string Shrug = @"\_(ツ)_/";

        public override bool Match(InlineProcessor processor, ref StringSlice slice)
        {
            var before = Before(slice);
            var next = slice.PeekChar();
            if (slice.AsSpan().StartsWith(Shrug))
                return Keep(processor, ref slice, Shrug.Length);
            // Paths of Windows: to the end of the word.
            if ((next == '\\' && !IsWord(before) && char.IsLetterOrDigit(slice.PeekChar(2))) || (before == ':' && char.IsAsciiLetter(slice.PeekCharExtra(-2)) && !IsWord(slice.PeekCharExtra(-3))))
                return Keep(processor, ref slice, PathLength(slice.AsSpan()));
            if (next == '\\')
                return Keep(processor, ref slice, 2);
            return (next is '\n' or '\r' || "`*_~[]<>#|&".Contains(next) || (IsAtStart(slice, before) && "-+=.)".Contains(next))) && base.Match(processor, ref slice);
        }

        // Lists and underlines: at the start of a line, or behind its number, which has nine digits at most.
        private static bool IsAtStart(in StringSlice slice, char before)
        {
            var back = -1;
            while (char.IsAsciiDigit(before) && back > -10)
                before = slice.PeekCharExtra(--back);
            return before is '\0' or '\n' or '\r';
        }

        private static int PathLength(ReadOnlySpan<char> text)
        {
            var end = 0;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '\\' or '.' or '-' or '_' or '$'))
                end++;
            return end;
        }

        private static bool Keep(InlineProcessor processor, ref StringSlice slice, int length)
        {
            processor.Inline = new LiteralInline(new StringSlice(slice.Text, slice.Start, slice.Start + length - 1)) { IsClosed = true };
            slice.Start += length;
            return true;
        }
    }

    /// <summary>
    /// Emphasis around words, not within one: stars in sums, and underscores in the names of programs, stay. A run of signs is read by Markdig, and loses
    /// here what it may not do.
    /// </summary>
    private sealed class WordEmphasisParser : EmphasisInlineParser
    {
        private const string Joints = "./\\:-=@#$&";

        public override bool Match(InlineProcessor processor, ref StringSlice slice)
        {
            var start = slice;
            if (!base.Match(processor, ref slice))
                return false;
            if (processor.Inline is EmphasisDelimiterInline run)
            {
                var (before, after) = (Before(start), slice.CurrentChar);
                var isWithin = run.DelimiterChar == '*' && IsSpaced(before) && IsSpaced(after) && (run.DelimiterCount == 1 || char.IsDigit(before) || char.IsDigit(after));
                if (isWithin)
                    run.Type = DelimiterType.Undefined;
                if (run.DelimiterChar == '_' && Joints.Contains(before) && IsWord(start.PeekCharExtra(-2)))
                    run.Type &= ~DelimiterType.Open;
                if (run.DelimiterChar == '_' && (after is '(' or '[' || (Joints.Contains(after) && IsWord(slice.PeekChar()))))
                    run.Type &= ~DelimiterType.Close;
            }

            return true;
        }

        private static bool IsSpaced(char letter) => char.IsLetterOrDigit(letter) && !Addresses.IsUnspaced(new(letter));
    }
}
