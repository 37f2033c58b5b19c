using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Confab.Server.Storage;

/// <summary>
/// Texts as they are compared where only their meaning counts: by the case folding of Unicode, without marks and what differs in its form only (NFKD). The
/// reader's language plays no part.
/// </summary>
internal static class Folding
{
    /// <summary>A whole text as it is compared.</summary>
    public static string Fold(string text)
    {
        var folded = new List<char>(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var length = LengthOf(text, at, RuneAt(text, at));
            AddFolded(text.AsSpan(at, length), folded);
            at += length;
        }

        return new string(CollectionsMarshal.AsSpan(folded));
    }

    /// <summary>The character that begins at a place.</summary>
    public static Rune RuneAt(ReadOnlySpan<char> text, int at)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out _);
        return rune;
    }

    /// <summary>The length of a character and the marks on it.</summary>
    public static int LengthOf(ReadOnlySpan<char> text, int at, Rune rune)
    {
        var end = at + rune.Utf16SequenceLength;
        if (rune == Rune.ReplacementChar)
            end = at + 1;
        // Hangul that is written in its parts: two make a syllable, a third closes it.
        if (end < text.Length && rune.Value is >= 0x1100 and <= 0x115F && text[end] is >= '\u1160' and <= '\u11A7')
            end++;
        if (end < text.Length && text[end] is >= '\u11A8' and <= '\u11FF' && (end > at + 1 || rune.Value is >= 0xAC00 and <= 0xD7A3))
            end++;
        while (end < text.Length && (CharUnicodeInfo.GetUnicodeCategory(text[end]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark || text[end] is '\uFF9E' or '\uFF9F'))
            end++;
        return end - at;
    }

    /// <summary>Adds a character and its marks as they are compared.</summary>
    public static void AddFolded(ReadOnlySpan<char> character, List<char> to)
    {
        if (character.Length == 1 && char.IsAscii(character[0]))
        {
            to.Add(char.ToLowerInvariant(character[0]));
            return;
        }

        var from = to.Count;
        AddNormalized(character, NormalizationForm.FormKD, to);
        var (kept, sharp) = (from, 0);
        for (var i = from; i < to.Count; i++)
        {
            if (CharUnicodeInfo.GetUnicodeCategory(to[i]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark)
                continue;
            to[kept++] = Fold(to[i]);
            sharp += to[kept - 1] == 'ß' ? 1 : 0;
        }

        to.RemoveRange(kept, to.Count - kept);
        for (var i = to.Count - 1; sharp > 0 && i >= from; i--)
        {
            if (to[i] != 'ß')
                continue;
            to[i] = 's';
            to.Insert(i, 's');
            sharp--;
        }
    }

    // Where the case folding of Unicode is not the lower-case letter, and the digits of all scripts as those of ASCII.
    private static char Fold(char letter) => letter switch
    {
        'ẞ' => 'ß',
        'ς' => 'σ',
        'ı' => 'i',
        _ when !char.IsAscii(letter) && CharUnicodeInfo.GetDecimalDigitValue(letter) is >= 0 and var digit => (char)('0' + digit),
        _ => char.ToLowerInvariant(letter),
    };

    /// <summary>Adds a character and its marks in a form of Unicode.</summary>
    public static void AddNormalized(ReadOnlySpan<char> character, NormalizationForm form, List<char> to)
    {
        Span<char> normalized = stackalloc char[64];
        // U+FFFE, which a name may hold, cannot be composed.
        if (character.Contains('\uFFFE'))
        {
            to.Add('\uFFFD');
            return;
        }

        // A character may carry any number of marks.
        if (!character.TryNormalize(normalized, out var length, form))
        {
            normalized = new char[character.GetNormalizedLength(form)];
            character.TryNormalize(normalized, out length, form);
        }

        to.AddRange(normalized[..length]);
    }

    /// <summary>Whether it is a part of words: a letter or a digit.</summary>
    public static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.SpacingCombiningMark;

    /// <summary>Han, Hiragana, Katakana, Bopomofo and Hangul, with their extensions and half-width forms: written without spaces.</summary>
    public static bool IsCjk(int code) => code >= 0x1100 && code is
        <= 0x11FF or (>= 0x2E80 and <= 0x2FDF) or (>= 0x3005 and <= 0x3007) or (>= 0x3021 and <= 0x3029) or (>= 0x3031 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or
        (>= 0xA960 and <= 0xA97F) or (>= 0xAC00 and <= 0xD7FF) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFF66 and <= 0xFFDC) or (>= 0x1AFF0 and <= 0x1B16F) or (>= 0x20000 and <= 0x3FFFF);
}
