using System.Globalization;
using System.Text;

namespace Confab.Server.Search;

/// <summary>A word as it is compared, and where it stands in the text, in UTF-16 code units.</summary>
/// <param name="Text">Without case and accents; of Chinese, Japanese and Korean, two characters.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Place">What it is in a run of Chinese, Japanese or Korean.</param>
internal readonly record struct SearchWord(string Text, int Start, int Length, WordPlace Place);

internal enum WordPlace
{
    /// <summary>A word between spaces or signs.</summary>
    Whole,

    /// <summary>Two characters of a run, which overlap with the next two.</summary>
    Pair,

    /// <summary>The last character of a run once more, alone.</summary>
    Last,

    /// <summary>The only character of a run.</summary>
    Single,
}

/// <summary>
/// Cuts a text into the words that are indexed and looked for. Scripts that write without spaces are cut into overlapping pairs of characters:
/// 東京都 is 東京, 京都 and, so that its last character is found too, 都.
/// </summary>
internal static class SearchWords
{
    public static List<SearchWord> Of(string text)
    {
        var words = new List<SearchWord>();
        var run = new List<SearchWord>();
        var word = new StringBuilder();
        var wordStart = 0;
        for (var at = 0; at < text.Length;)
        {
            var rune = RuneAt(text, at);
            var length = LengthOf(text, at, rune);
            var isCjk = IsCjk(rune.Value);
            var isWord = IsWord(rune);
            if (word.Length > 0 && (isCjk || !isWord))
                EndWord(at);
            if (run.Count > 0 && !(isCjk && isWord))
                EndRun();
            if (isWord && isCjk)
            {
                run.Add(new SearchWord(text.Substring(at, length).Normalize(NormalizationForm.FormKC), at, length, WordPlace.Single));
            }
            else if (isWord)
            {
                if (word.Length == 0)
                    wordStart = at;
                Fold(text.AsSpan(at, length), word);
            }

            at += length;
        }

        if (word.Length > 0)
            EndWord(text.Length);
        EndRun();
        return words;

        void EndWord(int end)
        {
            words.Add(new SearchWord(word.ToString(), wordStart, end - wordStart, WordPlace.Whole));
            word.Clear();
        }

        void EndRun()
        {
            for (var i = 0; i + 1 < run.Count; i++)
                words.Add(new SearchWord(run[i].Text + run[i + 1].Text, run[i].Start, run[i].Length + run[i + 1].Length, WordPlace.Pair));
            if (run.Count > 0)
                words.Add(run[^1] with { Place = run.Count > 1 ? WordPlace.Last : WordPlace.Single });
            run.Clear();
        }
    }

    /// <summary>A name as names are compared when somebody looks for one.</summary>
    public static string FoldName(string name) => name.Normalize(NormalizationForm.FormKC).ToLowerInvariant();

    private static Rune RuneAt(string text, int at) => Rune.TryGetRuneAt(text, at, out var rune) ? rune : Rune.ReplacementChar;

    // A character and the marks on it.
    private static int LengthOf(string text, int at, Rune rune)
    {
        var end = at + rune.Utf16SequenceLength;
        if (rune == Rune.ReplacementChar)
            end = at + 1;
        while (end < text.Length && (CharUnicodeInfo.GetUnicodeCategory(text[end]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark || text[end] is '\uFF9E' or '\uFF9F'))
            end++;
        return end - at;
    }

    private static void Fold(ReadOnlySpan<char> character, StringBuilder to)
    {
        if (character.Length == 1 && char.IsAscii(character[0]))
        {
            to.Append(char.ToLowerInvariant(character[0]));
            return;
        }

        foreach (var part in character.ToString().Normalize(NormalizationForm.FormKD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(part) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark))
                to.Append(char.ToLowerInvariant(part));
        }
    }

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.SpacingCombiningMark;

    // Han, Hiragana, Katakana, Bopomofo and Hangul, with their extensions and half-width forms.
    private static bool IsCjk(int code) => code >= 0x1100 && code is
        <= 0x11FF or (>= 0x2E80 and <= 0x2FDF) or (>= 0x3005 and <= 0x3007) or (>= 0x3021 and <= 0x3029) or (>= 0x3031 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or
        (>= 0xA960 and <= 0xA97F) or (>= 0xAC00 and <= 0xD7FF) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFF66 and <= 0xFFDC) or (>= 0x1AFF0 and <= 0x1B16F) or (>= 0x20000 and <= 0x3FFFF);
}
