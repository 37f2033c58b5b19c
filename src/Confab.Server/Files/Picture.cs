using NetVips;

namespace Confab.Server.Files;

/// <summary>A picture's size in pixels, turned as it is to be shown.</summary>
internal readonly record struct PictureSize(int Width, int Height);

/// <summary>What a picture's header says: its size, and whether it is decoded in no time.</summary>
internal readonly record struct Measured(PictureSize Size, bool IsSmall);

/// <summary>The one place that decodes pictures, with libvips, whose loaders but five are switched off.</summary>
internal static class Picture
{
    /// <summary>What a thumbnail fits into: twice what is shown, for screens with two pixels for one.</summary>
    public const int ThumbnailWidth = 800;
    public const int ThumbnailHeight = 600;

    /// <summary>A side's longest, in pixels: more than any camera or screen makes. What is wider or higher takes time and memory for each row or column.</summary>
    public const int MaxSide = 16_384;

    // Encoders make a dozen.
    private const int MaxScans = 100;

    // Decoded within a tenth of a second.
    private const long SmallPixels = 4_000_000;

    private const int Quality = 80;

    // How many times as much memory a pixel takes as one of a plain picture. AVIF is decoded as a whole and takes fifteen bytes a pixel; what is
    // interlaced or progressive is held as a whole, and of sixteen bits there are eight bytes a pixel, where the others take four at most.
    private const int AvifShare = 4;
    private const int InterlacedShare = 2;
    private const int WideShare = 2;

    // By type, what libvips calls the loader, so that a file is read as what its first bytes say and as nothing else.
    private static readonly Dictionary<string, (string Operation, string Loader)> s_loaders = new()
    {
        ["image/png"] = ("VipsForeignLoadPng", "pngload"),
        ["image/jpeg"] = ("VipsForeignLoadJpeg", "jpegload"),
        ["image/gif"] = ("VipsForeignLoadNsgif", "gifload"),
        ["image/webp"] = ("VipsForeignLoadWebp", "webpload"),
        ["image/avif"] = ("VipsForeignLoadHeif", "heifload"),
    };

    private static readonly Lazy<bool> s_available = new(Prepare);

    /// <summary>Whether there is a libvips for this system. Without it no picture is shown: each is kept like any other file.</summary>
    public static bool IsAvailable => s_available.Value;

    /// <summary>
    /// Reads the header alone. Null when it is broken or exceeds a bound: of its pixels, of its sides or of a JPEG's scans, which between them bound
    /// the memory and the time that decoding takes.
    /// </summary>
    public static Measured? Measure(string path, string type, long maxPixels)
    {
        try
        {
            if (type == "image/jpeg" && JpegScans.AreMoreThan(MaxScans, path))
                return null;
            using var header = Image.NewFromFile(path, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
            if (header.Get("vips-loader") is not string loader || loader != s_loaders[type].Loader || Math.Max(header.Width, header.Height) > MaxSide)
                return null;
            var share = type == "image/avif" ? AvifShare : header.Format == Enums.BandFormat.Ushort ? WideShare : 1;
            if (header.Contains("interlaced"))
                share *= InterlacedShare;
            var pixels = (long)header.Width * header.Height * share;
            if (pixels > maxPixels)
                return null;
            using var upright = header.Autorot();
            return new Measured(new PictureSize(upright.Width, upright.Height), pixels <= SmallPixels);
        }
        catch (VipsException)
        {
            return null;
        }
    }

    /// <summary>Decodes a picture that was measured, and gives its thumbnail as WebP, upright and without any metadata; null when it is broken, or when it was given up.</summary>
    public static byte[]? Thumbnail(string path, CancellationToken cancel)
    {
        try
        {
            using var thumbnail = Image.Thumbnail(path, ThumbnailWidth, height: ThumbnailHeight, size: Enums.Size.Down, outputProfile: "srgb", failOn: Enums.FailOn.Error);
            // Looked at between two pieces of the picture.
            using var registration = cancel.Register(() => thumbnail.SetKill(true));
            return thumbnail.WebpsaveBuffer(q: Quality, keep: Enums.ForeignKeep.None);
        }
        catch (VipsException)
        {
            return null;
        }
    }

    private static bool Prepare()
    {
        if (!ModuleInitializer.VipsInitialized)
            return false;
        NetVips.NetVips.BlockUntrusted = true;
        Operation.Block("VipsForeignLoad", true);
        foreach (var (operation, _) in s_loaders.Values)
            Operation.Block(operation, false);
        // What is wrong with a picture is no news for the operator.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, (_, _, _) => { });
        // One thread, and nothing kept of a file that is about to be moved.
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        return true;
    }
}
