using System.Text.Json;
using Confab.Client;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Http;

/// <summary>Pins: a change of the room that everybody learns of, over the wire and over HTTP.</summary>
public sealed class PinTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task A_pin_is_told_to_everybody_in_the_room_and_stands_in_its_description()
    {
        var room = await _server.NewRoom();
        await using var ann = await Enter(room, "ann", 2);
        await using var bob = await _server.Open();
        await bob.Join(room, "bob");

        Assert.Equal(3, await Seq(ann, new { type = "pin", id = "p2", room, message = 2 }));
        Assert.Equal(4, await Seq(ann, new { type = "pin", id = "p1", room, message = 1 }));
        Assert.Equal((long[])[2], Pins((await bob.NextOf("room_changed")).GetProperty("data")));
        var told = await bob.NextOf("room_changed");
        Assert.Equal(4, told.Number("seq"));
        Assert.Equal((room, ""), (told.GetProperty("data").Text("name"), told.GetProperty("data").Text("topic")));
        Assert.Equal((long[])[2, 1], Pins(told.GetProperty("data")));
        Assert.Equal((long[])[2, 1], Pins(await _server.Room(room)));

        // Nobody owns a pin.
        Assert.Equal(5, await Seq(bob, new { type = "unpin", id = "u", room, message = 2 }));
        Assert.Equal((long[])[1], Pins((await bob.NextOf("room_changed")).GetProperty("data")));
        Assert.Equal((long[])[1], Pins(await _server.Room(room)));
    }

    [Fact]
    public async Task Pinning_again_changes_nothing_and_says_the_number_of_the_pin()
    {
        var room = await _server.NewRoom();
        await using var ann = await Enter(room, "ann", 1);
        Assert.Equal(2, await Seq(ann, new { type = "pin", id = "a", room, message = 1 }));
        Assert.Equal(2, await Seq(ann, new { type = "pin", id = "a", room, message = 1 }));
        Assert.Equal(2, await Seq(ann, new { type = "pin", id = "b", room, message = 1 }));
        Assert.Equal("conflict", await Code(ann, new { type = "unpin", id = "a", room, message = 1 }));
        Assert.Equal(2, (await _server.Room(room)).Number("head"));

        // The first answer, though what it asked for was undone since.
        Assert.Equal(3, await Seq(ann, new { type = "unpin", id = "c", room, message = 1 }));
        Assert.Equal(2, await Seq(ann, new { type = "pin", id = "a", room, message = 1 }));
        Assert.Empty(Pins(await _server.Room(room)));
    }

    [Fact]
    public async Task What_is_not_there_or_not_pinned_is_not_found()
    {
        var room = await _server.NewRoom();
        await using var ann = await Enter(room, "ann", 2);
        await ann.Request("d", JsonSerializer.Serialize(new { type = "delete", id = "d", room, message = 2 }));
        Assert.Equal("not_found", await Code(ann, new { type = "pin", id = "1", room, message = 2 }));
        Assert.Equal("not_found", await Code(ann, new { type = "pin", id = "2", room, message = 3 }));
        Assert.Equal("not_found", await Code(ann, new { type = "pin", id = "3", room, message = 77 }));
        Assert.Equal("not_found", await Code(ann, new { type = "unpin", id = "4", room, message = 1 }));
        Assert.Equal("not_found", await Code(ann, new { type = "pin", id = "5", room = "nowhere", message = 1 }));
        Assert.Equal(3, (await _server.Room(room)).Number("head"));
    }

    [Fact]
    public async Task A_deleted_message_is_pinned_no_more()
    {
        var room = await _server.NewRoom();
        await using var ann = await Enter(room, "ann", 2);
        await Seq(ann, new { type = "pin", id = "1", room, message = 1 });
        await Seq(ann, new { type = "pin", id = "2", room, message = 2 });
        Assert.Equal(5, await Seq(ann, new { type = "delete", id = "3", room, message = 1 }));
        Assert.Equal((long[])[2], Pins(await _server.Room(room)));
        await using var bob = await _server.Open();
        Assert.Equal((long[])[2], Pins(await Joined(bob, new { type = "join", room })));
    }

    [Fact]
    public async Task Who_comes_back_learns_of_the_pins_as_they_are_now()
    {
        var room = await _server.NewRoom();
        await using var ann = await Enter(room, "ann", 3);
        foreach (var message in new[] { 3, 1, 2 })
            await Seq(ann, new { type = "pin", id = $"{message}", room, message });
        await Seq(ann, new { type = "unpin", id = "u", room, message = 1 });
        await Seq(ann, new { type = "message", id = "m", room, content = "after" });

        await using var bob = await _server.Open();
        var joined = await Joined(bob, new { type = "join", room, after = 3 });
        Assert.Equal((8, true), (joined.Number("seq"), Pins(joined) is [3, 2]));
        JsonElement told;
        do
            told = await bob.NextOf("room_changed");
        while (told.Number("seq") < 7); // live from the tail, each; from the log, only the last
        Assert.Equal((long[])[3, 2], Pins(told.GetProperty("data")));
        Assert.Equal(8, (await bob.NextOf("message")).Number("seq"));
    }

    [Fact]
    public async Task Without_a_tail_the_log_tells_the_pins_once()
    {
        await using var server = await TestServer.Start("--Confab:TailBytesPerRoom=0");
        await using var ann = await server.Open();
        await ann.Join("general", "ann");
        await Seq(ann, new { type = "message", id = "1", room = "general", content = "one" });
        await Seq(ann, new { type = "pin", id = "2", room = "general", message = 1 });
        await Seq(ann, new { type = "message", id = "3", room = "general", content = "two" });
        await Seq(ann, new { type = "pin", id = "4", room = "general", message = 3 });

        await using var bob = await server.Open();
        await Joined(bob, new { type = "join", room = "general", after = 1 });
        Assert.Equal(3, (await bob.NextOf("message", "edited", "room_changed")).Number("seq"));
        var told = await bob.NextOf("message", "edited", "room_changed");
        Assert.Equal((4, true), (told.Number("seq"), Pins(told.GetProperty("data")) is [1, 3]));
    }

    [Fact]
    public async Task A_room_takes_as_many_pins_as_hello_says()
    {
        await using var server = await TestServer.Start("--Confab:Limits:PinsPerRoom=2");
        await using var ann = await server.Open();
        await ann.Join("general", "ann");
        for (var i = 1; i <= 3; i++)
            await Seq(ann, new { type = "message", id = $"{i}", room = "general", content = $"message {i}" });
        await Seq(ann, new { type = "pin", id = "p1", room = "general", message = 1 });
        await Seq(ann, new { type = "pin", id = "p2", room = "general", message = 2 });
        Assert.Equal("bad_request", await Code(ann, new { type = "pin", id = "p3", room = "general", message = 3 }));
        Assert.Equal(4, await Seq(ann, new { type = "pin", id = "p4", room = "general", message = 1 }));
        await Seq(ann, new { type = "unpin", id = "p5", room = "general", message = 1 });
        await Seq(ann, new { type = "pin", id = "p3", room = "general", message = 3 });
        Assert.Equal((long[])[2, 3], Pins(await server.Room("general")));
    }

    [Fact]
    public async Task The_client_pins_and_is_told_of_it()
    {
        var room = await _server.NewRoom();
        await using var client = new ConfabClient(new UriBuilder(_server.Address) { Scheme = "ws", Path = "/chat" }.Uri, new ConfabClientOptions { Username = "ann" });
        Assert.Equal(50, (await client.ConnectAsync(TestContext.Current.CancellationToken)).Limits.PinsPerRoom);
        var id = await client.PostAsync(room, "hi", cancellationToken: TestContext.Current.CancellationToken);
        await client.PinAsync(room, id, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((long[])[id], (await client.JoinAsync(room, cancellationToken: TestContext.Current.CancellationToken)).Pins!);
        await client.UnpinAsync(room, id, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null((await client.JoinAsync(room, cancellationToken: TestContext.Current.CancellationToken)).Pins);
    }

    private async Task<RawWebSocket> Enter(string room, string name, int messages)
    {
        var person = await _server.Open();
        await person.Join(room, name);
        for (var i = 1; i <= messages; i++)
            await Seq(person, new { type = "message", id = $"said {i}", room, content = $"message {i}" });
        return person;
    }

    private static async Task<JsonElement> Joined(RawWebSocket person, object join)
    {
        await person.SendJson(join);
        return await person.NextOf("joined");
    }

    private static async Task<long> Seq(RawWebSocket person, object frame)
    {
        var answer = await Answer(person, frame);
        Assert.True(answer.TypeOf() == "ack", $"{answer}");
        return answer.Number("seq");
    }

    private static async Task<string?> Code(RawWebSocket person, object frame)
    {
        var answer = await Answer(person, frame);
        Assert.True(answer.TypeOf() == "error", $"{answer}");
        return answer.Text("code");
    }

    private static async Task<JsonElement> Answer(RawWebSocket person, object frame)
    {
        await person.SendJson(frame);
        return await person.NextOf("ack", "error");
    }

    private static long[] Pins(JsonElement told) => told.TryGetProperty("pins", out var pins) ? [.. pins.EnumerateArray().Select(pin => pin.GetInt64())] : [];
}
