using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Confab.Client;
using Confab.Protocol;

namespace Confab.Cli.Bench;

/// <summary>How long the parts of a run last.</summary>
internal sealed record Lengths(TimeSpan WarmUp, TimeSpan Measured)
{
    public static readonly TimeSpan Connecting = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan Draining = TimeSpan.FromSeconds(5);
}

/// <summary>Runs a scenario against a server from beginning to end: rooms, connections, warm-up, measurement, and waiting for what is still under way.</summary>
internal sealed class Run(Scenario scenario, Uri server, Lengths lengths, TimeProvider time, Action<string> progress)
{
    private const int ConnectingAtOnce = 100;

    public async Task<Result> Execute(CancellationToken cancel)
    {
        progress("making rooms");
        await MakeRooms(cancel);
        var before = await ServerFigures.Read(server, cancel);
        using var load = new Load(scenario, server, await Address(cancel), time);
        var connecting = await Connect(load, cancel);
        return scenario.IsIdle ? await Hold(load, before, connecting, cancel) : await Publish(load, connecting, cancel);
    }

    // A name can have several addresses, such as localhost, and the server listen on one of them.
    private async Task<IPEndPoint> Address(CancellationToken cancel)
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await probe.ConnectAsync(server.DnsSafeHost, server.Port, cancel);
        var found = (IPEndPoint)probe.RemoteEndPoint!;
        return found.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(found.Address.MapToIPv4(), found.Port) : found;
    }

    private async Task MakeRooms(CancellationToken cancel)
    {
        using var api = new Api(server);
        var known = (await api.Rooms(cancel)).ToHashSet();
        foreach (var name in Enumerable.Range(0, scenario.Rooms).Select(Scenario.RoomName).Where(name => !known.Contains(name)))
        {
            while (!await MakeRoom(api, name, cancel))
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancel);
        }
    }

    private static async Task<bool> MakeRoom(Api api, string name, CancellationToken cancel)
    {
        try
        {
            await api.CreateRoom(name, cancel);
            return true;
        }
        catch (ConfabRefusedException e) when (e.Code is RefusalCode.Conflict or RefusalCode.RateLimited)
        {
            return e.Code == RefusalCode.Conflict;
        }
    }

    private async Task<TimeSpan> Connect(Load load, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        using var patience = new CancellationTokenSource(Lengths.Connecting, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        var joined = 0;
        try
        {
            await Parallel.ForEachAsync(load.Members, new ParallelOptions { MaxDegreeOfParallelism = ConnectingAtOnce, CancellationToken = either.Token }, async (member, token) =>
            {
                await member.Join(token);
                if (Interlocked.Increment(ref joined) % 100 == 0)
                    progress($"connecting {joined:N0} of {scenario.Connections:N0}");
            });
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new LoadException($"Only {joined} of {scenario.Connections} connections were made within {Lengths.Connecting.TotalSeconds} s.");
        }

        return time.GetElapsedTime(start);
    }

    private async Task<Result> Hold(Load load, ServerFigures? before, TimeSpan connecting, CancellationToken cancel)
    {
        progress($"holding {scenario.Connections:N0} connections");
        await Wait(load, lengths.WarmUp + lengths.Measured, cancel);
        var after = await ServerFigures.Read(server, cancel);
        return new Result
        {
            Scenario = scenario.Name,
            Connections = scenario.Connections,
            ConnectsPerSecond = scenario.Connections / connecting.TotalSeconds,
            ServerBytesPerConnection = after is null || before is null ? null : (after.MemoryBytes - before.MemoryBytes) / scenario.Connections,
        };
    }

    private async Task<Result> Publish(Load load, TimeSpan connecting, CancellationToken cancel)
    {
        load.IsPublishing = true;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pacing = scenario.PerSecond > 0 ? Pace(load, over.Token) : Task.CompletedTask;
        if (scenario.Window > 0)
        {
            foreach (var member in load.Members.Take(scenario.Publishers))
                member.FillWindow(scenario.Window);
        }

        await Watch(load, lengths.WarmUp, "warming up", cancel);
        var (server0, own0, published0, start) = (await ServerFigures.Read(server, cancel), Environment.CpuUsage.TotalTime, load.PublishedCount, time.GetTimestamp());
        load.Measure(true);
        await Watch(load, lengths.Measured, "measuring", cancel);
        load.Measure(false);
        var (elapsed, published, own) = (time.GetElapsedTime(start), load.PublishedCount - published0, Environment.CpuUsage.TotalTime - own0);
        var server1 = await ServerFigures.Read(server, cancel);

        load.IsPublishing = false;
        await over.CancelAsync();
        await pacing;
        progress("waiting for pending messages");
        var lost = await Drain(load, cancel);
        var latencies = load.Latencies();
        return new Result
        {
            Scenario = scenario.Name,
            Connections = scenario.Connections,
            ConnectsPerSecond = scenario.Connections / connecting.TotalSeconds,
            Seconds = elapsed.TotalSeconds,
            PublishedPerSecond = published / elapsed.TotalSeconds,
            DeliveriesPerSecond = load.MeasuredCount / elapsed.TotalSeconds,
            Lost = lost,
            Repeated = load.RepeatedCount,
            LatencyMs = Latency.Of(latencies),
            ServerCpuPercent = server0 is null || server1 is null ? null : 100 * (server1.CpuSeconds - server0.CpuSeconds) / elapsed.TotalSeconds,
            GeneratorCpuPercent = 100 * own.TotalSeconds / elapsed.TotalSeconds,
        };
    }

    // Open loop: what is late is sent late, and its latency counts from when it was due.
    private async Task Pace(Load load, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1), time);
        var start = load.Now;
        var interval = TimeSpan.TicksPerSecond / scenario.PerSecond;
        try
        {
            for (var sent = 0L; await timer.WaitForNextTickAsync(cancel);)
            {
                for (; start + sent * interval <= load.Now; sent++)
                {
                    load.Published();
                    load.Members[(int)(sent % scenario.Publishers)].Publish(start + sent * interval);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private async Task Watch(Load load, TimeSpan length, string what, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        var (delivered, at) = (load.DeliveredCount, start);
        while (length - time.GetElapsedTime(start) is var left && left > TimeSpan.Zero)
        {
            await Wait(load, left < TimeSpan.FromMilliseconds(500) ? left : TimeSpan.FromMilliseconds(500), cancel);
            var perSecond = (load.DeliveredCount - delivered) / time.GetElapsedTime(at).TotalSeconds;
            progress(string.Create(CultureInfo.InvariantCulture, $"{what}: {perSecond:N0} deliveries/s"));
            (delivered, at) = (load.DeliveredCount, time.GetTimestamp());
        }
    }

    private async Task<long> Drain(Load load, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        while (load.DeliveredCount < load.PublishedCount * load.MembersPerRoom && time.GetElapsedTime(start) < Lengths.Draining)
            await Wait(load, TimeSpan.FromMilliseconds(20), cancel);
        return load.PublishedCount * load.MembersPerRoom - load.DeliveredCount;
    }

    private async Task Wait(Load load, TimeSpan length, CancellationToken cancel) =>
        await await Task.WhenAny(Task.Delay(length, time, cancel), load.Failed);
}
