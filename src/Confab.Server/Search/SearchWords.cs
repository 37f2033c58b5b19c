using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Confab.Server.Search;

/// <summary>A word as it is compared, and where it stands in the text, in UTF-16 code units.</summary>
/// <param name="Text">Without case and accents; of Chinese, Japanese and Korean, two characters.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Place">What it is in a run of Chinese, Japanese or Korean.</param>
internal readonly record struct SearchWord(string Text, int Start, int Length, WordPlace Place);

/// <summary>Takes a word as it is compared, and where it stands in the text.</summary>
internal delegate void WordTaker(ReadOnlySpan<char> word, int start, int length, WordPlace place);

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
        Cut(text, [], (word, start, length, place) => words.Add(new SearchWord(word.ToString(), start, length, place)));
        return words;
    }

    /// <summary>Cuts a text, and allocates nothing for it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="word">Where a word is put together; empty before and after.</param>
    /// <param name="take">Gets each word, which is valid until it returns.</param>
    public static void Cut(ReadOnlySpan<char> text, List<char> word, WordTaker take)
    {
        // What is open, and where it stands: a word, or a run's last character.
        var (start, end, place) = (0, 0, WordPlace.Whole);
        for (var at = 0; at < text.Length;)
        {
            var rune = RuneAt(text, at);
            var length = LengthOf(text, at, rune);
            var isWord = IsWord(rune);
            var isCjk = IsCjk(rune.Value);
            if (word.Count > 0 && (!isWord || isCjk == (place == WordPlace.Whole)))
            {
                take(CollectionsMarshal.AsSpan(word), start, end - start, place);
                word.Clear();
            }

            var before = word.Count;
            if (isWord && isCjk)
            {
                AddNormalized(text.Slice(at, length), NormalizationForm.FormKC, word);
                if (before > 0)
                    take(CollectionsMarshal.AsSpan(word), start, at + length - start, WordPlace.Pair);
                word.RemoveRange(0, before);
                (start, place) = (at, before > 0 ? WordPlace.Last : WordPlace.Single);
            }
            else if (isWord)
            {
                if (before == 0)
                    (start, place) = (at, WordPlace.Whole);
                AddFolded(text.Slice(at, length), word);
            }

            at += length;
            end = at;
        }

        if (word.Count > 0)
            take(CollectionsMarshal.AsSpan(word), start, end - start, place);
        word.Clear();
    }

    /// <summary>
    /// Folds a name as words are, and allocates nothing for it. Signs stay, and what follows one is a word of its own: <c>anna- lena</c>.
    /// </summary>
    public static void FoldName(ReadOnlySpan<char> name, List<char> to)
    {
        for (var at = 0; at < name.Length;)
        {
            var rune = RuneAt(name, at);
            var length = LengthOf(name, at, rune);
            if (to.Count > 0 && IsWord(rune) && to[^1] != ' ' && !char.IsLetterOrDigit(to[^1]) && !char.IsSurrogate(to[^1]))
                to.Add(' ');
            AddFolded(name.Slice(at, length), to);
            at += length;
        }
    }

    public static string FoldName(string name)
    {
        var folded = new List<char>();
        FoldName(name, folded);
        return new string(CollectionsMarshal.AsSpan(folded));
    }

    private static Rune RuneAt(ReadOnlySpan<char> text, int at)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out _);
        return rune;
    }

    // A character and the marks on it.
    private static int LengthOf(ReadOnlySpan<char> text, int at, Rune rune)
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

    private static void AddFolded(ReadOnlySpan<char> character, List<char> to)
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

    private static void AddNormalized(ReadOnlySpan<char> character, NormalizationForm form, List<char> to)
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

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.SpacingCombiningMark;

    // Han, Hiragana, Katakana, Bopomofo and Hangul, with their extensions and half-width forms.
    private static bool IsCjk(int code) => code >= 0x1100 && code is
        <= 0x11FF or (>= 0x2E80 and <= 0x2FDF) or (>= 0x3005 and <= 0x3007) or (>= 0x3021 and <= 0x3029) or (>= 0x3031 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or
        (>= 0xA960 and <= 0xA97F) or (>= 0xAC00 and <= 0xD7FF) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFF66 and <= 0xFFDC) or (>= 0x1AFF0 and <= 0x1B16F) or (>= 0x20000 and <= 0x3FFFF);
}
