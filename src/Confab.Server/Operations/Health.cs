using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Messages.Verbs;
using Confab.Server.Sockets;
using Confab.Server.Storage;

namespace Confab.Server.Operations;

/// <summary>
/// Ready means that everything a message needs was seen to work lately: a write went through the queue and a transaction with its fsync, every
/// event loop came round, and a read was answered. A process that is up but wedged is not ready.
/// </summary>
internal sealed class Health(MessageLog log, EventLoops loops, Readers readers, Draining draining, ServerOptions options, TimeProvider time)
{
    private static readonly TimeSpan s_lately = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private long _provedAt;
    private Task<string?>? _probe;

    // What was asked and not answered yet is not asked a second time: it would pile up where nobody answers.
    private Task<Change> _write = Task.FromResult<Change>(new Probe(null));
    private Task _round = Task.CompletedTask;
    private Task _read = Task.CompletedTask;

    /// <summary>Null when ready, or else why not.</summary>
    public async Task<string?> Check()
    {
        if (draining.IsOn)
            return "draining";
        if (log.HasFailed)
            return "the log has stopped";
        var free = FreeBytes();
        if (free < options.MinFreeBytes)
            return free < 0 ? "the data directory is missing" : "the disk is full";
        Task<string?> probe;
        lock (_gate)
        {
            if (_provedAt != 0 && time.GetElapsedTime(_provedAt) < s_lately)
                return null;
            // Everybody who asks meanwhile waits for the same probe.
            if (_probe is not { IsCompleted: false })
                _probe = Probe();
            probe = _probe;
        }

        return await probe;
    }

    // One at a time.
    private async Task<string?> Probe()
    {
        if (_write.IsCompleted)
            _write = log.Store(owner => new Probe(owner));
        if (_round.IsCompleted)
            _round = loops.Answer();
        if (_read.IsCompleted)
            _read = readers.Query(reader => reader.Rooms().Count);
        await Task.WhenAll(_write, _round, _read).WaitAsync(s_patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var reason = (_write, _round, _read) switch
        {
            ({ IsCompleted: false }, _, _) => "a write is not completing",
            (_, { IsCompleted: false }, _) => "an event loop is not responding",
            (_, _, { IsCompleted: false }) => "a read is not completing",
            (_, _, { IsFaulted: true }) => "the database cannot be read",
            _ => (await _write).Refusal is { IsRefused: true } refusal ? refusal.Message : null,
        };
        if (reason is not null)
            return reason;
        lock (_gate)
            _provedAt = time.GetTimestamp();
        return null;
    }

    // Where the directory is gone there is no room for anything.
    private long FreeBytes()
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(options.Data)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }
}

internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("live\n")).ExcludeFromDescription().Requires(Operation.Operate);
        app.MapGet("/health/ready", async (Health health) => await health.Check() is { } reason
            ? Results.Text($"not ready: {reason}\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("ready\n")).ExcludeFromDescription().Requires(Operation.Operate);
    }
}
