using System.Threading.Channels;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Messages.Verbs;
using Confab.Server.Storage;

namespace Confab.Server.Files;

/// <summary>
/// Removes from the disk what no message has any more: at once what deleted messages released, and on start and every hour whatever else was
/// left, such as uploads that nobody attached and what a crash left behind.
/// </summary>
internal sealed partial class FileSweep : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromHours(1);

    // 4,096 batches of hashes; what does not fit is removed within the hour.
    private readonly Channel<IReadOnlyList<byte[]>> _released = Channel.CreateBounded<IReadOnlyList<byte[]>>(new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly FileStore _store;
    private readonly Blobs _blobs;
    private readonly MessageLog _log;
    private readonly Readers _readers;
    private readonly ServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<FileSweep> _logger;

    public FileSweep(FileStore store, Blobs blobs, MessageLog log, Readers readers, ServerOptions options, TimeProvider time, ILogger<FileSweep> logger)
    {
        (_store, _blobs, _log, _readers, _options, _time, _logger) = (store, blobs, log, readers, options, time, logger);
        // Before anybody uploads: nothing else writes there.
        blobs.ClearIncoming();
        log.FilesReleased += hashes => _released.Writer.TryWrite(hashes);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(RemoveReleased(stoppingToken), SweepEveryHour(stoppingToken));

    private async Task RemoveReleased(CancellationToken stop)
    {
        try
        {
            await foreach (var hashes in _released.Reader.ReadAllAsync(stop))
                await Remove(hashes, stop);
        }
        catch (OperationCanceledException)
        {
            // What is left over is swept on the next start.
        }
    }

    private async Task SweepEveryHour(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_pause, _time);
        try
        {
            do
                await TrySweep(stop);
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // As above.
        }
    }

    private async Task TrySweep(CancellationToken stop)
    {
        try
        {
            await Sweep(stop);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(_logger, e);
        }
    }

    private async Task Sweep(CancellationToken stop)
    {
        var before = _time.GetUtcNow().AddHours(-_options.Files.UnattachedHours).ToUnixTimeMilliseconds();
        await _log.Store(owner => new OldFiles(before, owner)).WaitAsync(stop);
        foreach (var hashes in _blobs.All().Chunk(256))
        {
            // Asked without the gate first: nearly all of them stay.
            var unused = await _readers.Query(reader => hashes.Where(sha256 => !reader.IsUsed(sha256)).ToArray());
            await Remove(unused, stop);
        }
    }

    private async Task Remove(IReadOnlyList<byte[]> hashes, CancellationToken stop)
    {
        foreach (var sha256 in hashes)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                await _store.RemoveUnused(sha256);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(_logger, e);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "An unused file could not be removed; the next attempt is within the hour.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
