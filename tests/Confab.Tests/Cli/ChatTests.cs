using System.Net.Http.Json;
using System.Text.Json;
using Confab.Cli.Chat;
using Confab.Protocol;
using Confab.Tests.Support;

namespace Confab.Tests.Cli;

/// <summary><c>confab chat</c> against a real server: over a pipe, and in a terminal.</summary>
public sealed class ChatTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private TestServer Server => shared.Server;

    [Fact]
    public async Task Over_a_pipe_every_line_is_said_and_everything_that_happens_is_a_line()
    {
        var room = await Server.NewRoom();
        await Post(room, "bob", "before");
        using var ann = Open(room, "ann");
        Assert.EndsWith("#1 bob: before", await ann.LineWith("before"));

        await ann.Type("hello\n/topic Numbers\n/edit Hello!\n/react 👍\n");
        Assert.EndsWith("#2 ann: hello", await ann.LineWith("hello"));
        Assert.Equal("* topic: Numbers", await ann.LineWith("topic"));
        Assert.EndsWith("#2 ann (edited): Hello!", await ann.LineWith("Hello!"));
        Assert.EndsWith("#1 bob: 👍 1", await ann.LineWith("👍"));

        await using var bob = await Server.Open();
        await bob.Join(room, "bob");
        Assert.Equal("* bob is here", await ann.LineWith("is here"));
        await bob.SendJson(new { type = "message", room, content = "two\nlines", reply_to = 2 });
        Assert.EndsWith("bob to #2: two", await ann.LineWith("to #2"));
        Assert.Equal("    lines", await ann.LineWith("lines"));
        await bob.SendJson(new { type = "delete", room, message = 6 });
        Assert.EndsWith("#6 bob to #2 (deleted):", await ann.LineWith("deleted"));

        await ann.Type("/who\n");
        Assert.Equal("* 2 here: ann, bob", await ann.LineWith("2 here"));
        await ann.Type("/archive\n/unarchive\n");
        Assert.Equal("* archived", await ann.LineWith("archived"));
        Assert.Equal("* unarchived", await ann.LineWith("unarchived"));
        await ann.Type("last words");
        ann.EndInput();
        Assert.EndsWith("#10 ann: last words", await ann.LineWith("last words"));
        Assert.Equal(0, await ann.ExitCode());
    }

    [Fact]
    public async Task One_s_name_and_an_emoji_are_known_however_they_are_written()
    {
        var room = await Server.NewRoom();
        await Post(room, "bob", "before");
        using var ann = Open(room, " Ann\u00AD  Smith");
        Assert.EndsWith("#1 bob: before", await ann.LineWith("before"));
        await ann.Type("hello\n");
        Assert.EndsWith("#2 Ann Smith: hello", await ann.LineWith("hello"));
        await ann.Type("/edit Hello!\n/react \u2764\n");
        Assert.EndsWith("#2 Ann Smith (edited): Hello!", await ann.LineWith("Hello!"));
        Assert.EndsWith("#1 bob: \u2764\uFE0F 1", await ann.LineWith("\u2764"));
        await ann.Type("/react \u2764\nafter\n");
        await ann.LineWith("after");
        Assert.False((await Server.Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room}/messages/1", Cancel)).TryGetProperty("reactions", out _));
        ann.EndInput();
        Assert.Equal(0, await ann.ExitCode());
    }

    [Fact]
    public async Task Over_a_pipe_other_peoples_controls_are_inert()
    {
        var room = await Server.NewRoom();
        await Post(room, "bob", "\e[2J\e]0;title\a\r23:59 #9 ann: forged\u202e\n23:59 #9 ann: forged");
        using var ann = Open(room, "ann");
        ann.EndInput();
        var told = await ann.Rest();
        Assert.DoesNotContain('\e', told);
        Assert.DoesNotContain('\r', told);
        Assert.DoesNotContain('\u202e', told);
        Assert.DoesNotContain(told.Split('\n'), line => line.StartsWith("23:59 #9", StringComparison.Ordinal));
        Assert.Equal(0, await ann.ExitCode());
    }

    [Fact]
    public async Task Over_a_pipe_nothing_is_lost_to_a_limit()
    {
        await using var slow = await TestServer.Start("--Confab:Limits:MessagesPerSecond=100", "--Confab:Limits:MessageBurst=5");
        using var ann = new ToolProcess("chat", "general", "--name", "ann", "--url", slow.Address.ToString());
        await ann.Type(string.Concat(Enumerable.Range(1, 50).Select(i => $"line {i}\n")));
        ann.EndInput();
        var told = await ann.Rest();
        Assert.Equal(0, await ann.ExitCode());
        Assert.Equal(Enumerable.Range(1, 50).Select(i => $"#{i} ann: line {i}"), told.Split('\n').Where(l => l.Contains("ann: line")).Select(l => l[6..]));
    }

    [Fact]
    public async Task What_is_refused_is_told_and_shows_in_the_exit_code()
    {
        var room = await Server.NewRoom();
        await Post(room, "bob", "mine");
        using var ann = Open(room, "ann");
        await ann.Type("/delete #1\n/nonsense\n");
        ann.EndInput();
        Assert.Equal(1, await ann.ExitCode());
        Assert.Contains("forbidden", await ann.Error);
        Assert.Contains("/nonsense does not work like that", await ann.Error);
    }

    [Fact]
    public async Task Where_one_cannot_be_is_told_plainly()
    {
        using var lost = Open("no-such-room", "ann");
        Assert.Equal(2, await lost.ExitCode());
        Assert.Contains("The room no-such-room does not exist. Rooms: general, random, tech", await lost.Error);

        using var nowhere = new ToolProcess("chat", "general", "--url", "ws://127.0.0.1:1/chat");
        Assert.Equal(2, await nowhere.ExitCode());
        Assert.Contains("Cannot connect to ws://127.0.0.1:1/chat: Connection refused", await nowhere.Error);

        using var odd = new ToolProcess("chat", "general", "--url", "gopher://127.0.0.1");
        Assert.Equal(2, await odd.ExitCode());
        Assert.Contains("not the address of a server", await odd.Error);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PATCH")]
    public async Task Behind_a_proxy_that_answers_with_a_page_of_its_own_one_chats_all_the_same(string method)
    {
        var room = await Server.NewRoom();
        await using var proxy = await Proxy.Start(Server, request => request.Method == method || request.Method == "PATCH");
        using var ann = new ToolProcess("chat", room, "--name", "ann", "--url", proxy.Chat.ToString());
        await ann.Type("/topic Numbers\nhello\n");
        ann.EndInput();
        Assert.EndsWith("#1 ann: hello", await ann.LineWith("hello"));
        Assert.Equal(1, await ann.ExitCode());
        Assert.Contains("not from a Confab server", await ann.Error);
    }

    [Fact]
    public async Task In_a_terminal_one_writes_below_and_reads_above()
    {
        var room = await Server.NewRoom();
        await Post(room, "bob", "before \e[31mred");
        using var ann = ToolProcess.InTerminal("chat", room, "--name", "ann", "--url", Server.Address.ToString());
        var screen = await ann.Until("ann ›");
        Assert.Contains("before ␛[31mred", screen);

        await using var bob = await Server.Open();
        await bob.Join(room, "bob");
        // Written in the middle: h e o, twice left, l l.
        await ann.Type("heo\e[Dll");
        await bob.NextOf("typing");
        await bob.SendJson(new { type = "typing", room });
        await ann.Until("bob is typing…");
        await ann.Type("\r");
        Assert.Equal("hello", (await bob.NextOf("message")).GetProperty("data").Text("content"));
        await ann.Until("hello");
        await bob.SendJson(new { type = "message", room, content = "hi ann" });
        await ann.Until("hi ann");
        await ann.Type("/quit\r");
        Assert.EndsWith("\e[?1049l", (await ann.Rest()).TrimEnd());
        Assert.Equal(0, await ann.ExitCode());
    }

    [Fact]
    public async Task In_a_terminal_a_lost_connection_is_told_and_comes_back()
    {
        var data = Directory.CreateTempSubdirectory("confab-test-");
        var first = await TestServer.Start($"--data={data.FullName}", "--Confab:ReconnectSpreadMs=0");
        var port = first.Address.Port;
        using var ann = ToolProcess.InTerminal("chat", "general", "--name", "ann", "--url", first.Address.ToString());
        await ann.Until("ann ›");
        await first.DisposeAsync();
        await ann.Until("No connection");
        await ann.Type("said offline\r");
        await ann.Until("1 not sent yet");
        await using (await TestServer.Start($"--urls=http://127.0.0.1:{port}", $"--data={data.FullName}"))
        {
            await ann.Until("said offline");
            await ann.Type("\u0004");
            Assert.Equal(0, await ann.ExitCode());
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_chat_that_cannot_go_on_says_why_and_ends()
    {
        var first = await TestServer.Start("--Confab:ReconnectSpreadMs=0");
        var port = first.Address.Port;
        var room = await first.NewRoom();
        using var ann = new ToolProcess("chat", room, "--name", "ann", "--url", first.Address.ToString());
        await ann.LineWith("1 here: ann");
        await first.DisposeAsync();
        await using var another = await TestServer.Start($"--urls=http://127.0.0.1:{port}");
        Assert.Equal(2, await ann.ExitCode());
        Assert.Contains("Lost the room", await ann.Error);
    }

    [Theory]
    [InlineData("hello", typeof(Say))]
    [InlineData("//etc", typeof(Say))]
    [InlineData("/edit text", typeof(Edit))]
    [InlineData("/edit #7", typeof(Edit))]
    [InlineData("/delete #7", typeof(Delete))]
    [InlineData("/delete that", typeof(Unclear))]
    [InlineData("/react", typeof(Unclear))]
    [InlineData("/reply #7", typeof(Unclear))]
    [InlineData("/EDIT text", typeof(Unclear))]
    [InlineData("/", typeof(Unclear))]
    public void A_line_is_read_as_it_is_meant(string line, Type order) => Assert.IsType(order, Order.Of(line));

    [Fact]
    public void A_line_names_its_message_by_number()
    {
        Assert.Equal(new Edit(7, "some text"), Order.Of("/edit #7 some text"));
        Assert.Equal(new Edit(null, "#seven text"), Order.Of("/edit #seven text"));
        Assert.Equal(new React(null, "👍"), Order.Of("/react 👍"));
        Assert.Equal(new Reply(7, "yes"), Order.Of("/reply #7 yes"));
        Assert.Equal(new Say("/etc"), Order.Of("//etc"));
    }

    private ToolProcess Open(string room, string name) => new("chat", room, "--name", name, "--url", Server.Address.ToString());

    private async Task Post(string room, string username, string content)
    {
        using var answer = await Server.Http.PostAsJsonAsync($"/api/rooms/{room}/messages", new { username, content }, Cancel);
        Assert.True(answer.IsSuccessStatusCode);
    }
}
