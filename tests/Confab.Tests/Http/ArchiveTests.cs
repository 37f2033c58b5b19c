using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Http;

/// <summary>Archived rooms: read and searched as before, written to by nobody, in no list and not counted.</summary>
public sealed class ArchiveTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_learns_that_a_room_is_archived_live_on_joining_and_on_coming_back()
    {
        var room = await _server.NewRoom();
        await using var ann = await _server.Open();
        await ann.Join(room, "ann");
        await ann.SendJson(new { type = "message", room, content = "last words" });
        await ann.NextOf("message");

        var archived = await Archive(room);
        Assert.True(archived.GetProperty("archived").GetBoolean());
        var told = await ann.NextOf("room_changed");
        Assert.Equal(2, told.Number("seq"));
        Assert.True(told.GetProperty("data").GetProperty("archived").GetBoolean());

        await using var late = await _server.Open();
        Assert.True((await late.Join(room, "bob")).GetProperty("archived").GetBoolean());
        await using var back = await _server.Open();
        await back.SendJson(new { type = "join", room, after = 1 });
        Assert.True((await back.NextOf("room_changed")).GetProperty("data").GetProperty("archived").GetBoolean());

        Assert.False((await Patch(room, new { archived = false, username = "ann" })).TryGetProperty("archived", out _));
        Assert.False((await ann.NextOf("room_changed")).GetProperty("data").TryGetProperty("archived", out _));
        await ann.SendJson(new { type = "message", room, content = "and further ones" });
        Assert.Equal(4, (await ann.NextOf("message")).Number("seq"));
    }

    [Fact]
    public async Task Nothing_is_written_into_an_archived_room_by_any_way()
    {
        var room = await _server.NewRoom();
        await using var ann = await _server.Open();
        await ann.Join(room, "ann");
        await ann.SendJson(new { type = "message", room, content = "last words" });
        Assert.Equal(1, (await ann.Request("once", JsonSerializer.Serialize(new { type = "pin", id = "once", room, message = 1 }))).Number("seq") - 1);
        await Archive(room);
        foreach (var frame in new object[]
        {
            new { type = "message", id = "x", room, content = "more" },
            new { type = "edit", id = "x", room, message = 1, content = "other words" },
            new { type = "delete", id = "x", room, message = 1 },
            new { type = "react", id = "x", room, message = 1, emoji = "👍" },
            new { type = "unreact", id = "x", room, message = 1, emoji = "👍" },
            new { type = "unpin", id = "x", room, message = 1 },
            new { type = "pin", id = "x", room, message = 1 },
        })
        {
            var answer = await ann.Request("x", JsonSerializer.Serialize(frame));
            Assert.Equal("forbidden", answer.Text("code"));
            Assert.Equal("The room is archived and read-only.", answer.Text("message"));
        }

        // What was stored before is acknowledged again, and reading goes on.
        Assert.Equal(2, (await ann.Request("once", JsonSerializer.Serialize(new { type = "pin", id = "once", room, message = 1 }))).Number("seq"));
        Assert.Equal("ack", (await ann.Request("r", JsonSerializer.Serialize(new { type = "read", id = "r", room, seq = 3 }))).TypeOf());
        await Problem.Is(await _server.Http.PostAsJsonAsync($"/api/rooms/{room}/messages", new { username = "ann", content = "more" }, Cancel), HttpStatusCode.Forbidden, "forbidden");
        await Problem.Is(await _server.Http.PatchAsJsonAsync($"/api/rooms/{room}", new { topic = "more" }, Cancel), HttpStatusCode.Forbidden, "forbidden");
        await Problem.Is(await _server.Http.PostAsync($"/api/rooms/{room}/files?name=a.txt", new ByteArrayContent("more"u8.ToArray()), Cancel), HttpStatusCode.Forbidden, "forbidden");
        Assert.Equal(3, (await _server.Room(room)).Number("head"));
        Assert.Equal("last words", (await _server.Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room}/messages/1", Cancel)).Text("content"));
    }

    [Fact]
    public async Task Archived_rooms_are_in_their_own_list_only()
    {
        await using var server = await TestServer.Start();
        await Archive("random", server);
        Assert.Equal(["general", "tech"], await Names("/api/rooms", server));
        Assert.Equal(["random"], await Names("/api/rooms?archived=true", server));
        await Archive("general", server);
        await Archive("tech", server);
        Assert.Empty(await Names("/api/rooms", server));
        await Problem.Is(await server.Http.GetAsync("/api/rooms?archived=maybe", Cancel), HttpStatusCode.BadRequest, "bad_request");
    }

    [Fact]
    public async Task The_limit_of_rooms_counts_those_that_are_not_archived_also_after_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("confab-test-");
        await using (var server = await TestServer.Start("--Confab:MaxRooms=3", $"--data={data.FullName}"))
        {
            await Problem.Is(await server.Http.PostAsJsonAsync("/api/rooms", new { name = "one" }, Cancel), HttpStatusCode.Forbidden, "forbidden");
            await Archive("random", server);
            await Archive("random", server);
            Assert.Equal(HttpStatusCode.Created, (await server.Http.PostAsJsonAsync("/api/rooms", new { name = "one" }, Cancel)).StatusCode);
            await Problem.Is(await server.Http.PostAsJsonAsync("/api/rooms", new { name = "two" }, Cancel), HttpStatusCode.Forbidden, "forbidden");
            await Problem.Is(await server.Http.PatchAsJsonAsync("/api/rooms/random", new { archived = false }, Cancel), HttpStatusCode.Forbidden, "forbidden");

            // Its name is still its own.
            await Archive("one", server);
            await Problem.Is(await server.Http.PostAsJsonAsync("/api/rooms", new { name = "random" }, Cancel), HttpStatusCode.Conflict, "conflict");
            await Patch("one", new { archived = false }, server);
        }

        await using (var server = await TestServer.Start("--Confab:MaxRooms=3", $"--data={data.FullName}"))
        {
            Assert.Equal(["general", "tech", "one"], await Names("/api/rooms", server));
            await Problem.Is(await server.Http.PostAsJsonAsync("/api/rooms", new { name = "two" }, Cancel), HttpStatusCode.Forbidden, "forbidden");
            Assert.Equal("forbidden", await CodeOfPost("random", server));
            await Archive("one", server);
            await Patch("random", new { archived = false }, server);
            await Problem.Is(await server.Http.PostAsJsonAsync("/api/rooms", new { name = "two" }, Cancel), HttpStatusCode.Forbidden, "forbidden");
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Archiving_twice_takes_one_number_and_a_room_that_is_not_there_none()
    {
        var room = await _server.NewRoom();
        await Archive(room);
        await Archive(room);
        Assert.Equal(1, (await _server.Room(room)).Number("head"));
        await Problem.Is(await _server.Http.DeleteAsync("/api/rooms/nowhere", Cancel), HttpStatusCode.NotFound, "not_found");
        await Problem.Is(await _server.Http.PatchAsJsonAsync($"/api/rooms/{room}", new { username = "ann" }, Cancel), HttpStatusCode.BadRequest, "bad_request");
        await Problem.Is(await _server.Http.DeleteAsync($"/api/rooms/{room}?username=%00", Cancel), HttpStatusCode.BadRequest, "bad_request");
    }

    [Fact]
    public async Task A_topic_can_be_set_together_with_both()
    {
        var room = await _server.NewRoom();
        Assert.Equal("done", (await Patch(room, new { topic = "done", archived = true })).Text("topic"));
        Assert.Equal("again", (await Patch(room, new { topic = "again", archived = false })).Text("topic"));
    }

    private Task<JsonElement> Archive(string room, TestServer? server = null) => Answer((server ?? _server).Http.DeleteAsync($"/api/rooms/{room}?username=ann", Cancel));

    private Task<JsonElement> Patch(string room, object body, TestServer? server = null) => Answer((server ?? _server).Http.PatchAsJsonAsync($"/api/rooms/{room}", body, Cancel));

    private static async Task<JsonElement> Answer(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    private static async Task<string[]> Names(string path, TestServer server) =>
        [.. (await server.Http.GetFromJsonAsync<JsonElement>(path, Cancel)).EnumerateArray().Select(room => room.Text("name")!)];

    private static async Task<string> CodeOfPost(string room, TestServer server)
    {
        using var answer = await server.Http.PostAsJsonAsync($"/api/rooms/{room}/messages", new { username = "ann", content = "hi" }, Cancel);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).Text("code")!;
    }
}
