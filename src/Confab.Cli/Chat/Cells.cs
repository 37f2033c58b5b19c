using System.Globalization;
using System.Text;
using Spectre.Console.Rendering;

namespace Confab.Cli.Chat;

/// <summary>Texts in the cells of a terminal: a Chinese character or an emoji takes two, a combining mark none. The texts are <see cref="Inert"/>.</summary>
internal static class Cells
{
    public static int Width(ReadOnlySpan<char> text)
    {
        var width = 0;
        while (!text.IsEmpty)
        {
            var length = StringInfo.GetNextTextElementLength(text);
            width += ElementWidth(text[..length]);
            text = text[length..];
        }

        return width;
    }

    /// <summary>Cuts a text to a width, with an ellipsis where something is missing.</summary>
    public static string Cut(string text, int width)
    {
        if (Width(text) <= width)
            return text;
        return width < 1 ? "" : text[..End(text, 0, width - 1)] + "…";
    }

    /// <summary>Where the part of a text ends that begins at <paramref name="start"/> and fits into a width.</summary>
    public static int End(string text, int start, int width)
    {
        while (start < text.Length)
        {
            var length = StringInfo.GetNextTextElementLength(text.AsSpan(start));
            width -= ElementWidth(text.AsSpan(start, length));
            if (width < 0)
                break;
            start += length;
        }

        return start;
    }

    /// <summary>Breaks a line into rows, between words where it can.</summary>
    public static List<string> Wrap(string line, int width)
    {
        width = Math.Max(width, 2);
        var rows = new List<string>();
        var start = 0;
        while (true)
        {
            var end = End(line, start, width);
            if (end >= line.Length)
            {
                rows.Add(line[start..]);
                return rows;
            }

            // A space that no longer fits needs no place.
            var space = line[end] == ' ' ? end : line.LastIndexOf(' ', end - 1, end - start);
            var next = space > start ? space + 1 : end;
            rows.Add(line[start..(space > start ? space : end)]);
            start = next;
        }
    }

    // A cluster is as wide as its widest part; a flag, and a sign with the emoji selector, is an emoji.
    private static int ElementWidth(ReadOnlySpan<char> element)
    {
        if (element.Length == 1 && element[0] < 0x300)
            return 1;
        var widest = 0;
        foreach (var rune in element.EnumerateRunes())
        {
            if (rune.Value is 0xFE0F or (>= 0x1F1E6 and <= 0x1F1FF))
                return 2;
            widest = Math.Max(widest, RuneWidth(rune));
        }

        return widest;
    }

    private static int RuneWidth(Rune rune) => new Segment(rune.ToString()).CellCount();
}
