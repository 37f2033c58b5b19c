namespace Confab.Server.Search;

/// <summary>Words that must stand beside each other in a message.</summary>
/// <param name="Words">The words, as they are compared.</param>
/// <param name="IsPrefix">Whether the last of them need only begin so.</param>
internal sealed record SearchTerm(IReadOnlyList<string> Words, bool IsPrefix)
{
    /// <summary>The term of a text; null when there is no word in it.</summary>
    public static SearchTerm? Of(string text, bool isPrefix)
    {
        var words = SearchWords.Of(text);
        if (words.Count == 0)
            return null;
        // Where the text ends a run may go on in the message: its last pair is enough. A single character begins a pair.
        var last = words[^1].Place;
        if (last == WordPlace.Last)
            words.RemoveAt(words.Count - 1);
        return new SearchTerm([.. words.Select(w => w.Text)], isPrefix || last == WordPlace.Single);
    }

    /// <summary>The term for FTS5: words are letters and digits only, and quoted all the same, so nothing in them is syntax.</summary>
    public string ToExpression() => $"\"{string.Join(' ', Words).Replace("\"", "\"\"", StringComparison.Ordinal)}\"{(IsPrefix ? "*" : "")}";

    /// <summary>Adds where the term stands in a text; false when it does not.</summary>
    public bool Mark(List<SearchWord> text, List<(int Start, int End)> to)
    {
        var found = false;
        for (var at = 0; at + Words.Count <= text.Count; at++)
        {
            if (!StandsAt(text, at))
                continue;
            found = true;
            var last = text[at + Words.Count - 1];
            // Of a pair only the character that was looked for.
            var length = last.Place == WordPlace.Pair && last.Text.Length > Words[^1].Length ? Math.Min(Words[^1].Length, last.Length) : last.Length;
            to.Add((text[at].Start, last.Start + length));
        }

        return found;
    }

    private bool StandsAt(List<SearchWord> text, int at)
    {
        for (var i = 0; i < Words.Count; i++)
        {
            var isPrefix = IsPrefix && i == Words.Count - 1;
            var word = text[at + i].Text;
            if (isPrefix ? !word.StartsWith(Words[i], StringComparison.Ordinal) : word != Words[i])
                return false;
        }

        return true;
    }
}
