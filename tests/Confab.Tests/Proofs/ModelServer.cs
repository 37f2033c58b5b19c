using Confab.Tests.Support;
using CsCheck;

namespace Confab.Tests.Proofs;

/// <summary>
/// Writers and observers in any interleaving on a real server: what an observer builds from events alone is what stands in the database,
/// through stalls and reconnects, from tails too small for anything to tails that hold it all.
/// </summary>
public sealed class ModelServer
{
    private const int EverythingBytes = 8 << 20;

    private static readonly string[] s_rooms = ["general", "random", "tech"];

    private static readonly Gen<Plan> s_plan =
        from seed in Gen.Int
        from writers in Gen.Int[1, 4]
        from observers in Gen.Int[1, 4]
        from changes in Gen.Int[20, 399]
        from window in Gen.Int[1, 64]
        from length in Gen.OneOf(20, 20, 2000)
        from tail in Gen.OneOf(0, 4096, 4096, 4096, 65_536, EverythingBytes)
        select new Plan(seed, writers, observers, changes, window, length, tail);

    public enum Transport
    {
        Auto,
        Kestrel,
    }

    [Theory]
    [InlineData(Transport.Auto)]
    [InlineData(Transport.Kestrel)]
    public Task What_clients_build_from_events_is_what_is_stored(Transport transport) =>
        s_plan.SampleAsync(plan => Play(plan, transport), iter: Effort.Cases(6), threads: 1);

    private static async Task Play(Plan plan, Transport transport)
    {
        await using var server = await TestServer.Start("--limits=off", $"--Confab:TailBytesPerRoom={plan.Tail}", "--Confab:Loops=2", $"--transport={transport.ToString().ToLowerInvariant()}");
        var random = new Random(plan.Seed);
        var scribes = Enumerable.Range(1, plan.Writers).Select(i => new Scribe($"scribe-{i}", s_rooms, plan.Window, plan.Length, new Random(random.Next()))).ToArray();
        var watchers = Enumerable.Range(1, plan.Observers).Select(i => new Watcher(s_rooms, new Random(random.Next())) { IsAsleep = i == 4 }).ToArray();

        using var done = new CancellationTokenSource();
        var watching = watchers.Select(w => Task.Run(() => w.Watch(server.EndPoint, done.Token))).ToArray();
        await Task.WhenAll(scribes.Select(s => Task.Run(() => s.Write(server.EndPoint, plan.Changes))));
        var truth = Truth.Read(server.Data);
        await done.CancelAsync();
        foreach (var (watcher, task) in watchers.Zip(watching))
        {
            await task;
            await watcher.CatchUp(server.EndPoint, truth);
        }

        Assert.All(truth.Rooms.Values, room => room.IsWhole());
        Assert.All(scribes, s => s.Matches(truth));
        Assert.All(watchers, w => w.Matches(truth));
        if (plan.Tail == EverythingBytes)
        {
            // What the tail holds comes live, each number once; a room that everybody left for a moment keeps none.
            Assert.All(watchers.Where(w => w.Reconnects == 0).SelectMany(w => w.Mirrors.Values).Where(m => !m.WasBehind), m => Assert.Empty(m.Skipped));
        }

        await HttpPages.Match(server.Http, truth);
        Effort.Tell($"  {scribes.Sum(s => s.Stored)} changes, {watchers.Sum(w => w.Events)} events, {watchers.Sum(w => w.Skipped)} skipped, {watchers.Sum(w => w.Reconnects)} reconnects");
    }

    private sealed record Plan(int Seed, int Writers, int Observers, int Changes, int Window, int Length, int Tail);
}
