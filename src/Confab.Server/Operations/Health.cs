using Confab.Server.Messages;
using Confab.Server.Storage;

namespace Confab.Server.Operations;

/// <summary>
/// Ready means that a write went through the whole path lately: the queue, a transaction with its fsync, and the answer. A process that is
/// up but wedged is not ready.
/// </summary>
internal sealed class Health(MessageLog log, Database database, ServerOptions options, TimeProvider time)
{
    private static readonly TimeSpan s_lately = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private long _provedAt;
    private Task<string?>? _probe;

    /// <summary>Set when the server drains: whoever balances load looks elsewhere.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Null when ready, or else why not.</summary>
    public async Task<string?> Check()
    {
        if (IsDraining)
            return "draining";
        if (FreeBytes() < options.MinFreeBytes)
            return "the disk is full";
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

    private async Task<string?> Probe()
    {
        try
        {
            var stored = await log.Store(owner => new Change().Ask(ChangeKind.Probe, null, [], 0, default, default, owner)).WaitAsync(s_patience, time);
            if (stored.Refusal.IsRefused)
                return stored.Refusal.Message;
            lock (_gate)
                _provedAt = time.GetTimestamp();
            return null;
        }
        catch (TimeoutException)
        {
            return "a write does not come through";
        }
    }

    private long FreeBytes() => new DriveInfo(Path.GetFullPath(database.Path)).AvailableFreeSpace;
}

internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("live\n")).ExcludeFromDescription();
        app.MapGet("/health/ready", async (Health health) => await health.Check() is { } reason
            ? Results.Text($"not ready: {reason}\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("ready\n")).ExcludeFromDescription();
    }
}
