using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Http;

public sealed class RoomsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_server_has_its_three_rooms()
    {
        await using var server = await TestServer.Start();
        var rooms = await server.Http.GetFromJsonAsync<JsonElement>("/api/rooms", Cancel);
        Assert.Equal(["general", "random", "tech"], rooms.EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        var general = rooms[0];
        Assert.Equal("", general.GetProperty("topic").GetString());
        Assert.Equal(0, general.GetProperty("head").GetInt64());
        Assert.Equal(0, general.GetProperty("present").GetInt32());
        Assert.Equal(JsonValueKind.Null, general.GetProperty("last_message").ValueKind);
    }

    [Fact]
    public async Task A_room_tells_its_head_its_people_and_its_last_message()
    {
        var room = await _server.NewRoom();
        await using var ann = await _server.Open();
        await ann.SendJson(new { type = "join", room, username = "ann" });
        await ann.NextOf("joined");
        await ann.SendJson(new { type = "message", room, content = "first", id = "1" });
        await ann.SendJson(new { type = "message", room, content = "last", id = "2" });
        await ann.NextOf("ack");
        await ann.NextOf("ack");

        var told = await _server.Room(room);
        Assert.Equal(2, told.GetProperty("head").GetInt64());
        Assert.Equal(1, told.GetProperty("present").GetInt32());
        Assert.Equal("last", told.GetProperty("last_message").GetProperty("content").GetString());
        Assert.Equal(2, told.GetProperty("last_message").GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task A_room_is_created_once()
    {
        var name = $"Größe-{Guid.NewGuid():N}";
        using var created = await _server.Http.PostAsJsonAsync("/api/rooms", new { name = $"  {name.Normalize(NormalizationForm.FormD)} ", topic = "sizes" }, Cancel);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var room = await created.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal(name, room.GetProperty("name").GetString());
        Assert.Equal("sizes", room.GetProperty("topic").GetString());
        var again = await _server.Http.GetFromJsonAsync<JsonElement>(created.Headers.Location, Cancel);
        Assert.Equal(name, again.GetProperty("name").GetString());

        using var second = await _server.Http.PostAsJsonAsync("/api/rooms", new { name }, Cancel);
        await Problem.Is(second, HttpStatusCode.Conflict, "conflict");
    }

    [Fact]
    public async Task There_are_as_many_rooms_as_there_may_be_also_when_all_are_created_at_once()
    {
        await using var server = await TestServer.Start("--Confab:MaxRooms=5");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => server.Http.PostAsJsonAsync("/api/rooms", new { name = $"r{i}" }, Cancel)));
        Assert.Equal(2, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            await Problem.Is(refused, HttpStatusCode.Forbidden, "forbidden");
        await Problem.Is(await server.Http.PostAsJsonAsync("/api/rooms", new { name = "general" }, Cancel), HttpStatusCode.Conflict, "conflict");
        Assert.Equal(5, (await server.Http.GetFromJsonAsync<JsonElement>("/api/rooms", Cancel)).GetArrayLength());
    }

    [Fact]
    public async Task The_list_is_whole_and_in_order_however_many_there_are()
    {
        await using var server = await TestServer.Start();
        var names = Enumerable.Range(0, 50).Select(i => $"r{i}").ToArray();
        foreach (var name in names)
            await server.Http.PostAsJsonAsync("/api/rooms", new { name }, Cancel);
        var rooms = await server.Http.GetFromJsonAsync<JsonElement>("/api/rooms", Cancel);
        Assert.Equal(["general", "random", "tech", .. names], rooms.EnumerateArray().Select(r => r.GetProperty("name").GetString()!));
    }

    [Theory]
    [InlineData("""{"name":""}""", "bad_request")]
    [InlineData("""{"name":"   "}""", "bad_request")]
    [InlineData("""{"name":"a\u0000b"}""", "bad_request")]
    [InlineData("""{"name":"a\u202Eb"}""", "bad_request")]
    [InlineData("""{"name":"a/b"}""", "bad_request")]
    [InlineData("""{"name":"/"}""", "bad_request")]
    [InlineData("""{"name":"."}""", "bad_request")]
    [InlineData("""{"name":" .. "}""", "bad_request")]
    [InlineData("""{"topic":"no name"}""", "bad_request")]
    [InlineData("""{"name":{"$ne":null}}""", "bad_request")]
    [InlineData("""{"name":"a","name":"b"}""", "bad_request")]
    [InlineData("""{"name":"a""", "bad_request")]
    [InlineData("""{"name":"fine","topic":"a\nb"}""", "bad_request")]
    public async Task A_room_that_cannot_be_is_refused(string body, string code)
    {
        using var answer = await _server.Http.PostAsync("/api/rooms", Body(body), Cancel);
        await Problem.Is(answer, HttpStatusCode.BadRequest, code);
    }

    [Theory]
    [InlineData("a%2Fb")]
    [InlineData("c%2fd")]
    [InlineData("a%252Fb")]
    [InlineData("..a")]
    [InlineData("...")]
    [InlineData("100%")]
    [InlineData("a\\b")]
    [InlineData("a?b#c&d=e+f")]
    [InlineData("a;b:c@d")]
    public async Task A_room_is_found_where_its_location_says_whatever_its_name(string name)
    {
        using var created = await _server.Http.PostAsJsonAsync("/api/rooms", new { name }, Cancel);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var room = await _server.Http.GetFromJsonAsync<JsonElement>(created.Headers.Location, Cancel);
        Assert.Equal(name, room.GetProperty("name").GetString());
        using var posted = await _server.Http.PostAsJsonAsync($"{created.Headers.Location}/messages", new { username = "ann", content = "here" }, Cancel);
        var message = await _server.Http.GetFromJsonAsync<JsonElement>(posted.Headers.Location, Cancel);
        Assert.Equal(name, message.GetProperty("room").GetString());
    }

    [Fact]
    public async Task A_name_or_topic_that_is_too_long_is_refused()
    {
        using var name = await _server.Http.PostAsJsonAsync("/api/rooms", new { name = new string('x', 65) }, Cancel);
        await Problem.Is(name, HttpStatusCode.BadRequest, "bad_request");
        using var topic = await _server.Http.PostAsJsonAsync("/api/rooms", new { name = "fine", topic = new string('x', 251) }, Cancel);
        await Problem.Is(topic, HttpStatusCode.RequestEntityTooLarge, "too_long");
    }

    [Fact]
    public async Task A_topic_changes_with_a_number_and_everybody_hears_of_it()
    {
        var room = await _server.NewRoom();
        await using var ann = await _server.Open();
        await ann.SendJson(new { type = "join", room, username = "ann" });
        await ann.NextOf("joined");

        using var answer = await _server.Http.PatchAsJsonAsync($"/api/rooms/{room}", new { topic = "what we do", username = "bob" }, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var heard = await ann.NextOf("room_changed");
        Assert.Equal(1, heard.GetProperty("seq").GetInt64());
        Assert.Equal("what we do", heard.GetProperty("data").GetProperty("topic").GetString());
        Assert.Equal("what we do", (await _server.Room(room)).GetProperty("topic").GetString());

        await using var late = await _server.Open();
        await late.SendJson(new { type = "join", room, after = 0 });
        Assert.Equal(1, (await late.NextOf("room_changed")).GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task A_room_that_is_not_there_is_not_found()
    {
        await Problem.Is(await _server.Http.GetAsync("/api/rooms/nowhere", Cancel), HttpStatusCode.NotFound, "not_found");
        await Problem.Is(await _server.Http.PatchAsJsonAsync("/api/rooms/nowhere", new { topic = "x" }, Cancel), HttpStatusCode.NotFound, "not_found");
        await Problem.Is(await _server.Http.GetAsync("/nowhere", Cancel), HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Rooms_outlive_the_server()
    {
        var data = Directory.CreateTempSubdirectory("confab-test-");
        await using (var first = await TestServer.Start($"--data={data.FullName}"))
            await first.Http.PostAsJsonAsync("/api/rooms", new { name = "kept", topic = "for ever" }, Cancel);
        await using (var second = await TestServer.Start($"--data={data.FullName}"))
            Assert.Equal("for ever", (await second.Room("kept")).GetProperty("topic").GetString());
        data.Delete(recursive: true);
    }

    private static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");
}
