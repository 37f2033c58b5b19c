using Confab.Server.Access;
using Confab.Server.Rooms;
using Confab.Server.Sockets;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Confab.Tests.Sockets;

/// <summary>Who is told of whom, as it comes over the wire.</summary>
public sealed class PresenceTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task Everybody_of_a_crowd_that_joins_at_once_ends_up_knowing_all_of_it()
    {
        const int Crowd = 40;
        await using var server = await TestServer.Start("--limits=off", "--Confab:Loops=2");
        var people = new List<Someone>();
        for (var i = 0; i < Crowd; i++)
            people.Add(await Someone.Come(server));
        var names = Enumerable.Range(100, Crowd).Select(i => $"person-{i}").ToArray();
        for (var round = 0; round < 5; round++)
        {
            var room = await server.NewRoom();
            await Task.WhenAll(people.Zip(names, (someone, name) => someone.Join(room, name)));
            await Someone.Settle(server, room, people);
            Assert.All(people, someone => Assert.Equal(names, someone.Users));
            Assert.All(people, someone => Assert.Equal(Crowd, someone.Count));
        }

        foreach (var someone in people)
            await someone.DisposeAsync();
    }

    [Fact]
    public async Task What_a_loop_sheds_while_it_is_held_up_costs_one_note_however_much_it_is()
    {
        await using var server = await TestServer.Start();
        var loop = new EventLoop(9, ownSockets: false, server.Services.GetRequiredService<LoopServices>());
        using var gate = new ManualResetEventSlim();
        var held = new Held(gate);
        loop.Post(held);
        await Wait.Until("the loop to be held up", () => held.IsHeld);

        var audience = new Audience(loop, server.Services.GetRequiredService<RoomDirectory>().Find(Actor.System, "general"u8)!);
        for (var i = 0; i < 5_000; i++)
            audience.Show([], version: 1, except: this);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++)
            audience.Show([], version: 1, except: this);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        gate.Set();
        loop.Stop();
    }

    [Fact]
    public async Task Of_more_than_fifty_only_the_count_is_told_and_once_a_second()
    {
        const int Few = 50;
        var time = new FakeTimeProvider();
        await using var server = await TestServer.Start(time, "--limits=off");
        var room = await server.NewRoom();
        var people = new List<Someone>();
        for (var i = 1; i <= Few; i++)
            people.Add(await Someone.Come(server, room, $"person-{i}"));
        await Someone.Settle(server, room, people);
        Assert.Equal(["user_joined person-50 50"], people[^2].Told());
        Assert.All(people, someone => Assert.Equal(Few, someone.Users?.Length));
        Assert.All(people, someone => someone.Told());

        // Eleven more come in one moment, and nobody hears of it before the second is over.
        var more = new List<Someone>();
        for (var i = 1; i <= 11; i++)
        {
            more.Add(await Someone.Come(server, room, $"more-{i}"));
            Assert.Equal((Few + i, null), (more[^1].Count, more[^1].Users));
        }

        await Someone.Settle(server, room, [.. people, .. more]);
        Assert.All(people, someone => Assert.Empty(someone.Told()));
        time.Advance(TimeSpan.FromSeconds(1));
        await Someone.Settle(server, room, [.. people, .. more]);
        Assert.All(people, someone => Assert.Equal(["user_list 61"], someone.Told()));
        Assert.All(people, someone => Assert.Null(someone.Users));

        // The second after, nothing has changed.
        time.Advance(TimeSpan.FromSeconds(1));
        await Someone.Settle(server, room, people);
        Assert.All(people, someone => Assert.Empty(someone.Told()));

        // With fifty left there are names again, at once, and that was it.
        foreach (var someone in more)
            await someone.Leave(room);
        await Someone.Settle(server, room, people);
        Assert.All(people, someone => Assert.Equal(["user_left more-11 50"], someone.Told()));
        Assert.All(people, someone => Assert.Equal(Few, someone.Users?.Length));
        time.Advance(TimeSpan.FromSeconds(1));
        await Someone.Settle(server, room, people);
        Assert.All(people, someone => Assert.Empty(someone.Told()));

        foreach (var someone in people.Concat(more))
            await someone.DisposeAsync();
    }

    [Fact]
    public async Task Of_somebody_without_a_name_the_whole_list_is_told_and_each_counts_as_one()
    {
        var room = await _server.NewRoom();
        await using var ann = await Someone.Come(_server, room, "ann");
        await using var one = await Someone.Come(_server, room, username: null);
        var two = await Someone.Come(_server, room, username: null);
        Assert.Equal(3, two.Count);
        await Someone.Settle(_server, room, ann, one);
        Assert.Equal(["user_list 2", "user_list 3"], ann.Told());
        Assert.Equal(["user_list 3"], one.Told());
        Assert.Equal(["ann"], ann.Users!);

        await two.Leave(room);
        await Someone.Settle(_server, room, ann, one);
        Assert.Equal(["user_list 2"], ann.Told());
        Assert.Equal(["user_list 2"], one.Told());
        Assert.Equal(["ann"], ann.Users!);
        await two.DisposeAsync();
    }

    [Fact]
    public async Task Several_connections_of_one_person_come_with_the_first_and_go_with_the_last()
    {
        var room = await _server.NewRoom();
        await using var ann = await Someone.Come(_server, room, "ann");
        await using var first = await Someone.Come(_server, room, "bob");
        var second = await Someone.Come(_server, room, "bob");
        Assert.Equal(2, second.Count);
        await Someone.Settle(_server, room, ann, first, second);
        Assert.Equal(["user_joined bob 2"], ann.Told());
        Assert.Empty(first.Told());
        Assert.Empty(second.Told());

        await first.Leave(room);
        await Someone.Settle(_server, room, ann, second);
        Assert.Empty(ann.Told());
        Assert.Empty(second.Told());

        // The last goes without a word.
        second.Socket.Abort();
        await Wait.Until("bob to be gone", async () => (await _server.Room(room)).Number("present") == 1);
        await Someone.Settle(_server, room, ann);
        Assert.Equal(["user_left bob 1"], ann.Told());
        Assert.Equal(["ann"], ann.Users!);
    }

    [Fact]
    public async Task Who_changes_the_name_leaves_and_joins_for_the_others_alone()
    {
        var room = await _server.NewRoom();
        await using var ann = await Someone.Come(_server, room, "ann");
        await using var bob = await Someone.Come(_server, room, "bob");
        await bob.Join(room, "bob");
        await Someone.Settle(_server, room, ann, bob);
        Assert.Equal(["user_joined bob 2"], ann.Told());
        Assert.Empty(bob.Told());

        await bob.Join(room, "rob");
        await Someone.Settle(_server, room, ann, bob);
        Assert.Equal(["user_left bob 1", "user_joined rob 2"], ann.Told());
        Assert.Equal(["ann", "rob"], ann.Users!);
        Assert.Empty(bob.Told());
        Assert.Equal(["ann", "rob"], bob.Users!);
    }

    [Fact]
    public async Task Typing_is_told_to_who_joined_just_now_and_not_to_who_types()
    {
        var room = await _server.NewRoom();
        await using var ann = await Someone.Come(_server, room, "ann");
        await using var bob = await Someone.Come(_server, room, "bob");
        await using var monitor = await Someone.Come(_server);
        await monitor.Socket.SendJson(new { type = "join", room, monitor = true });
        await ann.Socket.SendJson(new { type = "typing", room });
        await ann.Socket.Answers();
        await Someone.Settle(_server, room, ann, bob, monitor);
        Assert.Equal(["typing ann"], bob.Told());
        Assert.Equal(["joined 2"], monitor.Told());
    }

    private sealed class Held(ManualResetEventSlim gate) : LoopWork
    {
        private volatile bool _isHeld;

        public bool IsHeld => _isHeld;

        public override void Run(EventLoop loop)
        {
            _isHeld = true;
            gate.Wait(RawConnection.Patience);
        }
    }
}
