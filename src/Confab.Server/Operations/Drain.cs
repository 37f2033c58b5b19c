using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Sockets;

namespace Confab.Server.Operations;

/// <summary>
/// Says on start where the server is to be found, and on stop sends everybody away in good order: <c>closing</c> with a spread time to
/// come back, close 1012, everything stored and flushed, within ten seconds.
/// </summary>
internal sealed class Drain(EventLoops loops, MessageLog log, Draining draining, ChatEndpoint chat, ServerOptions options, TimeProvider time) : IHostedLifecycleService
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(6);

    /// <summary>After the disk failed: what is under way will never be answered, so whoever waits for that is cut, and can come back the sooner.</summary>
    private static readonly TimeSpan s_patienceAfterFailure = TimeSpan.FromSeconds(0.5);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        draining.IsOn = true;
        using var deadline = new CancellationTokenSource(log.HasFailed ? s_patienceAfterFailure : s_patience, time);
        await loops.Drain(() => chat.HasConnections, options.ReconnectSpreadMs, time, deadline.Token);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
