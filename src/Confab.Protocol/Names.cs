using System.Globalization;
using System.Text;

namespace Confab.Protocol;

/// <summary>Names of rooms and people, which have one form for what looks the same: see <see cref="NameForm"/>, and in NFC.</summary>
public static class Names
{
    // Without ICU (DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1) the runtime composes nothing, and says nothing.
    private static readonly bool s_composes = "e\u0301".Normalize(NormalizationForm.FormC) == "\u00E9";

    /// <summary>Gives the name in its one stored form, as UTF-8; false when it cannot be a name.</summary>
    /// <param name="name">The name as it came, UTF-8.</param>
    /// <param name="maxChars">The most UTF-16 code units of the stored form.</param>
    /// <param name="normalized">The stored form.</param>
    public static bool TryNormalize(ReadOnlySpan<byte> name, int maxChars, out byte[] normalized)
    {
        normalized = [];
        if (name.Length is 0 || name.Length > maxChars * 12)
            return false;

        if (IsPlain(name))
        {
            if (name.Length > maxChars)
                return false;
            normalized = name.ToArray();
            return true;
        }

        // What is not safe may not even be composed: U+FFFE cannot.
        var text = NameForm.Of(Encoding.UTF8.GetString(name)).Trim();
        if (!IsSafe(text))
            return false;
        text = text.Normalize(NormalizationForm.FormC);
        if (text.Length is 0 || text.Length > maxChars || !IsVisible(text) || (!s_composes && MayBeDecomposed(text)))
            return false;
        normalized = Encoding.UTF8.GetBytes(text);
        return true;
    }

    /// <summary>Whether a text is free of what could hide, reorder or break a line of a log or a terminal.</summary>
    public static bool IsSafe(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                case UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse:
                    return false;
            }

            // Marks, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9 §2), and invisible fillers.
            if (rune.Value is 0x061C or 0x200B or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0xFEFF or 0xFFFD or 0xFFFE)
                return false;
        }

        return true;
    }

    /// <summary>Whether a text is not empty, not too long, and safe.</summary>
    public static bool IsShort(ReadOnlySpan<byte> text, int maxChars)
    {
        if (text.IsEmpty || text.Length > maxChars * 3)
            return false;
        Span<char> chars = stackalloc char[text.Length];
        var length = Encoding.UTF8.GetChars(text, chars);
        // An emoji may be joined by U+200D and coloured by U+FE0F: both are safe.
        return length <= maxChars && IsSafe(chars[..length]);
    }

    /// <summary>Whether a text is empty or white space only.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (!Rune.IsWhiteSpace(rune))
                return false;
            text = text[length..];
        }

        return true;
    }

    // Marks belong into names, but make none by themselves. The runtime may not know the newest emoji.
    private static bool IsVisible(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.SpaceSeparator or UnicodeCategory.OtherNotAssigned) || Emoji.IsPictograph(rune))
                return true;
        }

        return false;
    }

    // Two spellings must not be two people: what might have another spelling is refused where it cannot be composed.
    private static bool MayBeDecomposed(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark || rune.Value is >= 0x1100 and <= 0x11FF)
                return true;
        }

        return false;
    }

    // Most names are printable ASCII without a space at an end or two in a row: those are their own normal form.
    private static bool IsPlain(ReadOnlySpan<byte> name) =>
        !name.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E) && name[0] != ' ' && name[^1] != ' ' && name.IndexOf("  "u8) < 0;
}
