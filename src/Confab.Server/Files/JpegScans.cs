namespace Confab.Server.Files;

/// <summary>
/// Counts the scans of a JPEG, without decoding it. A progressive one says every part of the picture again and again: each scan costs a pass over
/// all pixels, and may have no more than a few bytes.
/// </summary>
internal static class JpegScans
{
    private const int StartOfImage = 0xD8;
    private const int EndOfImage = 0xD9;
    private const int StartOfScan = 0xDA;
    private const int FirstRestart = 0xD0;
    private const int Temporary = 0x01;

    /// <summary>Whether there are more than so many before the picture's end (ISO/IEC 10918-1 annex B).</summary>
    public static bool AreMoreThan(int most, string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 64 * 1024);
        var scans = 0;
        for (var marker = NextMarker(file); marker is >= 0 and not EndOfImage; marker = NextMarker(file))
        {
            if (marker == StartOfScan && ++scans > most)
                return true;
            // These stand alone; after the others comes a length, which counts itself.
            if (marker is not (Temporary or (>= FirstRestart and <= StartOfImage)))
                file.Seek(Math.Max(((file.ReadByte() << 8) | file.ReadByte()) - 2, 0), SeekOrigin.Current);
        }

        return false;
    }

    // In what is coded, 0xFF is followed by 0; before a marker it may stand several times.
    private static int NextMarker(FileStream file)
    {
        int next;
        do
        {
            do
                next = file.ReadByte();
            while (next is not (0xFF or -1));
            while (next == 0xFF)
                next = file.ReadByte();
        }
        while (next == 0);

        return next;
    }
}
