using System.Text;

namespace Confab.Protocol;

/// <summary>The emoji that are recommended for interchange (RGI_Emoji, UTS #51), each in its fully-qualified form.</summary>
public static class Emoji
{
    private const char Selector = '\uFE0F';
    private const int MaxBytes = 128;

    // By the sequence without variation selectors, which no two of them share.
    private static readonly Dictionary<string, byte[]> s_all = Load();
    private static readonly Dictionary<string, byte[]>.AlternateLookup<ReadOnlySpan<char>> s_byPlain = s_all.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Gives an emoji in its fully-qualified form, however many variation selectors it came with; false when the text is not exactly one emoji.</summary>
    /// <param name="text">The text, UTF-8.</param>
    /// <param name="qualified">The one form, UTF-8; the text itself when it is no emoji.</param>
    public static bool TryQualify(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> qualified)
    {
        qualified = text;
        if (text.Length is 0 or > MaxBytes)
            return false;
        Span<char> chars = stackalloc char[MaxBytes];
        var length = 0;
        foreach (var sign in chars[..Encoding.UTF8.GetChars(text, chars)])
        {
            if (sign != Selector)
                chars[length++] = sign;
        }

        if (!s_byPlain.TryGetValue(chars[..length], out var found))
            return false;
        qualified = found;
        return true;
    }

    /// <summary>Whether this alone is an emoji, and no skin tone: what may be joined to others by U+200D.</summary>
    internal static bool IsPictograph(Rune rune) => !IsSkinTone(rune) && Find(rune) is not null;

    /// <summary>Whether this is drawn as text unless a variation selector asks for an emoji.</summary>
    internal static bool IsTextByDefault(Rune rune) => Find(rune) is { } found && found.Length > rune.Utf8SequenceLength;

    internal static bool IsSkinTone(Rune rune) => rune.Value is >= 0x1F3FB and <= 0x1F3FF;

    private static byte[]? Find(Rune rune)
    {
        Span<char> chars = stackalloc char[2];
        return s_byPlain.TryGetValue(chars[..rune.EncodeToUtf16(chars)], out var found) ? found : null;
    }

    private static Dictionary<string, byte[]> Load()
    {
        var all = new Dictionary<string, byte[]>(4096, StringComparer.Ordinal);
        using var reader = new StreamReader(typeof(Emoji).Assembly.GetManifestResourceStream("emoji.txt")!);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("# ", StringComparison.Ordinal))
                all.Add(line.Replace("\uFE0F", "", StringComparison.Ordinal), Encoding.UTF8.GetBytes(line));
        }

        return all;
    }
}
