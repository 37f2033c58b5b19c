using System.Buffers;
using System.Text;

namespace Confab.Server.Messages;

/// <summary>
/// Looks at a text before it is parsed as Markdown. Most of what people say holds nothing that could begin markup, and is to cost nothing;
/// and what is built to nest without end must not reach the parser.
/// </summary>
internal static class Markup
{
    /// <summary>Quotes and list items that may begin on one line. The parser takes time by the square of it.</summary>
    private const int MaxMarkersOfLine = 16;

    /// <summary>Link definitions of a message, which the parser looks for before it can be asked to stop.</summary>
    private const int MaxDefinitions = 64;

    /// <summary>Lines that look like the underline of a heading. The parser takes time by the square of their number.</summary>
    private const int MaxUnderlines = 64;

    /// <summary>Thematic breaks, headings, quotes, fences and lists begin with these, after spaces; code with four spaces or a tab.</summary>
    private static readonly SearchValues<byte> s_lineStarts = SearchValues.Create("#>-+*=0123456789"u8);

    /// <summary>Everything else begins with one of these, wherever it stands.</summary>
    private static readonly SearchValues<byte> s_anywhere = SearchValues.Create("\\`*_[<~|&:.@"u8);

    /// <summary>Whether anything in it could begin markup. A false alarm costs a parse, and changes nothing.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> content) => MayBeInside(content) || MayBeginLine(content);

    /// <summary>Whether it nests so deep, or repeats itself so often, that parsing it could take long.</summary>
    public static bool IsExcessive(ReadOnlySpan<byte> content)
    {
        if (content.Count("]:"u8) > MaxDefinitions)
            return true;
        var underlines = 0;
        foreach (var range in content.SplitAny("\n\r"u8))
        {
            var line = content[range];
            underlines += line.TrimStart("> \t"u8).StartsWith("="u8) ? 1 : 0;
            if (underlines > MaxUnderlines || MarkersOf(line) > MaxMarkersOfLine)
                return true;
        }

        return false;
    }

    private static bool MayBeInside(ReadOnlySpan<byte> content)
    {
        for (var at = 0; content[at..].IndexOfAny(s_anywhere) is >= 0 and var next; at++)
        {
            at += next;
            if (Opens(content, at) && (content[at] != '[' || content.IndexOf("]("u8) >= 0 || content.IndexOf("]:"u8) >= 0))
                return true;
        }

        return false;
    }

    // All of these are common in plain words, too: what counts is whether there is what must go with them.
    private static bool Opens(ReadOnlySpan<byte> content, int at)
    {
        var after = content[(at + 1)..];
        return content[at] switch
        {
            (byte)':' => after.StartsWith("//"u8),
            (byte)'.' => at >= 3 && Ascii.EqualsIgnoreCase(content[(at - 3)..at], "www"u8),
            (byte)'@' => at > 0 && !after.IsEmpty && IsOfMail(content[at - 1]) && IsOfMail(after[0]),
            (byte)'~' => after.StartsWith("~"u8),
            (byte)'*' or (byte)'_' or (byte)'`' => after.Contains(content[at]),
            (byte)'[' => after.Contains((byte)']'),
            (byte)'<' => after.Contains((byte)'>'),
            (byte)'&' => after.Contains((byte)';'),
            (byte)'|' => after.Contains((byte)'\n') || after.Contains((byte)'\r'),
            _ => !after.IsEmpty && !char.IsAsciiLetterOrDigit((char)after[0]), // a backslash
        };
    }

    private static bool IsOfMail(byte sign) => sign >= 0x80 || char.IsAsciiLetterOrDigit((char)sign) || sign is (byte)'_' or (byte)'-' or (byte)'+' or (byte)'%';

    private static bool MayBeginLine(ReadOnlySpan<byte> content)
    {
        while (true)
        {
            var indent = content.IndexOfAnyExcept((byte)' ');
            if (indent >= 4 || (indent >= 0 && (content[indent] == '\t' || IsMarker(content[indent..]))))
                return true;
            var end = content.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0)
                return false;
            content = content[(end + 1)..];
        }
    }

    // "2 of us" and "10:30" are no lists: a number needs its dot or bracket.
    private static bool IsMarker(ReadOnlySpan<byte> line)
    {
        if (!s_lineStarts.Contains(line[0]))
            return false;
        var after = line.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return after == 0 || (after > 0 && line[after] is (byte)'.' or (byte)')');
    }

    private static int MarkersOf(ReadOnlySpan<byte> line)
    {
        var markers = 0;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] is (byte)' ' or (byte)'\t' || char.IsAsciiDigit((char)line[i]))
                continue;
            var isBullet = line[i] is (byte)'-' or (byte)'+' or (byte)'*' or (byte)'.' or (byte)')' && (i + 1 == line.Length || line[i + 1] is (byte)' ' or (byte)'\t');
            if (line[i] != '>' && !isBullet)
                break;
            markers++;
        }

        return markers;
    }
}
