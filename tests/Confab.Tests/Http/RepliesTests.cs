using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Page;
using Confab.Tests.Support;

namespace Confab.Tests.Http;

/// <summary>What answers a message: page by page, and counted with the message.</summary>
public sealed class RepliesTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Links_lead_through_all_replies_in_order()
    {
        var room = await _server.NewRoom();
        await Post(room, "question");
        await Post(room, "something else");
        var replies = new List<long>();
        for (var i = 1; i <= 7; i++)
            replies.Add(await Post(room, $"answer {i}", replyTo: 1));
        await Post(room, "about that", replyTo: 2);

        var found = new List<long>();
        var pages = 0;
        for (var url = $"/api/rooms/{room}/messages/1/replies?limit=3"; url is not null; pages++)
        {
            using var page = await _server.Http.GetAsync(url, Cancel);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            var messages = await page.Content.ReadFromJsonAsync<JsonElement[]>(Cancel) ?? [];
            found.AddRange(messages.Select(message => message.Number("id")));
            Assert.All(messages, message => Assert.Equal(1, message.Number("reply_to")));
            url = page.Headers.TryGetValues("Link", out var links) ? links.Single().Split('>')[0].TrimStart('<') : null;
        }

        Assert.Equal(3, pages);
        Assert.Equal(replies, found);
        Assert.Equal(replies[5..], await Ids($"/api/rooms/{room}/messages/1/replies?after={replies[4]}"));
        Assert.Empty(await Ids($"/api/rooms/{room}/messages/{replies[0]}/replies"));
    }

    [Fact]
    public async Task Replies_come_as_many_as_fit_and_links_lead_through_the_rest()
    {
        var room = await _server.NewRoom();
        await Post(room, "question");
        var replies = new List<long>();
        for (var i = 1; i <= 40; i++)
            replies.Add(await Post(room, Scene.Large(i), replyTo: 1));

        var found = new List<long>();
        for (var url = $"/api/rooms/{room}/messages/1/replies?limit=200"; url is not null;)
        {
            using var page = await _server.Http.GetAsync(url, Cancel);
            Assert.InRange((await page.Content.ReadAsByteArrayAsync(Cancel)).Length, 2, Scene.PageBytes);
            found.AddRange((await page.Content.ReadFromJsonAsync<JsonElement[]>(Cancel))!.Select(message => message.Number("id")));
            url = page.Headers.TryGetValues("Link", out var links) ? links.Single().Split('>')[0].TrimStart('<') : null;
        }

        Assert.Equal(replies, found);
    }

    [Fact]
    public async Task A_message_that_is_read_says_how_many_answer_it_and_no_event_does()
    {
        var room = await _server.NewRoom();
        await using var ann = await _server.Open();
        await ann.Join(room, "ann");
        await Post(room, "question");
        await Post(room, "one", replyTo: 1);
        await Post(room, "two", replyTo: 1);
        await ann.Request("delete", $$"""{"type":"delete","id":"delete","room":"{{room}}","message":3}""");
        await ann.Request("edit", $$"""{"type":"edit","id":"edit","room":"{{room}}","message":1,"content":"question?"}""");
        Assert.False((await ann.NextOf("edited")).GetProperty("data").TryGetProperty("replies", out _));

        // The deleted one keeps its place, here too.
        Assert.Equal([2, 3], await Ids($"/api/rooms/{room}/messages/1/replies"));
        var one = await _server.Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room}/messages/1", Cancel);
        var page = await _server.Http.GetFromJsonAsync<JsonElement[]>($"/api/rooms/{room}/messages", Cancel);
        await using var bob = await _server.Open();
        await bob.SendJson(new { type = "join", room, history = 10 });
        var history = (await bob.NextOf("joined")).GetProperty("messages");
        foreach (var message in new[] { one, page![0], history[0] })
        {
            var replies = message.GetProperty("replies");
            Assert.Equal([2, 3], new[] { replies.Number("count"), replies.Number("last") });
            Assert.Equal(page[2].Text("timestamp"), replies.Text("timestamp"));
            Assert.Equal("""["ann"]""", replies.GetProperty("usernames").GetRawText());
        }

        Assert.False(page[1].TryGetProperty("replies", out _));
    }

    [Fact]
    public async Task Of_those_who_answered_three_are_named_the_latest_first_each_once()
    {
        var room = await _server.NewRoom();
        await Scene.Post(_server.Http, "ann", "question", room);
        foreach (var name in new[] { "eve", "dan", "cat", "bob", "dan", "\"x\" \\ ü", "dan" })
            await Scene.Post(_server.Http, name, "answer", room, replyTo: 1);
        var message = await _server.Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room}/messages/1", Cancel);
        Assert.Equal(["dan", "\"x\" \\ ü", "bob"], message.GetProperty("replies").GetProperty("usernames").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task Replies_to_what_is_not_there_are_not_found()
    {
        var room = await _server.NewRoom();
        await Post(room, "hi");
        await Problem.Is(await _server.Http.GetAsync($"/api/rooms/{room}/messages/2/replies", Cancel), HttpStatusCode.NotFound, "not_found");
        await Problem.Is(await _server.Http.GetAsync("/api/rooms/nowhere/messages/1/replies", Cancel), HttpStatusCode.NotFound, "not_found");
        foreach (var query in new[] { "limit=0", "limit=201", "after=-1", "after=x" })
            await Problem.Is(await _server.Http.GetAsync($"/api/rooms/{room}/messages/1/replies?{query}", Cancel), HttpStatusCode.BadRequest, "bad_request");
    }

    private Task<long> Post(string room, string content, long? replyTo = null) => Scene.Post(_server.Http, "ann", content, room, replyTo);

    private async Task<IEnumerable<long>> Ids(string url) => (await _server.Http.GetFromJsonAsync<JsonElement[]>(url, Cancel))!.Select(message => message.Number("id"));
}
