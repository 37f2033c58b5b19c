using System.Text;
using Confab.Protocol;
using Microsoft.Net.Http.Headers;

namespace Confab.Server.Files;

/// <summary>The name of a file: told to people and offered for saving, never a path of ours.</summary>
internal static class FileName
{
    public const int MaxChars = 255;

    /// <summary>Makes a name harmless; null when it is empty or too long.</summary>
    public static string? Clean(string? name)
    {
        var trimmed = (name ?? "").Trim();
        var clean = new StringBuilder(trimmed.Length);
        Span<char> chars = stackalloc char[2];
        foreach (var rune in trimmed.EnumerateRunes())
        {
            var length = rune.EncodeToUtf16(chars);
            if (rune.Value is '/' or '\\' or ':' || !Names.IsSafe(chars[..length]))
                clean.Append('_');
            else
                clean.Append(chars[..length]);
        }

        // A name of dots only is a directory's, and one is the address of a file's thumbnail.
        var text = clean.ToString().Normalize();
        return text.Length is 0 or > MaxChars ? null : text.Trim('.').Length == 0 ? "_" : text == "thumbnail" ? "thumbnail_" : text;
    }

    /// <summary><c>Content-Disposition</c> with the name in ASCII and, where that is not all of it, in UTF-8 (RFC 6266 §4.3, RFC 8187).</summary>
    public static string Disposition(string name, bool inline)
    {
        var value = new ContentDispositionHeaderValue(inline ? "inline" : "attachment");
        value.SetHttpFileName(name);
        return value.ToString();
    }
}
