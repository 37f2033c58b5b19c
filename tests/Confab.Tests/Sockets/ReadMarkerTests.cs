using System.Net.Http.Json;
using System.Text.Json;
using Confab.Server.Access;
using Confab.Server.Rooms;
using Confab.Server.Sockets;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Sockets;

/// <summary>How far one has read, as one's other connections are told.</summary>
public sealed class ReadMarkerTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task The_other_connections_of_the_name_are_told_monitors_too_and_nobody_else()
    {
        var (room, elsewhere) = (await _server.NewRoom(), await _server.NewRoom());
        await using var phone = await Come(room, "ann");
        await using var desk = await Come(room, "ann");
        await using var wall = await _server.Open();
        await wall.SendJson(new { type = "join", room, username = "ann", monitor = true });
        await wall.NextOf("joined");
        await using var other = await Come(elsewhere, "ann");
        await using var ben = await Come(room, "ben");
        await using var nameless = await _server.Open();
        await nameless.Join(room);
        await Say(room, "one");
        await Say(room, "two");
        Assert.Equal(2, await Read(phone, room, 2));
        // It stands further already: nothing is told.
        Assert.Equal(2, await Read(phone, room, 1));
        Assert.Equal(2, await Read(phone, room, 2));
        // A marker may be moved by whoever says the name; the name's connections hear of it.
        await Say(room, "three");
        Assert.Equal(3, await Read(ben, room, 3, "ann"));
        Assert.Equal(3, await Read(ben, room, 3));
        await Say(room, "end");
        await Say(elsewhere, "end");
        Assert.Equal(["3"], await Told(phone));
        Assert.Equal(["2", "3"], await Told(desk));
        Assert.Equal(["2", "3"], await Told(wall));
        Assert.Empty(await Told(other));
        Assert.Empty(await Told(ben));
        Assert.Empty(await Told(nameless));
    }

    [Fact]
    public async Task A_monitor_that_left_or_came_back_under_another_name_is_told_no_more()
    {
        var room = await _server.NewRoom();
        await using var ann = await Come(room, "ann");
        await using var wall = await _server.Open();
        foreach (var username in new[] { "ann", "ben", "ann" })
        {
            await wall.SendJson(new { type = "join", room, username, monitor = true });
            await wall.NextOf("joined");
        }

        await Say(room, "one");
        await Read(ann, room, 1);
        await Say(room, "end");
        Assert.Equal(["1"], await Told(wall));
        await wall.SendJson(new { type = "join", room, username = "ben", monitor = true });
        await wall.NextOf("joined");
        await Read(ann, room, 2);
        await Say(room, "end");
        Assert.Empty(await Told(wall));
        await wall.SendJson(new { type = "leave", room });
        await wall.NextOf("left");
        await Read(ann, room, 3);
        await wall.Answers();
    }

    [Fact]
    public async Task It_is_told_also_if_the_connection_that_has_read_is_gone_by_then()
    {
        var room = await _server.NewRoom();
        await using var desk = await Come(room, "ann");
        await using var phone = await Come(room, "ann");
        await Say(room, "one");
        await phone.Send(WireFrame.Several(WireFrame.Text($$"""{"type":"read","room":"{{room}}","seq":1}"""), WireFrame.Close(1001)));
        Assert.Equal(1, (await desk.NextOf("read")).Number("seq"));
    }

    [Fact]
    public async Task Markers_that_a_loop_sheds_cost_nothing_and_leave_room_for_presence()
    {
        await using var server = await TestServer.Start();
        var loop = new EventLoop(9, ownSockets: false, server.Services.GetRequiredService<LoopServices>());
        using var gate = new ManualResetEventSlim();
        var held = new Held(gate);
        loop.Post(held);
        await Wait.Until("the loop to be held up", () => held.IsHeld);
        var audience = new Audience(loop, server.Services.GetRequiredService<RoomDirectory>().Find(Actor.System, "general"u8)!);
        for (var i = 0; i < 5_000; i++)
            audience.ShowRead([], "ann"u8.ToArray(), except: this);
        var name = "ann"u8.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++)
            audience.ShowRead([], name, except: this);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        Assert.False(loop.Show(audience, new Show([], 0, this, name)));
        Assert.True(loop.Show(audience, new Show([], 1, this)));
        gate.Set();
        loop.Stop();
    }

    private async Task<RawWebSocket> Come(string room, string username)
    {
        var socket = await _server.Open();
        await socket.Join(room, username);
        return socket;
    }

    private async Task Say(string room, string content)
    {
        using var answer = await _server.Http.PostAsJsonAsync($"/api/rooms/{room}/messages", new { username = "ben", content }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
    }

    private static async Task<long> Read(RawWebSocket socket, string room, long seq, string? username = null)
    {
        var id = Guid.NewGuid().ToString("N");
        var frame = username is null ? JsonSerializer.Serialize(new { type = "read", id, room, seq }) : JsonSerializer.Serialize(new { type = "read", id, room, seq, username });
        return (await socket.Request(id, frame)).Number("seq");
    }

    // Up to the message that ends the scene. What a read tells is heard before a message that was said after it.
    private static async Task<string[]> Told(RawWebSocket socket)
    {
        var told = new List<string>();
        while (true)
        {
            var frame = await socket.NextOf("read", "message");
            if (frame.TypeOf() == "read")
            {
                Assert.Equal("ann", frame.Text("username"));
                told.Add($"{frame.Number("seq")}");
            }
            else if (frame.GetProperty("data").Text("content") == "end")
            {
                return [.. told];
            }
        }
    }

    private sealed class Held(ManualResetEventSlim gate) : LoopWork
    {
        private volatile bool _isHeld;

        public bool IsHeld => _isHeld;

        public override void Run(EventLoop loop)
        {
            _isHeld = true;
            gate.Wait();
        }
    }
}
