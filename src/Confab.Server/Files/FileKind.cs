using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Confab.Server.Files;

/// <summary>
/// What a file is, by its first bytes: never by its name or by what was said of it. The list is what a page may show; everything else is
/// <see cref="Other"/>, HTML, SVG and PDF above all, and only ever saved.
/// </summary>
internal static class FileKind
{
    /// <summary>How many of a file's first bytes decide.</summary>
    public const int HeadBytes = 4096;

    public const string Other = "application/octet-stream";
    public const string Text = "text/plain";

    /// <summary>The media type that the first bytes speak for. A picture still has to be decoded to be one.</summary>
    public static string Of(ReadOnlySpan<byte> head) => head switch
    {
        _ when head.StartsWith(Png) => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        _ when head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8) => "image/gif",
        _ when head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WEBP"u8) => "image/webp",
        _ when head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WAVE"u8) => "audio/wav",
        _ when head.Length >= 12 && head[4..8].SequenceEqual("ftyp"u8) => OfBrand(head[8..12]),
        [0x1A, 0x45, 0xDF, 0xA3, ..] when head[..Math.Min(head.Length, 64)].IndexOf("webm"u8) > 0 => "video/webm",
        _ when head.StartsWith("OggS"u8) => head[..Math.Min(head.Length, 64)].IndexOf("theora"u8) > 0 ? "video/ogg" : "audio/ogg",
        _ when head.StartsWith("ID3"u8) || IsMp3Frame(head) => "audio/mpeg",
        _ => IsText(head) ? Text : Other,
    };

    public static bool IsPicture(string type) => type.StartsWith("image/", StringComparison.Ordinal);

    private static ReadOnlySpan<byte> Png => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    // ISO/IEC 14496-12 §4.3: the major brand says who is to read it.
    private static string OfBrand(ReadOnlySpan<byte> brand) => Encoding.Latin1.GetString(brand) switch
    {
        "avif" or "avis" => "image/avif",
        "isom" or "iso2" or "iso4" or "iso5" or "iso6" or "mp41" or "mp42" or "avc1" or "dash" or "M4V " => "video/mp4",
        "M4A " or "M4B " => "audio/mp4",
        _ => Other,
    };

    // ISO/IEC 11172-3 §2.4.1.3: eleven bits of synchronisation, layer III, and neither a forbidden bit rate nor a reserved sampling rate.
    private static bool IsMp3Frame(ReadOnlySpan<byte> head)
    {
        if (head.Length < 4)
            return false;
        var header = BinaryPrimitives.ReadUInt32BigEndian(head);
        return header >> 21 == 0x7FF && (header >> 17 & 3) == 1 && (header >> 19 & 3) != 1 && (header >> 12 & 15) is > 0 and < 15 && (header >> 10 & 3) != 3;
    }

    // UTF-8 without control characters that is not the begin of markup. It is sent with nosniff all the same.
    private static bool IsText(ReadOnlySpan<byte> head)
    {
        var text = head.StartsWith(Encoding.UTF8.Preamble) ? head[3..] : head;
        var begin = text.TrimStart(" \t\r\n\f"u8);
        if (begin.StartsWith("<"u8) || begin.StartsWith("%PDF"u8) || begin.StartsWith("%!PS"u8))
            return false;
        while (!text.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (status == OperationStatus.NeedMoreData)
                return head.Length == HeadBytes; // the head ends within a character
            if (status != OperationStatus.Done || (rune.Value < 0x20 && rune.Value is not ('\t' or '\n' or '\r' or '\f')) || rune.Value == 0x7F)
                return false;
            text = text[length..];
        }

        return true;
    }
}
