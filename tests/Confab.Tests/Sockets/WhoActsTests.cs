using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>Under which name a frame acts.</summary>
public sealed class WhoActsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task The_name_in_a_frame_acts_in_that_frame_and_the_join_s_in_those_without()
    {
        var room = await _server.NewRoom();
        await using var socket = await _server.Open();
        await socket.Join(room, "Guest");
        Assert.Equal("second", await Sender("second"));
        Assert.Equal("Guest", await Sender(null));
        // One stored form, however often and in which form it is given: composed, decomposed, with white space.
        foreach (var given in new[] { " Jos\u00E9 ", "Jose\u0301", " Jos\u00E9 ", "Jose\u0301", "Jose\u0301", "Jos\u00E9" })
            Assert.Equal("Jos\u00E9", await Sender(given));
        Assert.Equal("Guest", await Sender("Guest"));
        Assert.Equal("Guest", await Sender(null));

        async Task<string?> Sender(string? username)
        {
            await socket.SendJson(username is null ? new { type = "message", room, content = "hi" } : new { type = "message", room, content = "hi", username });
            return (await socket.NextOf("message", "error")).GetProperty("data").Text("username");
        }
    }

    [Fact]
    public async Task Every_change_is_the_name_s_that_stands_in_it()
    {
        var room = await _server.NewRoom();
        await using var socket = await _server.Open();
        await socket.Join(room, "Guest");
        Assert.Equal(1, (await Ask("message", """
            "username":"second","content":"hi"
            """)).Number("seq"));

        // The message is second's, and so only second may change it.
        Assert.Equal("forbidden", (await Ask("edit", """
            "message":1,"content":"ho"
            """)).Text("code"));
        Assert.Equal(2, (await Ask("edit", """
            "message":1,"content":"ho","username":"second"
            """)).Number("seq"));
        Assert.Equal(3, (await Ask("react", """
            "message":1,"emoji":"👍","username":"third"
            """)).Number("seq"));
        Assert.Equal(4, (await Ask("react", """
            "message":1,"emoji":"👍"
            """)).Number("seq"));
        var message = await Message();
        Assert.Equal(["third", "Guest"], message.GetProperty("reactions")[0].GetProperty("usernames").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("not_found", (await Ask("unreact", """
            "message":1,"emoji":"👍","username":"second"
            """)).Text("code"));
        Assert.Equal(5, (await Ask("unreact", """
            "message":1,"emoji":"👍","username":"third"
            """)).Number("seq"));
        Assert.Equal(6, (await Ask("pin", """
            "message":1,"username":"third"
            """)).Number("seq"));
        Assert.Equal(5, (await Ask("read", """
            "seq":5,"username":"third"
            """)).Number("seq"));
        Assert.Equal(2, (await Ask("read", """
            "seq":2
            """)).Number("seq"));
        Assert.Equal("forbidden", (await Ask("delete", """
            "message":1
            """)).Text("code"));
        Assert.Equal(7, (await Ask("delete", """
            "message":1,"username":"second"
            """)).Number("seq"));

        Task<JsonElement> Ask(string type, string rest) =>
            Request(socket, $$"""{"type":"{{type}}","room":"{{room}}",{{rest}},"id":"{{Guid.NewGuid():N}}"}""");

        async Task<JsonElement> Message() => JsonElement.Parse(await _server.Http.GetStringAsync($"/api/rooms/{room}/messages/1", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Typing_is_the_name_s_that_stands_in_it()
    {
        var room = await _server.NewRoom();
        await using var ben = await _server.Open();
        await ben.Join(room, "Ben");
        await using var socket = await _server.Open();
        await socket.Join(room, "Guest");
        await socket.SendJson(new { type = "typing", room, username = "second" });
        Assert.Equal("second", (await ben.NextOf("typing")).Text("username"));
        await socket.SendJson(new { type = "typing", room });
        Assert.Equal("Guest", (await ben.NextOf("typing")).Text("username"));
    }

    [Fact]
    public async Task A_name_that_cannot_be_one_is_refused_and_the_next_frame_acts_as_before()
    {
        var room = await _server.NewRoom();
        await using var socket = await _server.Open();
        await socket.Join(room, "Guest");
        foreach (var name in new[] { "", " ", "\u202E", new string('x', 65) })
        {
            await socket.SendJson(new { type = "message", room, content = "hi", username = name });
            Assert.Equal("bad_request", (await socket.NextOf("error", "message")).Text("code"));
            await socket.SendJson(new { type = "message", room, content = "hi" });
            Assert.Equal("Guest", (await socket.NextOf("message", "error")).GetProperty("data").Text("username"));
        }
    }

    [Fact]
    public async Task A_repeat_is_known_by_the_name_under_which_it_was_written_whatever_the_name_is_since()
    {
        var room = await _server.NewRoom();
        await using var socket = await _server.Open();
        await socket.Join(room, "ann");
        var frame = $$"""{"type":"message","id":"key","room":"{{room}}","username":"ann","content":"hi"}""";
        Assert.Equal(1, (await Request(socket, frame)).Number("seq"));
        await socket.Join(room, "anna");
        Assert.Equal(1, (await Request(socket, frame)).Number("seq"));
        Assert.Equal(1, (await _server.Room(room)).Number("head"));
    }

    private static Task<JsonElement> Request(RawWebSocket socket, string frame) => socket.Request(JsonElement.Parse(frame).Text("id")!, frame);
}
