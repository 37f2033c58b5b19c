using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>Names and contents: names are refused or normalised, contents stay as they are to the byte, and neither gets into a log.</summary>
public sealed class HostileTextTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    public static TheoryData<string> NoNames { get; } =
    [
        "", " ", "\t", "\u00a0", "\u2003", "\n", "a\0b", "\0", "a\u0007", "a\u001b[31mb", "a\u007fb", "a\u0085b", "a\u009b31mb", "a\nb", "a\rb", "a\u2028b", "a\u2029b",
        "a\u061cb", "a\u200eb", "a\u200fb", "a\u202ab", "a\u202bb", "a\u202cb", "a\u202db", "a\u202eb", "a\u2066b", "a\u2067b", "a\u2068b", "a\u2069b",
        "\u200b", "\ufeff", "\u2060", "\ufffd", "\u200d", "\ud83c\udff4\u200e\udb40\udc61", "\udb40\udc61\udb40\udd00", "\u3164", "\u2800", "\u00ad\u180e", "\u115f\u1160", "\u0301", "\ufe0f", "a\ufffeb",
    ];

    /// <summary>What is stored byte by byte, and must come back so.</summary>
    public static TheoryData<string> Contents { get; } =
    [
        "plain", " leading and trailing ", "tab\tand\nline\r\nbreaks", "\u001b[31mred\u001b[0m", "\u0001\u0002\u0007\b\f\u007f", "\u0085\u009b31m\u2028\u2029",
        "\u202egnisrever\u202c \u2066x\u2069 \u200e\u200f\u061c", "\ufeffbom\ufeff", "e\u0301 is not \u00e9", "\u212b \ufb01", "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 \ud83c\udff3\ufe0f\u200d\ud83c\udf08",
        "<script>alert(1)</script><img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "'; DROP TABLE messages; --", "\" OR 1=1 --", "\\u0041 \\n \\\\ \\\"", "{\"type\":\"message\",\"seq\":1}",
        "%00%0d%0a ${jndi:ldap://x} {{7*7}} $(id) `id`", "\uffff\ufffe\ufdd0", "\u0430\u0440\u0440\u04cf\u0435", "\ufffd",
    ];

    [Theory]
    [MemberData(nameof(NoNames))]
    public async Task A_name_that_hides_or_breaks_something_is_refused_everywhere(string name)
    {
        await using var socket = await _server.Open();
        var room = await _server.NewRoom();
        foreach (var frame in new object[]
        {
            new { type = "join", id = "x", room, username = name },
            new { type = "message", id = "x", room, username = name, content = "x" },
        })
        {
            await socket.SendJson(frame);
            Assert.Equal("bad_request", (await socket.NextWithId("x")).Text("code"));
            await socket.Answers();
        }

        using var posted = await _server.Http.PostAsJsonAsync($"/api/rooms/{room}/messages", new { username = name, content = "x" }, TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)posted.StatusCode);
        using var created = await _server.Http.PostAsJsonAsync("/api/rooms", new { name }, TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)created.StatusCode);
        Assert.Equal(0, (await _server.Room(room)).Number("head"));
    }

    [Fact]
    public async Task A_name_of_64_characters_is_the_longest()
    {
        var room = await _server.NewRoom();
        await using var socket = await _server.Open();
        Assert.Equal("joined", (await socket.Join(room, new string('n', 64))).TypeOf());
        Assert.Equal("bad_request", (await socket.Join(room, new string('n', 65))).Text("code"));
        Assert.Equal("bad_request", (await socket.Join(room, new string('n', 20_000))).Text("code"));
        Assert.Equal("joined", (await socket.Join(room, $"  {new string('\u00e9', 64)}  ")).TypeOf());
        Assert.Equal("bad_request", (await socket.Join(room, new string('\u00e9', 65))).Text("code"));
    }

    [Theory]
    [InlineData("  ann  ", "ann")]
    [InlineData("\u00a0ann\u2003", "ann")]
    [InlineData("\t ann \n", "ann")]
    [InlineData("Jose\u0301", "Jos\u00e9")]
    [InlineData("\u1100\u1161\u11a8", "\uac01")]
    [InlineData("\u212bngstr\u00f6m", "\u00c5ngstr\u00f6m")]
    [InlineData("\ud83d\ude00", "\ud83d\ude00")]
    public async Task A_name_is_trimmed_and_composed(string said, string stored)
    {
        var room = await _server.NewRoom();
        await using var socket = await _server.Open();
        await socket.Join(room, said);
        await socket.SendJson(new { type = "message", room, content = "x" });
        Assert.Equal(stored, (await socket.NextOf("message")).GetProperty("data").Text("username"));
    }

    [Fact]
    public async Task Two_spellings_of_a_name_are_one_person()
    {
        var room = await _server.NewRoom();
        await using var one = await _server.Open();
        await using var other = await _server.Open();
        Assert.Equal(1, (await one.Join(room, "Jos\u00e9")).Number("count"));
        Assert.Equal(1, (await other.Join(room, " Jose\u0301 ")).Number("count"));
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task Content_comes_back_to_the_byte_on_every_way_out(string content)
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await neighbours.LetMalloryIn();
        await mallory.SendJson(new { type = "message", id = "m", room = neighbours.Room, content });
        var seq = (await mallory.NextWithId("m")).Number("seq");

        Assert.Equal(content, (await neighbours.Ann.NextOf("message")).GetProperty("data").Text("content"));
        var stored = await _server.Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{neighbours.Room}/messages/{seq}", TestContext.Current.CancellationToken);
        Assert.Equal(content, stored.Text("content"));
        await using var late = await _server.Open();
        await late.SendJson(new { type = "join", room = neighbours.Room, history = 1 });
        Assert.Equal(content, (await late.NextOf("joined")).GetProperty("messages")[0].Text("content"));
        await late.SendJson(new { type = "join", room = neighbours.Room, after = 0 });
        Assert.Equal(content, (await late.NextOf("message")).GetProperty("data").Text("content"));

        Assert.DoesNotContain(_server.Log.All, line => line.Contains(content, StringComparison.Ordinal));
        await neighbours.AreUndisturbed();
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" ", "empty")]
    [InlineData("\t\r\n \u00a0\u2003\u3000", "empty")]
    [InlineData("a\0b", "bad_request")]
    public async Task Content_that_says_nothing_or_holds_NUL_is_refused(string content, string code)
    {
        var room = await _server.NewRoom();
        await using var socket = await _server.Open();
        await socket.SendJson(new { type = "message", id = "m", room, username = "ann", content });
        Assert.Equal(code, (await socket.NextWithId("m")).Text("code"));
        Assert.Equal(0, (await _server.Room(room)).Number("head"));
    }

    [Theory]
    [InlineData("x", 16_384)]
    [InlineData("\u00e9", 8_192)]
    [InlineData("\u20ac", 5_461)]
    [InlineData("\ud83d\ude00", 4_096)]
    public async Task Content_is_measured_in_bytes(string character, int most)
    {
        var room = await _server.NewRoom();
        await using var socket = await _server.Open();
        await socket.Join(room, "ann");
        var longest = string.Concat(Enumerable.Repeat(character, most));
        Assert.InRange(Encoding.UTF8.GetByteCount(longest), 16_382, 16_384);
        await socket.SendJson(new { type = "message", id = "longest", room, content = longest });
        Assert.Equal(1, (await socket.NextWithId("longest")).Number("seq"));
        Assert.Equal(longest, (await socket.NextOf("message")).GetProperty("data").Text("content"));
        await socket.SendJson(new { type = "message", id = "longer", room, content = longest + character });
        Assert.Equal("too_long", (await socket.NextWithId("longer")).Text("code"));
    }

    [Fact]
    public async Task Escapes_are_measured_by_what_they_mean()
    {
        var room = await _server.NewRoom();
        await using var socket = await _server.Open();
        await socket.Join(room, "ann");
        var escapes = string.Concat(Enumerable.Repeat("\\u0041", 10_000));
        await socket.SendJson($$"""{"type":"message","id":"m","room":"{{room}}","content":"{{escapes}}"}""");
        Assert.Equal(1, (await socket.NextWithId("m")).Number("seq"));
        Assert.Equal(new string('A', 10_000), (await socket.NextOf("message")).GetProperty("data").Text("content"));
    }

    [Fact]
    public async Task What_only_the_server_may_say_is_overwritten()
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await neighbours.LetMalloryIn();
        await mallory.SendJson($$$"""
            {"type":"message","id":"m","room":"{{{neighbours.Room}}}","content":"mine","seq":999,"timestamp":"1999-01-01T00:00:00Z","edited_at":"1999-01-01T00:00:00Z",
             "deleted":true,"reactions":[{"emoji":"x","count":9,"usernames":["ann"]}],"data":{"id":7,"username":"ann"}}
            """);
        Assert.Equal(1, (await mallory.NextWithId("m")).Number("seq"));
        var message = await neighbours.Ann.NextOf("message");
        Assert.Equal(1, message.Number("seq"));
        var data = message.GetProperty("data");
        Assert.Equal(1, data.Number("id"));
        Assert.Equal("mallory", data.Text("username"));
        Assert.Equal("mine", data.Text("content"));
        Assert.DoesNotContain("1999", data.Text("timestamp")!, StringComparison.Ordinal);
        Assert.Equal(["id", "room", "username", "content", "timestamp"], data.EnumerateObject().Select(p => p.Name));
        await neighbours.AreUndisturbed();
    }

    [Fact]
    public async Task Nobody_edits_or_deletes_what_another_wrote()
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        await neighbours.AreUndisturbed();
        await using var mallory = await neighbours.LetMalloryIn();
        foreach (var type in new[] { "edit", "delete" })
        {
            await mallory.SendJson(new { type, id = type, room = neighbours.Room, message = 1, content = "forged" });
            Assert.Equal("forbidden", (await mallory.NextWithId(type)).Text("code"));
        }

        await mallory.SendJson(new { type = "edit", id = "none", room = neighbours.Room, message = 77, content = "x" });
        Assert.Equal("not_found", (await mallory.NextWithId("none")).Text("code"));
        Assert.Equal(1, (await _server.Room(neighbours.Room)).Number("head"));
        await neighbours.AreUndisturbed();
    }
}
