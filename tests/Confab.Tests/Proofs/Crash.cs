using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>
/// Promises 1 to 4 under kill -9: clients change things in several rooms and send again what was not answered, observers go on where they
/// were, and the server dies at random moments, also while it starts. In the end the answers, the events, the database and the HTTP API
/// must tell one story.
/// </summary>
[Collection(nameof(Alone))]
public sealed class Crash
{
    private const int Kills = 10, KillsInLongMode = 220;

    private static readonly string[] s_rooms = ["general", "random", "tech"];

    [Fact]
    public async Task What_was_acknowledged_survives_any_kill_and_what_was_delivered_was_stored()
    {
        var random = new Random(Effort.Seed());
        // A small tail: catching up after a crash then goes through the database, and through the seam between it and the tail.
        await using var server = await ChildServer.Start(ChildServer.NewDirectory(), "--limits=off", "--Confab:TailBytesPerRoom=16384");
        var scribes = Enumerable.Range(1, 4).Select(i => new Scribe($"scribe-{i}", s_rooms, window: 12 * i, length: 60, new Random(random.Next()))).ToArray();
        var watchers = Enumerable.Range(1, 3).Select(i => new Watcher(s_rooms, new Random(random.Next())) { IsFickle = i == 3 }).ToArray();
        var enough = false;
        using var done = new CancellationTokenSource();
        var writing = Task.WhenAll(scribes.Select(s => Task.Run(() => s.Write(server.EndPoint, () => Volatile.Read(ref enough)))));
        var watching = Task.WhenAll(watchers.Select(w => Task.Run(() => w.Watch(server.EndPoint, done.Token))));

        for (var kills = Effort.IsLong ? KillsInLongMode : Kills; kills > 0; kills--)
        {
            if (random.Next(8) > 0)
                await Work(server, scribes, random);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(90)), TimeProvider.System, TestContext.Current.CancellationToken);
            await server.Kill();
            Assert.False(writing.IsFaulted || watching.IsFaulted, $"A client noticed: {writing.Exception ?? watching.Exception}");
            server.Start();
        }

        await server.Ready();
        await Work(server, scribes, random);
        Volatile.Write(ref enough, true);
        await writing.WaitAsync(Wait.Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        var truth = Truth.Read(server.Data);
        await done.CancelAsync();
        await watching;
        foreach (var watcher in watchers)
            await watcher.CatchUp(server.EndPoint, truth);

        Assert.All(truth.Rooms.Values, room => room.IsWhole());
        Assert.All(scribes, s => s.Matches(truth));
        Assert.All(watchers, w => w.Matches(truth));
        await HttpPages.Match(server.Http, truth);
        Effort.Tell($"{scribes.Sum(s => s.Stored)} changes acknowledged, {scribes.Sum(s => s.Repeats)} again after a resend, {scribes.Sum(s => s.Reconnects)} reconnects; {watchers.Sum(w => w.Events)} events, {watchers.Sum(w => w.Skipped)} superseded");
    }

    // The server serves, and some of what it is asked has been answered in this life.
    private static async Task Work(ChildServer server, Scribe[] scribes, Random random)
    {
        await server.Ready();
        var until = scribes.Sum(s => s.Stored) + random.Next(1, 400);
        await Wait.Until("changes to be acknowledged", () =>
        {
            Assert.False(server.HasEnded, $"The server ended of its own: {string.Join('\n', server.Output)}");
            return scribes.Sum(s => s.Stored) >= until;
        });
    }
}
