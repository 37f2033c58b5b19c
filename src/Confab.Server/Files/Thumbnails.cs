using System.Net;
using Confab.Server.Hosting;
using Confab.Server.Storage;

namespace Confab.Server.Files;

/// <summary>
/// Makes thumbnails: one of a large picture at a time and, beside it, one of a small one, which waits for no large one. Addresses are served in turn;
/// who waits is bounded by <see cref="FileLimits.MaxUploads"/>.
/// </summary>
internal sealed partial class Thumbnails(ServerOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Thumbnails> logger)
{
    /// <summary>What decodes for longer is kept like any other file. The bounds of <see cref="Picture"/> make that a matter of a second or two.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Measures every picture, and decodes the small ones.</summary>
    public Turns Small { get; } = new();

    public Turns Large { get; } = new();

    /// <summary>
    /// Decodes an uploaded picture and lays its thumbnail beside it, on disk; null when it cannot be shown. Given up when the client is gone or the
    /// server stops.
    /// </summary>
    public async Task<PictureSize?> Make(string path, string type, IPAddress address, CancellationToken aborted)
    {
        if (!Picture.IsAvailable)
        {
            LogUnavailable(logger);
            return null;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
        var cancel = either.Token;
        byte[]? thumbnail = null;
        var measured = await Run(Small, address, () =>
        {
            var found = Picture.Measure(path, type, options.Files.MaxPixels);
            if (found is { IsSmall: true })
                thumbnail = Decode(path, cancel);
            return found;
        }, cancel);
        if (measured is not { } picture)
            return null;
        if (!picture.IsSmall)
            thumbnail = await Run(Large, address, () => Decode(path, cancel), cancel);
        if (thumbnail is null)
            return null;
        await using var file = new FileStream(Blobs.ThumbnailOfIncoming(path), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        await file.WriteAsync(thumbnail, cancel);
        file.Flush(flushToDisk: true);
        return picture.Size;
    }

    private byte[]? Decode(string path, CancellationToken cancel)
    {
        using var deadline = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        var thumbnail = Picture.Thumbnail(path, either.Token);
        cancel.ThrowIfCancellationRequested();
        return thumbnail;
    }

    // Away from the threads that answer requests. Who gives up leaves at once; the turn is over when the decoder has ended, too.
    private static async Task<T> Run<T>(Turns turns, IPAddress address, Func<T> work, CancellationToken cancel)
    {
        await turns.Take(address, cancel);
        var running = Task.Factory.StartNew(() =>
        {
            try
            {
                return work();
            }
            finally
            {
                turns.GiveBack();
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return await running.WaitAsync(cancel);
    }

    [LoggerMessage(LogLevel.Warning, "libvips is not available on this system: pictures get no thumbnails.")]
    private static partial void LogUnavailable(ILogger logger);
}
