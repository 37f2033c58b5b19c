using Confab.Tests.Support;
namespace Confab.Tests.Proofs;

/// <summary>A server that is frozen for a while (SIGSTOP: a laptop's lid, a paused container, a snapshot) and goes on: nobody is dropped for it.</summary>
[Collection(nameof(Alone))]
public sealed class FaultsFreeze
{
    private static readonly string[] s_rooms = ["general", "random"];

    [Fact]
    public async Task A_thawed_server_goes_on_as_if_nothing_had_been()
    {
        // In the normal run a freeze is as long as the silence for which a peer is dropped; in the long mode both are as out of the box.
        var frozen = TimeSpan.FromSeconds(Effort.IsLong ? 61 : 4);
        string[] times = Effort.IsLong ? [] : ["--Confab:Limits:PingSeconds=1", "--Confab:Limits:SilenceSeconds=3", "--Confab:StallSeconds=3"];
        await using var server = await ChildServer.Start(ChildServer.NewDirectory(), ["--limits=off", .. times]);
        var random = new Random(Effort.Seed());
        var scribes = Enumerable.Range(1, 2).Select(i => new Scribe($"scribe-{i}", s_rooms, window: 16, length: 40, new Random(random.Next()))).ToArray();
        // One that hears everything, and one in a room where nothing happens.
        var watchers = new[] { new Watcher(s_rooms, random) { IsFickle = false }, new Watcher(["tech"], random) { IsFickle = false } };
        var enough = false;
        using var done = new CancellationTokenSource();
        var watching = Task.WhenAll(watchers.Select(w => Task.Run(() => w.Watch(server.EndPoint, done.Token))));
        var writing = Task.WhenAll(scribes.Select(s => Task.Run(() => s.Write(server.EndPoint, () => Volatile.Read(ref enough)))));
        await Wait.Until("the load", () => scribes.All(s => s.Stored > 100) && watchers.All(w => w.Mirrors.Values.All(m => m.Epoch is not null)));

        server.Freeze();
        await Wait.ForAsLongAs(frozen);
        server.Thaw();
        var stored = scribes.Sum(s => s.Stored);
        await Wait.Until("the load to go on", () => scribes.Sum(s => s.Stored) > stored + 100);

        // Two seconds more: whoever is to be dropped is dropped by the clock, and by then.
        await Wait.ForAsLongAs(TimeSpan.FromSeconds(2));
        Volatile.Write(ref enough, true);
        await writing.WaitAsync(Wait.Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        await done.CancelAsync();
        await watching;
        var truth = Truth.Read(server.Data);
        foreach (var watcher in watchers)
            await watcher.CatchUp(server.EndPoint, truth);
        Assert.All(truth.Rooms.Values, room => room.IsWhole());
        Assert.All(scribes, s => s.Matches(truth));
        Assert.All(watchers, w => w.Matches(truth));
        Assert.All(scribes, s => Assert.Equal(0, s.Reconnects));
        Assert.All(watchers, w => Assert.Equal(0, w.Reconnects));
    }
}
