using System.Runtime.InteropServices;
using System.Text;
using static Confab.Server.Storage.Folding;

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
}
