namespace Confab.Server.Storage;

/// <summary>
/// The bytes of uploaded files, in a folder beside the database: <c>files/ab/cdef…</c> by their SHA-256, so that the same ones lie there once,
/// and a picture's thumbnail beside it. What is in here is found through the table <c>files</c>; what no row names is left over.
/// </summary>
/// <param name="folder">The folder.</param>
internal sealed class Blobs(string folder)
{
    /// <summary>The folder's name in a data directory.</summary>
    public const string FolderName = "files";

    private const string ThumbnailSuffix = ".webp";
    private const int HashBytes = 32;

    public string Folder { get; } = Path.GetFullPath(folder);

    private string Incoming => Path.Combine(Folder, "incoming");

    /// <summary>The blobs of a data directory.</summary>
    public static Blobs In(string directory) => new(Path.Combine(directory, FolderName));

    /// <summary>The blobs that belong to a database outside of a data directory, such as a backup: <c>FILE.files</c>.</summary>
    public static Blobs Beside(string database) => new($"{database}.{FolderName}");

    public string PathOf(ReadOnlySpan<byte> sha256)
    {
        var name = Convert.ToHexStringLower(sha256);
        return Path.Combine(Folder, name[..2], name[2..]);
    }

    public string ThumbnailOf(ReadOnlySpan<byte> sha256) => PathOf(sha256) + ThumbnailSuffix;

    /// <summary>The name of a file to write to, which becomes a blob with <see cref="Take"/>.</summary>
    /// <exception cref="IOException">The folder is missing: the bytes of other files are, too.</exception>
    public string NewIncoming()
    {
        CheckFolder();
        Directory.CreateDirectory(Incoming);
        return Path.Combine(Incoming, Guid.NewGuid().ToString("N"));
    }

    /// <summary>The thumbnail that belongs to an incoming file.</summary>
    public static string ThumbnailOfIncoming(string incoming) => incoming + ThumbnailSuffix;

    /// <summary>Removes what uploads that were broken off have left. Only while there are none.</summary>
    public void ClearIncoming()
    {
        if (Directory.Exists(Incoming))
            Directory.Delete(Incoming, recursive: true);
    }

    /// <summary>Makes an incoming file, whose bytes are on disk, the blob of its hash; when this returns, its name is on disk too.</summary>
    public void Take(string incoming, ReadOnlySpan<byte> sha256)
    {
        CheckFolder();
        var path = PathOf(sha256);
        var parent = Path.GetDirectoryName(path)!;
        var isNew = !Directory.Exists(parent);
        Directory.CreateDirectory(parent);
        // The thumbnail first: a picture is not there before it.
        if (File.Exists(ThumbnailOfIncoming(incoming)))
            File.Move(ThumbnailOfIncoming(incoming), ThumbnailOf(sha256), overwrite: true);
        if (!File.Exists(path))
            File.Move(incoming, path);
        Durable.FlushDirectory(parent);
        if (!isNew)
            return;
        Durable.FlushDirectory(Folder);
        Durable.FlushDirectory(Path.GetDirectoryName(Folder)!);
    }

    /// <summary>Removes a blob and its thumbnail. That it is gone need not be on disk: what comes back is left over, and is swept.</summary>
    public void Remove(ReadOnlySpan<byte> sha256)
    {
        if (!Directory.Exists(Path.GetDirectoryName(PathOf(sha256))))
            return;
        File.Delete(PathOf(sha256));
        File.Delete(ThumbnailOf(sha256));
    }

    /// <summary>The hashes of all blobs, and of thumbnails without one. What bears another name is not ours.</summary>
    public IEnumerable<byte[]> All()
    {
        if (!Directory.Exists(Folder))
            yield break;
        foreach (var parent in Directory.EnumerateDirectories(Folder, "??"))
        {
            foreach (var file in Directory.EnumerateFiles(parent))
            {
                var name = Path.GetFileName(file);
                var isThumbnail = name.EndsWith(ThumbnailSuffix, StringComparison.Ordinal);
                if (isThumbnail && File.Exists(file[..^ThumbnailSuffix.Length]))
                    continue;
                if (TryHash(Path.GetFileName(parent) + (isThumbnail ? name[..^ThumbnailSuffix.Length] : name)) is { } sha256)
                    yield return sha256;
            }
        }
    }

    /// <summary>Copies a blob and its thumbnail from elsewhere, onto the disk; false if it is not there.</summary>
    public bool CopyFrom(Blobs source, ReadOnlySpan<byte> sha256)
    {
        if (File.Exists(PathOf(sha256)))
            return true;
        Directory.CreateDirectory(Folder);
        var incoming = NewIncoming();
        try
        {
            if (File.Exists(source.ThumbnailOf(sha256)))
                Copy(source.ThumbnailOf(sha256), ThumbnailOfIncoming(incoming));
            Copy(source.PathOf(sha256), incoming);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }

        Take(incoming, sha256);
        return true;
    }

    private void CheckFolder()
    {
        if (!Directory.Exists(Folder))
            throw new DirectoryNotFoundException($"{Folder} is missing.");
    }

    private static void Copy(string from, string to)
    {
        File.Copy(from, to);
        using var file = File.Open(to, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }

    private static byte[]? TryHash(string name)
    {
        if (name.Length != HashBytes * 2 || name.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            return null;
        return Convert.FromHexString(name);
    }
}
