using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Sockets;

/// <summary>What a loop and its connections need of the rest of the server.</summary>
internal sealed record LoopServices(ServerOptions Options, ILogStore Store, Door Door, MessageLog Log, Readers Readers, Metrics Metrics, TimeProvider Time, ILogger<EventLoops> Logger)
{
    public byte[] EpochUtf8 { get; } = System.Text.Encoding.UTF8.GetBytes(Store.Epoch);
}

/// <summary>The event loops of the process; connections are dealt to them in turn.</summary>
internal sealed class EventLoops : IDisposable
{
    private readonly EventLoop[] _loops;
    private int _next;

    public EventLoops(LoopServices services)
    {
        OwnSockets = OperatingSystem.IsLinux() && services.Options.Transport != "kestrel";
        var count = services.Options.Loops > 0 ? services.Options.Loops : Math.Clamp(Environment.ProcessorCount / 2, 1, 16);
        _loops = [.. Enumerable.Range(0, count).Select(i => new EventLoop(i, OwnSockets, services))];
        services.Log.Settled += Wake;
    }

    /// <summary>Whether TCP connections are taken over from Kestrel.</summary>
    public bool OwnSockets { get; }

    public EventLoop Next() => _loops[(uint)Interlocked.Increment(ref _next) % (uint)_loops.Length];

    /// <summary>Done once every loop has come round to it.</summary>
    public Task Answer() => Task.WhenAll(_loops.Select(loop =>
    {
        var answer = new Answering();
        loop.Post(answer);
        return answer.Task;
    }));

    /// <summary>Tells every client that the server stops and when to come back, and waits until all are gone or the time is up.</summary>
    public async Task Drain(Func<bool> hasConnections, int spreadMs, TimeProvider time, CancellationToken deadline)
    {
        foreach (var loop in _loops)
            loop.Post(new SayClosing(spreadMs));
        try
        {
            while (hasConnections())
                await Task.Delay(TimeSpan.FromMilliseconds(20), time, deadline);
        }
        catch (OperationCanceledException)
        {
            // Who does not answer is cut.
        }
    }

    public void Dispose()
    {
        foreach (var loop in _loops)
            loop.Stop();
    }

    private void Wake()
    {
        foreach (var loop in _loops)
            loop.Wake();
    }

    private sealed class Answering : LoopWork
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _answered.Task;

        public override void Run(EventLoop loop) => _answered.SetResult();
    }

    private sealed class SayClosing(int spreadMs) : LoopWork
    {
        public override void Run(EventLoop loop)
        {
            loop.ReconnectSpreadMs = spreadMs;
            foreach (var connection in loop.Connections.ToArray())
                connection.Drain(spreadMs);
        }
    }
}
