using System.Buffers.Binary;
using System.Text;
using NetVips;

namespace Confab.Tests.Files;

/// <summary>Bytes of files of every kind.</summary>
internal static class Samples
{
    public const string Secret = "Secret Camera 3000";

    public static byte[] Html => "<!DOCTYPE html><html><script>alert(1)</script></html>"u8.ToArray();

    public static byte[] Svg => """<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>"""u8.ToArray();

    public static byte[] Pdf => "%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"u8.ToArray();

    public static byte[] Mp4 => [0, 0, 0, 24, .. "ftypisom"u8, 0, 0, 2, 0, .. "isomiso2"u8, .. new byte[100]];

    public static byte[] Webm => [0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x86, 0x81, 1, 0x42, 0x82, 0x84, .. "webm"u8, .. new byte[100]];

    public static byte[] Ogg => [.. "OggS"u8, 0, 2, .. new byte[20], 1, 19, .. "OpusHead"u8, .. new byte[100]];

    /// <summary>Half a second of silence: 8,000 samples a second, of a byte each.</summary>
    public static byte[] Wav =>
    [
        .. "RIFF"u8, 0xC4, 0x0F, 0, 0, .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, 1, 0, 8, 0, .. "data"u8, 0xA0, 0x0F, 0, 0,
        .. Enumerable.Repeat((byte)128, 4000),
    ];

    public static byte[] Mp3 => [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 0, .. new byte[100]];

    /// <summary>A picture in the format of a name's ending.</summary>
    public static byte[] Picture(string ending, int width = 64, int height = 48)
    {
        using var plain = Plain(width, height);
        return plain.WriteToBuffer(ending);
    }

    /// <summary>A PNG with sixteen bits for each colour.</summary>
    public static byte[] WidePicture(int width, int height)
    {
        using var plain = Plain(width, height);
        using var wide = plain.Colourspace(Enums.Interpretation.Rgb16);
        return wide.PngsaveBuffer(bitdepth: 16);
    }

    /// <summary>A PNG that shows itself roughly first (Adam7).</summary>
    public static byte[] InterlacedPicture(int width, int height)
    {
        using var plain = Plain(width, height);
        return plain.PngsaveBuffer(interlace: true);
    }

    /// <summary>A progressive JPEG whose last scan comes so many times more.</summary>
    public static byte[] JpegOfScans(int width, int height, int more)
    {
        using var plain = Plain(width, height);
        var jpeg = plain.JpegsaveBuffer(interlace: true);
        var scan = jpeg[jpeg.AsSpan().LastIndexOf<byte>([0xFF, 0xDA])..^2];
        return [.. jpeg[..^2], .. Enumerable.Repeat(scan, more).SelectMany(bytes => bytes), .. jpeg[^2..]];
    }

    /// <summary>A JPEG that lies on its side (EXIF orientation 6) and says where and with what it was taken.</summary>
    public static byte[] PhotoOnItsSide(int width, int height)
    {
        using var plain = Plain(width, height);
        using var photo = plain.Mutate(m =>
        {
            m.Set(GValue.GIntType, "orientation", 6);
            m.Set(GValue.GStrType, "exif-ifd0-Make", $"{Secret} ({Secret}, ASCII, 19 components, 19 bytes)");
            m.Set(GValue.GStrType, "exif-ifd3-GPSLatitude", "52/1 31/1 12/1 (52, 31, 12, Rational, 3 components, 24 bytes)");
        });
        return photo.WriteToBuffer(".jpg");
    }

    /// <summary>A PNG of a few bytes whose header announces so many pixels.</summary>
    public static byte[] Bomb(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        using var rows = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(rows, System.IO.Compression.CompressionLevel.SmallestSize))
            zlib.Write(new byte[1 << 20]);
        return [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Chunk("IHDR", header), .. Chunk("IDAT", rows.ToArray()), .. Chunk("IEND", [])];
    }

    private static Image Plain(int width, int height)
    {
        using var black = Image.Black(width, height);
        using var colour = black.Linear([1.0, 1, 1], [200.0, 80, 40], uchar: true);
        return colour.Copy(interpretation: Enums.Interpretation.Srgb);
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        var chunk = new byte[body.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        body.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(body.Length + 4), Crc32(body));
        return chunk;
    }

    // ISO/IEC 15948 annex D.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }

        return ~crc;
    }
}
