using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Confab.Server.Storage;

namespace Confab.Server.Messages;

/// <summary>
/// Finds in what was said where somebody may be meant: the rule of PROTOCOL.md. Which of it are names in use only the log knows, in the transaction that stores it.
/// </summary>
internal static class Mentions
{
    /// <summary>What stands in the words in place of code and addresses, where nobody is meant.</summary>
    public const char Gap = '\uFFFC';

    /// <summary>How many places of one message are looked at. Each costs some look-ups, while all rooms wait.</summary>
    private const int MaxCalls = 20;

    /// <summary>What a name may have at most, in UTF-16 code units.</summary>
    private const int MaxName = 64;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For each place the names that may be meant, the longest first; null when there is none.</summary>
    /// <param name="words">What was said outside of code and addresses.</param>
    public static Called[][]? Of(string words)
    {
        List<Called[]>? calls = null;
        for (var at = words.IndexOf('@', StringComparison.Ordinal); at >= 0 && calls?.Count != MaxCalls; at = words.IndexOf('@', at + 1))
        {
            if (BeginsAt(words, at) && NamesAt(words.AsSpan(at + 1)) is { Length: > 0 } names)
                (calls ??= []).Add(names);
        }

        return calls?.ToArray();
    }

    /// <summary>The names that are meant, as a JSON array in the order of the text; empty when none is in use.</summary>
    public static byte[] Of(Called[][]? calls, IBatch batch)
    {
        if (calls is null)
            return [];
        var meant = new List<string>();
        foreach (var call in calls)
        {
            foreach (var (text, folded) in call)
            {
                if (batch.FindNames(folded) is not { Count: > 0 } found)
                    continue;
                // The very name, or whoever is called so but for case and accents.
                foreach (var name in found.Contains(text) ? [text] : found)
                {
                    if (!meant.Contains(name))
                        meant.Add(name);
                }

                break;
            }
        }

        return meant.Count == 0 ? [] : Json(meant);
    }

    private static byte[] Json(List<string> names)
    {
        var bytes = new ArrayBufferWriter<byte>(64);
        using var json = new Utf8JsonWriter(bytes, s_json);
        json.WriteStartArray();
        foreach (var name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    // In "a@b" and "x_@b" nobody is called; in "你好@b" somebody is.
    private static bool BeginsAt(string words, int at)
    {
        if (at == 0)
            return true;
        Rune.DecodeLastFromUtf16(words.AsSpan(0, at), out var before, out _);
        return Folding.IsCjk(before.Value) || !(IsOfName(before) || Rune.GetUnicodeCategory(before) is UnicodeCategory.NonSpacingMark);
    }

    private static Called[] NamesAt(ReadOnlySpan<char> words)
    {
        var (text, folded, names) = (new List<char>(), new List<char>(), new List<Called>());
        for (var at = 0; at < words.Length && text.Count < MaxName;)
        {
            var rune = Folding.RuneAt(words, at);
            if (rune.Value == Gap || rune.Value is '\n' or '\r' || (text.Count == 0 && Rune.IsWhiteSpace(rune)))
                break;
            var length = Folding.LengthOf(words, at, rune);
            if (Rune.IsWhiteSpace(rune))
            {
                // A name has single blanks, whatever is typed.
                if (text[^1] != ' ')
                {
                    text.Add(' ');
                    folded.Add(' ');
                }
            }
            else
            {
                text.AddRange(words.Slice(at, length));
                Folding.AddFolded(words.Slice(at, length), folded);
            }

            at += length;
            if (text[^1] != ' ' && EndsBefore(rune, words[at..]))
                names.Add(new(new string(CollectionsMarshal.AsSpan(text)).Normalize(), new string(CollectionsMarshal.AsSpan(folded))));
        }

        names.Reverse();
        return [.. names];
    }

    // A name goes on with letters and digits, but for those of scripts without spaces; and with signs that hold it together: @ann.b is not ann.
    private static bool EndsBefore(Rune last, ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty)
            return true;
        var next = Folding.RuneAt(rest, 0);
        if (IsOfName(next))
            return Folding.IsCjk(last.Value) || Folding.IsCjk(next.Value) || !IsOfName(last);
        if (next.Value is not ('.' or '-' or '@' or ':' or '/'))
            return true;
        var after = Folding.RuneAt(rest[1..], 0);
        return !IsOfName(after) || Folding.IsCjk(after.Value);
    }

    private static bool IsOfName(Rune rune) => rune.Value == '_' || Folding.IsWord(rune);
}
