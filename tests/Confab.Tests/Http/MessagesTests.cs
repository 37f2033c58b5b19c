using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Page;
using Confab.Tests.Support;

namespace Confab.Tests.Http;

public sealed class MessagesTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_posted_message_is_stored_and_heard()
    {
        var room = await _server.NewRoom();
        await using var ann = await _server.Open();
        await ann.SendJson(new { type = "join", room });
        await ann.NextOf("joined");

        using var posted = await Post(room, new { username = "bob", content = "hé <b>\u0001" });
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        var message = await posted.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        var heard = await ann.NextOf("message");
        Assert.Equal(message.GetRawText(), heard.GetProperty("data").GetRawText());
        Assert.Equal("hé <b>\u0001", message.GetProperty("content").GetString());

        var again = await _server.Http.GetStringAsync(posted.Headers.Location, Cancel);
        Assert.Equal(message.GetRawText(), again);
    }

    [Fact]
    public async Task The_newest_fifty_come_when_nothing_is_asked()
    {
        var room = await Filled(60);
        using var answer = await _server.Http.GetAsync($"/api/rooms/{room}/messages", Cancel);
        Assert.Equal(Enumerable.Range(11, 50).Select(i => (long)i), await Ids(answer));
        Assert.Contains("before=11>; rel=\"prev\"", Link(answer));
        Assert.DoesNotContain("rel=\"next\"", Link(answer));
    }

    [Fact]
    public async Task Links_lead_through_all_messages_both_ways()
    {
        var room = await Filled(25);
        var older = new List<long>();
        for (var url = $"/api/rooms/{room}/messages?limit=10"; url is not null;)
        {
            using var page = await _server.Http.GetAsync(url, Cancel);
            older.InsertRange(0, await Ids(page));
            url = Next(page, "prev");
        }

        Assert.Equal(Enumerable.Range(1, 25).Select(i => (long)i), older);

        var newer = new List<long>();
        for (var url = $"/api/rooms/{room}/messages?after=0&limit=10"; url is not null;)
        {
            using var page = await _server.Http.GetAsync(url, Cancel);
            newer.AddRange(await Ids(page));
            url = Next(page, "next");
        }

        Assert.Equal(older, newer);
    }

    [Fact]
    public async Task A_page_holds_as_much_as_fits_and_links_lead_through_the_rest_both_ways()
    {
        var room = await _server.NewRoom();
        for (var i = 1; i <= 200; i++)
            (await Post(room, new { username = "ann", content = Scene.Large(i) })).Dispose();

        var older = new List<long>();
        for (var url = $"/api/rooms/{room}/messages?limit=200"; url is not null;)
        {
            using var page = await _server.Http.GetAsync(url, Cancel);
            older.InsertRange(0, await LargeIds(page));
            url = Next(page, "prev");
        }

        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), older);

        var newer = new List<long>();
        for (var url = $"/api/rooms/{room}/messages?after=0&limit=200"; url is not null;)
        {
            using var page = await _server.Http.GetAsync(url, Cancel);
            newer.AddRange(await LargeIds(page));
            url = Next(page, "next");
        }

        Assert.Equal(older, newer);

        async Task<long[]> LargeIds(HttpResponseMessage page)
        {
            Assert.InRange((await page.Content.ReadAsByteArrayAsync(Cancel)).Length, 2, Scene.PageBytes);
            var ids = await Ids(page);
            Assert.NotEmpty(ids);
            return ids;
        }
    }

    [Fact]
    public async Task A_page_lies_between_after_and_before()
    {
        var room = await Filled(10);
        using var between = await _server.Http.GetAsync($"/api/rooms/{room}/messages?after=3&before=7", Cancel);
        Assert.Equal((long[])[4, 5, 6], await Ids(between));
        using var before = await _server.Http.GetAsync($"/api/rooms/{room}/messages?before=4&limit=2", Cancel);
        Assert.Equal((long[])[2, 3], await Ids(before));
        using var beyond = await _server.Http.GetAsync($"/api/rooms/{room}/messages?after=99", Cancel);
        Assert.Empty(await Ids(beyond));
    }

    [Fact]
    public async Task An_idempotency_key_stores_once()
    {
        var room = await _server.NewRoom();
        using var first = await Post(room, new { username = "ann", content = "once" }, "key-1");
        using var second = await Post(room, new { username = "ann", content = "once" }, "key-1");
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(Cancel), await second.Content.ReadAsStringAsync(Cancel));
        await Problem.Is(await Post(room, new { username = "ann", content = "other" }, "key-1"), HttpStatusCode.Conflict, "conflict");
        using var else_ = await Post(room, new { username = "bob", content = "once" }, "key-1");
        Assert.Equal(HttpStatusCode.Created, else_.StatusCode);
        Assert.Equal(2, (await _server.Room(room)).GetProperty("head").GetInt64());
    }

    [Fact]
    public async Task A_reply_needs_its_message()
    {
        var room = await _server.NewRoom();
        await Problem.Is(await Post(room, new { username = "ann", content = "to what?", reply_to = 1 }), HttpStatusCode.NotFound, "not_found");
        using var first = await Post(room, new { username = "ann", content = "this" });
        using var reply = await Post(room, new { username = "ann", content = "to this", reply_to = 1 });
        Assert.Equal(1, (await reply.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("reply_to").GetInt64());
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=201")]
    [InlineData("?limit=-1")]
    [InlineData("?limit=x")]
    [InlineData("?before=-1")]
    [InlineData("?after=99999999999999999999")]
    public async Task A_page_that_makes_no_sense_is_refused(string query) =>
        await Problem.Is(await _server.Http.GetAsync($"/api/rooms/general/messages{query}", Cancel), HttpStatusCode.BadRequest, "bad_request");

    [Fact]
    public async Task A_message_that_cannot_be_is_refused_and_not_stored()
    {
        var room = await _server.NewRoom();
        await Problem.Is(await Post(room, new { username = "ann", content = " \n\t" }), HttpStatusCode.BadRequest, "empty");
        await Problem.Is(await Post(room, new { username = "ann" }), HttpStatusCode.BadRequest, "empty");
        await Problem.Is(await Post(room, new { content = "who?" }), HttpStatusCode.BadRequest, "bad_request");
        await Problem.Is(await Post(room, new { username = "ann", content = "a\0b" }), HttpStatusCode.BadRequest, "bad_request");
        await Problem.Is(await Post(room, new { username = "ann", content = new string('x', 16_385) }), HttpStatusCode.RequestEntityTooLarge, "too_long");
        await Problem.Is(await Post("nowhere", new { username = "ann", content = "hi" }), HttpStatusCode.NotFound, "not_found");
        await Problem.Is(await _server.Http.GetAsync($"/api/rooms/{room}/messages/1", Cancel), HttpStatusCode.NotFound, "not_found");
        Assert.Equal(0, (await _server.Room(room)).GetProperty("head").GetInt64());
    }

    [Fact]
    public async Task Writes_of_one_address_are_limited()
    {
        await using var server = await TestServer.Start("--Confab:WritesPerSecondPerAddress=1");
        using var first = await server.Http.PostAsJsonAsync("/api/rooms/general/messages", new { username = "ann", content = "1" }, Cancel);
        using var second = await server.Http.PostAsJsonAsync("/api/rooms/general/messages", new { username = "ann", content = "2" }, Cancel);
        using var third = await server.Http.PostAsJsonAsync("/api/rooms/general/messages", new { username = "ann", content = "3" }, Cancel);
        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        await Problem.Is(third, HttpStatusCode.TooManyRequests, "rate_limited");
        Assert.NotNull(third.Headers.RetryAfter);
    }

    private async Task<string> Filled(int count)
    {
        var room = await _server.NewRoom();
        for (var i = 1; i <= count; i++)
            (await Post(room, new { username = "ann", content = $"message {i}" })).Dispose();
        return room;
    }

    private Task<HttpResponseMessage> Post(string room, object message, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/rooms/{room}/messages") { Content = JsonContent.Create(message) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return _server.Http.SendAsync(request, Cancel);
    }

    private static async Task<long[]> Ids(HttpResponseMessage page)
    {
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var messages = await page.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return [.. messages.EnumerateArray().Select(m => m.GetProperty("id").GetInt64())];
    }

    private static string Link(HttpResponseMessage page) => page.Headers.TryGetValues("Link", out var links) ? string.Join(", ", links) : "";

    private static string? Next(HttpResponseMessage page, string relation) =>
        Link(page).Split(", ").FirstOrDefault(link => link.EndsWith($"rel=\"{relation}\"", StringComparison.Ordinal))?.Split('>')[0].TrimStart('<');
}
