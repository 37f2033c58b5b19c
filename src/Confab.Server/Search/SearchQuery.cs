using System.Globalization;
using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Search;

/// <summary>What somebody looks for: words, phrases and operators, all of which a message must meet.</summary>
internal sealed class SearchQuery
{
    public const int MaxChars = 256;

    /// <summary>Words and phrases; each is a walk through the index.</summary>
    private const int MaxTerms = 16;

    private TimeZoneInfo _zone = TimeZoneInfo.Utc;

    public List<SearchTerm> Terms { get; } = [];

    /// <summary>How the name of the sender, or a word of it, begins, folded; any of these; everybody when there is none.</summary>
    public List<string> Senders { get; } = [];

    /// <summary>Any of these rooms; all when there is none.</summary>
    public List<string> Rooms { get; } = [];

    public Holdings Holds { get; private set; }

    public SearchPlace From { get; private set; } = SearchPlace.At(0);

    public SearchPlace Before { get; private set; } = SearchPlace.At(long.MaxValue);

    /// <summary>Instead of words it holds signs, which are not indexed: nothing is found.</summary>
    public bool IsOfSigns { get; private set; }

    /// <summary>Reads a query. Only an operator with a value that cannot be is refused: whatever else stands there is looked for.</summary>
    public static Refusal Parse(string? text, string? zone, out SearchQuery query)
    {
        query = new SearchQuery();
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxChars)
            return new(RefusalCode.BadRequest, $"`q` must be 1 to {MaxChars} characters.");
        if (zone is not null && !query.TrySetZone(zone))
            return new(RefusalCode.BadRequest, "`zone` must be an IANA time zone, such as Europe/Berlin.");
        var pieces = Split(text.Trim());
        var words = new List<Piece>();
        for (var i = 0; i < pieces.Count; i++)
        {
            // from:"Ann Smith": the quotes come right after the colon.
            var value = i + 1 < pieces.Count && pieces[i + 1] is { IsQuoted: true, IsJoined: true } ? pieces[i + 1].Text : "";
            if (!pieces[i].IsQuoted && OperatorOf(pieces[i].Text, ref value) is { } name)
            {
                if (query.AddOperator(name, value) is { IsRefused: true } refusal)
                    return refusal;
                // A value that stands in the piece itself may end in a colon: from:bob: is said of bob:
                i += TakesNext(pieces[i].Text) ? 1 : 0;
            }
            else
            {
                words.Add(pieces[i]);
            }
        }

        // The last word may not be typed to its end yet.
        for (var i = 0; i < words.Count; i++)
            query.AddTerm(words[i].Text, isPrefix: !words[i].IsQuoted && (i == words.Count - 1 || words[i].Text.EndsWith('*')));
        if (query.Terms.Count > MaxTerms)
            return new(RefusalCode.BadRequest, $"`q` can have at most {MaxTerms} words and phrases.");
        query.IsOfSigns = words.Count > 0 && query.Terms.Count == 0;
        return default;
    }

    private static bool TakesNext(string piece) => piece.IndexOf(':', StringComparison.Ordinal) == piece.Length - 1;

    // The operator's name, and its value: the given one where the colon is the end. Without a value it is a word.
    private static string? OperatorOf(string piece, ref string value)
    {
        var colon = piece.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? "" : piece[..colon].ToLowerInvariant();
        if (colon >= 0 && colon + 1 < piece.Length)
            value = piece[(colon + 1)..];
        return name is "from" or "in" or "before" or "after" or "has" && value.Length > 0 ? name : null;
    }

    // Up to the next space or quote, or from quote to quote; a quote that is not closed goes to the end.
    private static List<Piece> Split(string text)
    {
        var pieces = new List<Piece>();
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            var isQuoted = IsQuote(text[at]);
            var start = isQuoted ? at + 1 : at;
            var end = start;
            while (end < text.Length && !IsQuote(text[end]) && (isQuoted || !char.IsWhiteSpace(text[end])))
                end++;
            pieces.Add(new Piece(text[start..end], isQuoted, at > 0 && !char.IsWhiteSpace(text[at - 1])));
            at = isQuoted ? end + 1 : end;
        }

        return pieces;
    }

    private static bool IsQuote(char letter) => letter is '"' or '“' or '”' or '„';

    private readonly record struct Piece(string Text, bool IsQuoted, bool IsJoined);

    private void AddTerm(string text, bool isPrefix)
    {
        if (SearchTerm.Of(text, isPrefix) is { } term)
            Terms.Add(term);
    }

    private Refusal AddOperator(string name, string value)
    {
        switch (name)
        {
            case "from":
                Senders.Add(SearchWords.FoldName(value));
                if (value[0] == '@')
                    Senders.Add(SearchWords.FoldName(value[1..]));
                return default;
            case "in":
                Rooms.Add(value);
                if (value[0] == '#')
                    Rooms.Add(value[1..]);
                return default;
            case "has":
                Holds |= value switch { "link" => Holdings.Link, "file" => Holdings.File, _ => Holdings.None };
                return value is "link" or "file" ? default : new(RefusalCode.BadRequest, "`has:` must be followed by `link` or `file`.");
        }

        if (!DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return new(RefusalCode.BadRequest, $"`{name}:` must be followed by a day, such as 2026-11-22.");
        if (name == "before")
            Before = Earlier(Before, StartOf(day));
        else
            From = day == DateOnly.MaxValue ? SearchPlace.At(long.MaxValue) : Later(From, StartOf(day.AddDays(1)));
        return default;
    }

    // The name becomes a path below the system's time zones.
    private bool TrySetZone(string name)
    {
        if (name.Length is 0 or > 64 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '_' or '-' or '+') || !TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) || !zone.HasIanaId)
            return false;
        _zone = zone;
        return true;
    }

    // Where the clock skips midnight, GetUtcOffset tells what held before: the day begins as it skips. Where midnight comes twice, it is the first one.
    private SearchPlace StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        var offset = _zone.IsAmbiguousTime(midnight) ? _zone.GetAmbiguousTimeOffsets(midnight).Max() : _zone.GetUtcOffset(midnight);
        return SearchPlace.At((midnight - DateTime.UnixEpoch - offset).Ticks / TimeSpan.TicksPerMillisecond);
    }

    private static SearchPlace Earlier(SearchPlace a, SearchPlace b) => a.Row < b.Row ? a : b;

    private static SearchPlace Later(SearchPlace a, SearchPlace b) => a.Row > b.Row ? a : b;
}
