using NetVips;

namespace Confab.Server.Files;

/// <summary>A picture's size in pixels, turned as it is to be shown.</summary>
internal readonly record struct PictureSize(int Width, int Height);

/// <summary>The one place that decodes pictures, with libvips, whose loaders but five are switched off.</summary>
internal static class Picture
{
    /// <summary>What a thumbnail fits into: twice what is shown, for screens with two pixels for one.</summary>
    public const int ThumbnailWidth = 800;
    public const int ThumbnailHeight = 600;

    private const int Quality = 80;

    // AVIF is decoded as a whole and takes fifteen bytes a pixel, a PNG of sixteen bits eight, where the others take four at most.
    private const int AvifShare = 4;
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
    /// Decodes a picture and gives its thumbnail as WebP, upright and without any metadata; null when it is broken or has more than so many
    /// pixels, which bounds the memory and the time it takes.
    /// </summary>
    public static (PictureSize Size, byte[] Thumbnail)? Decode(string path, string type, long maxPixels)
    {
        try
        {
            if (!IsAvailable || !TryMeasure(path, type, maxPixels, out var size))
                return null;
            using var thumbnail = Image.Thumbnail(path, ThumbnailWidth, height: ThumbnailHeight, size: Enums.Size.Down, outputProfile: "srgb", failOn: Enums.FailOn.Error);
            return (size, thumbnail.WebpsaveBuffer(q: Quality, keep: Enums.ForeignKeep.None));
        }
        catch (VipsException)
        {
            return null;
        }
    }

    // Reads the header alone.
    private static bool TryMeasure(string path, string type, long maxPixels, out PictureSize size)
    {
        using var header = Image.NewFromFile(path, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        var isAsSaid = header.Get("vips-loader") is string loader && loader == s_loaders[type].Loader;
        var share = type == "image/avif" ? AvifShare : header.Format == Enums.BandFormat.Ushort ? WideShare : 1;
        if (!isAsSaid || (long)header.Width * header.Height > maxPixels / share)
        {
            size = default;
            return false;
        }

        using var upright = header.Autorot();
        size = new PictureSize(upright.Width, upright.Height);
        return true;
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
