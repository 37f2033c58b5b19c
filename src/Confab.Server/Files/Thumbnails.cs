using Confab.Server.Operations;
using Confab.Server.Storage;

namespace Confab.Server.Files;

/// <summary>Makes thumbnails, one at a time; who waits is bounded by <see cref="FileLimits.MaxUploads"/>.</summary>
internal sealed partial class Thumbnails(ServerOptions options, ILogger<Thumbnails> logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Decodes an uploaded picture and lays its thumbnail beside it, on disk; null when it cannot be shown.</summary>
    public async Task<PictureSize?> Make(string path, string type, CancellationToken cancel)
    {
        if (!Picture.IsAvailable)
        {
            LogUnavailable(logger);
            return null;
        }

        await _one.WaitAsync(cancel);
        try
        {
            // Away from the threads that answer requests.
            var decoded = await Task.Factory.StartNew(() => Picture.Decode(path, type, options.Files.MaxPixels),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (decoded is not var (size, thumbnail))
                return null;
            await using var file = new FileStream(Blobs.ThumbnailOfIncoming(path), FileMode.CreateNew, FileAccess.Write, FileShare.None);
            await file.WriteAsync(thumbnail, cancel);
            file.Flush(flushToDisk: true);
            return size;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    [LoggerMessage(LogLevel.Warning, "There is no libvips for this system: a picture is kept like any other file.")]
    private static partial void LogUnavailable(ILogger logger);
}
