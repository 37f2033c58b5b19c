using System.Globalization;
using System.Text;

namespace Confab.Cli;

/// <summary>Text of other people, made safe for a terminal: nothing in it moves the cursor, colours, hides or reorders what is shown.</summary>
internal static class Inert
{
    /// <summary>One line: every control character is shown as a picture of itself, every invisible or reordering one as a box.</summary>
    public static string Line(string text)
    {
        if (!text.EnumerateRunes().Any(IsActive))
            return text;
        var inert = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            inert.Append(IsActive(rune) ? Picture(rune) : rune.ToString());
        return inert.ToString();
    }

    /// <summary>The lines of a text, each as <see cref="Line"/>; a tab is four spaces.</summary>
    public static IEnumerable<string> Lines(string text) =>
        text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(line => Line(line.Replace("\t", "    ", StringComparison.Ordinal)));

    // Also the marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9 §2), and tags (U+E0000…), which no terminal shows.
    private static bool IsActive(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
        || rune.Value is 0x061C or 0x200B or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0xFEFF or (>= 0xE0000 and <= 0xE007F);

    private static string Picture(Rune rune) => rune.Value switch
    {
        < 0x20 => ((char)(0x2400 + rune.Value)).ToString(),
        0x7F => "␡",
        _ => "▯",
    };
}
