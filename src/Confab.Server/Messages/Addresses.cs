using System.Buffers;
using System.Globalization;
using System.Text;

namespace Confab.Server.Messages;

/// <summary>An address in a text that becomes a link.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends; not part of it.</param>
/// <param name="Scheme">What the link has in front of what was typed; empty when that is a whole address.</param>
internal readonly record struct Address(int Start, int End, string Scheme);

/// <summary>
/// Finds addresses in what people type, by the rules of PROTOCOL.md: where they begin, and what still belongs to them. It goes over a text once:
/// what was taken for an address is not looked at again, and looking back for a mail address ends after <see cref="MaxLocalChars"/>.
/// </summary>
internal static class Addresses
{
    /// <summary>What may stand before the @ (RFC 5321 §4.5.3.1.1).</summary>
    private const int MaxLocalChars = 64;

    private static readonly SearchValues<string> s_starts = SearchValues.Create(["http://", "https://", "www.", "mailto:", "@"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Signs after which an address may go on with a script that is written without spaces.</summary>
    private static readonly SearchValues<char> s_separators = SearchValues.Create("/?#=&.-_:@%+,;!~([");

    /// <summary>Signs of ASCII that are in no address (RFC 3986), of which people write some around one.</summary>
    private static readonly SearchValues<char> s_never = SearchValues.Create("<>\"`|\\");

    /// <summary>Signs that may be in an address, but are the sentence's where it ends.</summary>
    private static readonly SearchValues<char> s_trailing = SearchValues.Create(".,:;!?*_~'([{\u00B7\u0375\u05F3\u05F4\u30FB");

    /// <summary>The next address that begins at a place or after it; null when there is none.</summary>
    public static Address? Next(ReadOnlySpan<char> text, int from)
    {
        for (var at = from; at < text.Length && text[at..].IndexOfAny(s_starts) is >= 0 and var found;)
        {
            at += found;
            var rest = text[at..];
            var address = text[at] == '@' ? Mail(text, from, at)
                : rest.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? MailWithScheme(text, at)
                : Web(text, at, SignsOf(rest));
            if (address is not null)
                return address;
            at++;
        }

        return null;
    }

    /// <summary>Scripts that are written without spaces: Thai, Lao, Burmese, Khmer, Chinese, Japanese and Korean.</summary>
    public static bool IsUnspaced(Rune rune) => rune.Value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1100 and <= 0x11FF) or (>= 0x1780 and <= 0x17FF) or
        (>= 0x2E80 and <= 0xA4CF) or (>= 0xA960 and <= 0xA97F) or (>= 0xAC00 and <= 0xD7FF) or (>= 0xF900 and <= 0xFAFF) or (>= 0xFF66 and <= 0xFFDC) or (>= 0x1AFF0 and <= 0x1B16F) or (>= 0x20000 and <= 0x3FFFF);

    private static int SignsOf(ReadOnlySpan<char> start) => start[0] is 'w' or 'W' ? "www.".Length : start.IndexOf("://") + "://".Length;

    private static Address? Web(ReadOnlySpan<char> text, int start, int signs)
    {
        // "xhttp://" and "git+http://" begin with something else.
        if (start > 0 && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] == '+'))
            return null;
        var host = start + signs;
        var isBracket = host < text.Length && text[host] == '[' && signs != "www.".Length;
        if (!isBracket && !IsLetterOrDigit(RuneAt(text, host)))
            return null;
        return new Address(start, EndOf(text, host), signs == "www.".Length ? "https://" : "");
    }

    private static Address? MailWithScheme(ReadOnlySpan<char> text, int start)
    {
        if (start > 0 && char.IsAsciiLetterOrDigit(text[start - 1]))
            return null;
        var local = start + "mailto:".Length;
        var at = local;
        while (at < text.Length && at - local <= MaxLocalChars && IsLocal(text, at))
            at++;
        if (at == local || at >= text.Length || text[at] != '@' || DomainEnd(text, at + 1) is not { } end)
            return null;
        return new Address(start, end < text.Length && text[end] == '?' ? EndOf(text, end) : end, "");
    }

    // What stands before the @ belongs to it, but only what comes after the last address.
    private static Address? Mail(ReadOnlySpan<char> text, int from, int at)
    {
        var start = at;
        while (start > from && at - start < MaxLocalChars && IsLocal(text, start - 1))
            start--;
        if (start > from && (text[start - 1] == '/' || IsLocal(text, start - 1)))
            return null;
        while (start < at && !IsLetterOrDigit(RuneAt(text, start)))
            start++;
        return start < at && text[at - 1] != '.' && DomainEnd(text, at + 1) is { } end ? new Address(start, end, "mailto:") : null;
    }

    private static bool IsLocal(ReadOnlySpan<char> text, int at) =>
        char.IsAscii(text[at]) ? char.IsAsciiLetterOrDigit(text[at]) || text[at] is '.' or '_' or '%' or '+' or '-' : char.IsLetterOrDigit(text[at]) && !IsUnspaced(RuneAt(text, at));

    // Labels between dots, two at least, of which the last is letters: ann@1.2 is a version, and git@host:path no mail.
    private static int? DomainEnd(ReadOnlySpan<char> text, int start)
    {
        var (at, label, end) = (start, start, -1);
        var isLetters = true;
        while (at < text.Length)
        {
            var rune = RuneAt(text, at);
            if (IsLetterOrDigit(rune) ? IsUnspaced(rune) && at > label && !IsUnspaced(RuneBefore(text, at)) : rune.Value != '-' || at == label)
                break;
            isLetters &= Rune.IsLetter(rune) || CharUnicodeInfo.GetUnicodeCategory(rune.Value) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            at += rune.Utf16SequenceLength;
            var isLabelDone = at >= text.Length || text[at] == '.' || !(IsLetterOrDigit(RuneAt(text, at)) || text[at] == '-');
            if (isLabelDone && label > start && at - label >= 2 && (isLetters || text[label..at].StartsWith("xn--", StringComparison.OrdinalIgnoreCase)))
                end = at;
            if (at < text.Length && text[at] == '.')
                (at, label, isLetters) = (at + 1, at + 1, true);
        }

        // Where a label was broken off by another script, it is done there.
        if (at > label && label > start && at - label >= 2 && isLetters)
            end = at;
        var isPath = end >= 0 && end + 1 < text.Length && text[end] == ':' && !char.IsWhiteSpace(text[end + 1]) && char.IsAscii(text[end + 1]);
        return end < 0 || isPath || (end < text.Length && text[end] is '@' or '_') ? null : end;
    }

    private static int EndOf(ReadOnlySpan<char> text, int start)
    {
        // Open brackets, innermost last: one that nothing closes any more ends the address where something else is closed.
        Span<char> open = stackalloc char[16];
        var (depth, at) = (0, start);
        var isHost = true;
        while (at < text.Length)
        {
            var rune = RuneAt(text, at);
            if (!Belongs(text, at, rune, start, isHost))
                break;
            if (rune.Value is '(' or '[' or '{')
            {
                if (depth == open.Length)
                    break;
                open[depth++] = rune.Value switch { '(' => ')', '[' => ']', _ => '}' };
            }
            else if (rune.Value is ')' or ']' or '}' && (depth == 0 || open[--depth] != rune.Value))
            {
                break;
            }

            isHost &= rune.Value is not ('/' or '?' or '#');
            at += rune.Utf16SequenceLength;
        }

        while (at > start && s_trailing.Contains(text[at - 1]))
            at--;
        return at;
    }

    private static bool Belongs(ReadOnlySpan<char> text, int at, Rune rune, int start, bool isHost)
    {
        if (rune.IsAscii)
            return rune.Value > ' ' && rune.Value != 0x7F && !s_never.Contains((char)rune.Value);
        // Joiners are needed within words of some scripts; these signs are allowed in names (RFC 5892 §2.6).
        if (rune.Value is 0x200C or 0x200D or 0x00B7 or 0x0375 or 0x05F3 or 0x05F4 or 0x30FB)
            return true;
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter:
            case UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.CurrencySymbol:
                // Written right after an address these are the sentence's; after a sign, or where the name of the host goes on with a dot, they are its own.
                return !IsUnspaced(rune) || GoesOn(text, at, start) || (isHost && IsLabel(text, at));
            case UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark:
                return true;
            case UnicodeCategory.OtherSymbol or UnicodeCategory.MathSymbol or UnicodeCategory.ModifierSymbol:
                return GoesOn(text, at, start);
            default:
                return false;
        }
    }

    private static bool GoesOn(ReadOnlySpan<char> text, int at, int start) => at == start || s_separators.Contains(text[at - 1]) || !char.IsAscii(text[at - 1]);

    // Up to the next sign there is nothing but letters, and it is a dot before another letter: a label has 63 characters at most.
    private static bool IsLabel(ReadOnlySpan<char> text, int at)
    {
        var end = at;
        while (end < text.Length && end - at < 64 && char.IsLetterOrDigit(text[end]))
            end++;
        return end + 1 < text.Length && text[end] == '.' && char.IsLetterOrDigit(text[end + 1]);
    }

    private static bool IsLetterOrDigit(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static Rune RuneAt(ReadOnlySpan<char> text, int at) => at < text.Length && Rune.DecodeFromUtf16(text[at..], out var rune, out _) == OperationStatus.Done ? rune : Rune.ReplacementChar;

    private static Rune RuneBefore(ReadOnlySpan<char> text, int at) => Rune.DecodeLastFromUtf16(text[..at], out var rune, out _) == OperationStatus.Done ? rune : Rune.ReplacementChar;
}
