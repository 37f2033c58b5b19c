using System.Net.Http.Json;
using System.Text.Json;
using Confab.Client;
using Confab.Protocol;
using Confab.Tests.Client;
using Confab.Tests.Support;

namespace Confab.Tests.Messages;

/// <summary>The HTML of a message from the one who says it to everybody who sees it, now or later.</summary>
public class HtmlOnTheWireTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Uri Chat => new($"ws://127.0.0.1:{shared.Server.Address.Port}/chat");

    [Fact]
    public async Task A_message_brings_its_html_an_edit_another_a_deletion_none()
    {
        var room = await shared.Server.NewRoom();
        await using var ann = new ConfabClient(Chat, new ConfabClientOptions { Username = "ann" });
        await ann.ConnectAsync(Cancel);
        var heard = new Listener(ann);
        await ann.JoinAsync(room, cancellationToken: Cancel);

        var said = await ann.PostAsync(room, "**one**", cancellationToken: Cancel);
        Assert.Equal("<p><strong>one</strong></p>", (await heard.Frame<MessageFrame>()).Data.Html);
        var edit = await ann.EditAsync(room, said, "~~one~~", cancellationToken: Cancel);
        Assert.Equal("<p><del>one</del></p>", (await heard.Frame<EditedFrame>(e => e.Seq == edit)).Data.Html);
        await ann.ReactAsync(room, said, "👍", cancellationToken: Cancel);
        Assert.Equal("<p><del>one</del></p>", (await heard.Frame<ReactedFrame>()).Data.Html);
        Assert.Equal("<p><del>one</del></p>", Assert.Single((await Joined(room, history: 10)).Messages!).Html);

        var plain = await ann.EditAsync(room, said, "one", cancellationToken: Cancel);
        Assert.Null((await heard.Frame<EditedFrame>(e => e.Seq == plain)).Data.Html);
        var again = await ann.EditAsync(room, said, "`one`", cancellationToken: Cancel);
        Assert.Equal("<p><code>one</code></p>", (await heard.Frame<EditedFrame>(e => e.Seq == again)).Data.Html);
        await ann.DeleteAsync(room, said, cancellationToken: Cancel);
        Assert.Null((await heard.Frame<DeletedFrame>()).Data.Html);
        Assert.Null(Assert.Single((await Joined(room, history: 10)).Messages!).Html);
    }

    [Fact]
    public async Task Plain_words_cost_no_byte()
    {
        var room = await shared.Server.NewRoom();
        await using var ann = await shared.Server.Open();
        await ann.Join(room, "ann");
        await ann.SendJson(new { type = "message", room, content = "Hello, Bob. Tea at 10:30?\nWith biscuits!" });
        var heard = await ann.NextOf("message");
        Assert.Equal(["id", "room", "username", "content", "timestamp"], heard.GetProperty("data").EnumerateObject().Select(p => p.Name));
        await ann.SendJson(new { type = "message", room, content = "*Hello*" });
        heard = await ann.NextOf("message");
        Assert.Equal(["id", "room", "username", "content", "html", "timestamp"], heard.GetProperty("data").EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task What_is_posted_over_HTTP_has_its_html_and_a_repeat_the_same()
    {
        var room = await shared.Server.NewRoom();
        for (var i = 0; i < 2; i++)
        {
            using var ask = new HttpRequestMessage(HttpMethod.Post, $"/api/rooms/{room}/messages") { Content = JsonContent.Create(new { username = "ann", content = "# *hi*" }) };
            ask.Headers.Add("Idempotency-Key", "once");
            using var answer = await shared.Server.Http.SendAsync(ask, Cancel);
            Assert.Equal("<p><strong><em>hi</em></strong></p>", (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).Text("html"));
        }

        var page = await shared.Server.Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room}/messages", Cancel);
        Assert.Equal("<p><strong><em>hi</em></strong></p>", Assert.Single(page.EnumerateArray()).Text("html"));
        Assert.Equal("<p><strong><em>hi</em></strong></p>", (await shared.Server.Room(room)).GetProperty("last_message").Text("html"));
    }

    [Fact]
    public async Task The_longest_frames_arrive_whole_from_the_tail_and_from_the_log()
    {
        // Every byte of the content is six in JSON, and the HTML is longer still: more than a room's tail keeps.
        var room = await shared.Server.NewRoom();
        await using var ann = new ConfabClient(Chat, new ConfabClientOptions { Username = "ann" });
        await ann.ConnectAsync(Cancel);
        var heard = new Listener(ann);
        await ann.JoinAsync(room, cancellationToken: Cancel);
        var contents = Enumerable.Range(0, 6).Select(i => $"`{i}` " + new string(i % 2 == 0 ? '\u0001' : '&', i % 2 == 0 ? 8_000 : 12_000)).ToList();
        foreach (var content in contents)
            await ann.PostAsync(room, content, cancellationToken: Cancel);
        await heard.Frame<MessageFrame>(m => m.Seq == contents.Count);
        AssertWhole(heard.Log.Cast<MessageFrame>().Select(m => m.Data));

        await using var late = new ConfabClient(Chat);
        var epoch = (await late.ConnectAsync(Cancel)).Epoch;
        var caughtUp = new Listener(late);
        await late.JoinAsync(room, new JoinOptions { After = 0, Epoch = epoch }, Cancel);
        await caughtUp.Frame<MessageFrame>(m => m.Seq == contents.Count);
        AssertWhole(caughtUp.Log.Cast<MessageFrame>().Select(m => m.Data));

        void AssertWhole(IEnumerable<MessageData> messages)
        {
            var all = messages.ToList();
            Assert.Equal(contents, all.Select(m => m.Content));
            Assert.All(all, m => Assert.Equal(HtmlOracle.Render(m.Content), m.Html));
            Assert.All(all, m => Assert.StartsWith("<p><code>", m.Html, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_restart_keeps_it()
    {
        await using var server = await RestartableServer.Start();
        using var answer = await server.Http.PostAsJsonAsync("/api/rooms/general/messages", new { username = "ann", content = "- a\n- b" }, Cancel);
        await server.Stop();
        await server.StartAgain();
        Assert.Equal("<ul><li>a</li><li>b</li></ul>", Assert.Single(await server.Messages()).Html);
    }

    private async Task<JoinedFrame> Joined(string room, int history)
    {
        await using var client = new ConfabClient(Chat);
        await client.ConnectAsync(Cancel);
        return await client.JoinAsync(room, new JoinOptions { History = history }, Cancel);
    }
}
