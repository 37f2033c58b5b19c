using System.Text;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>Text frames that are not what the protocol says: each is refused with its code, and the connection and its neighbours go on.</summary>
public sealed class HostileJsonTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    public static TheoryData<string> NotJson { get; } =
    [
        " ", "{", "}", "nope", "{\"type\":\"ping\"} x", "{\"type\":\"ping\"}{\"type\":\"ping\"}", "{\"type\":\"ping\",}", "{'type':'ping'}", "{type:\"ping\"}",
        "\0", "\uFEFF{\"type\":\"ping\"}", "{\"type\":\"ping\",\"n\":NaN}", "{\"type\":\"ping\",\"n\":01}", "{\"type\":\"ping\",\"n\":+1}",
        "{\"type\":\"ping\",\"n\":1.}", "/* hello */{\"type\":\"ping\"}", "{\"type\":\"ping\"}//", "{\"type\":\"ping\",\"s\":\"a\nb\"}", "{\"type\":\"ping\",\"s\":\"a\u0001b\"}",
        "{\"type\":\"ping\",\"s\":\"\\x41\"}", "{\"type\":\"ping\",\"s\":\"\\u12\"}", "{\"type\":\"pi", "{\"type\" \"ping\"}", "{\"type\":\"message\",\"room\":\"general\",\"content\":\"\\ud800\"}",
        "{\"type\":\"message\",\"room\":\"\\udc00\\ud800\",\"content\":\"x\"}", "[1,2", "\"open", "{\"a\":{\"b\":[}", "\u00a0{\"type\":\"ping\"}",
    ];

    public static TheoryData<string> BadRequests { get; } =
    [
        "", "null", "true", "1", "\"ping\"", "[]", "[{\"type\":\"ping\"}]", "{}", "{\"id\":\"x\"}",
        "{\"type\":null}", "{\"type\":1}", "{\"type\":true}", "{\"type\":{\"$eq\":\"ping\"}}", "{\"type\":[\"ping\"]}",
        "{\"Type\":\"ping\"}", "{\"TYPE\":\"ping\"}", "{\"type \":\"ping\"}", "{\"type\\u0000\":\"ping\"}",
        "{\"type\":\"ping\",\"type\":\"ping\"}", "{\"type\":\"ping\",\"\\u0074ype\":\"leave\"}", "{\"type\":\"ping\",\"x\":1,\"x\":2}",
        "{\"type\":\"ping\",\"__proto__\":1,\"__proto__\":2}", "{\"type\":\"ping\",\"id\":\"a\",\"id\":\"b\"}",
        "{\"type\":\"ping\",\"id\":\"\"}", "{\"type\":\"ping\",\"id\":1}", "{\"type\":\"ping\",\"id\":null}", "{\"type\":\"ping\",\"id\":\"a\\u0000b\"}", "{\"type\":\"ping\",\"id\":\"a\\nb\"}",
        "{\"type\":\"ping\",\"id\":\"a\u0080b\"}", "{\"type\":\"ping\",\"id\":\"\u009f\"}", "{\"type\":\"ping\",\"id\":\"\\u0085\"}",
        "{\"type\":\"ping\",\"id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
        "{\"type\":\"join\"}", "{\"type\":\"join\",\"Room\":\"general\"}", "{\"type\":\"join\",\"room\":null}", "{\"type\":\"join\",\"room\":7}", "{\"type\":\"join\",\"room\":[\"general\"]}",
        "{\"type\":\"join\",\"room\":{\"$ne\":null}}", "{\"type\":\"join\",\"room\":{\"__proto__\":{}}}",
        "{\"type\":\"join\",\"room\":\"general\",\"username\":{\"$gt\":\"\"}}", "{\"type\":\"join\",\"room\":\"general\",\"username\":null}", "{\"type\":\"join\",\"room\":\"general\",\"username\":5}",
        "{\"type\":\"join\",\"room\":\"general\",\"monitor\":1}", "{\"type\":\"join\",\"room\":\"general\",\"monitor\":\"true\"}", "{\"type\":\"join\",\"room\":\"general\",\"monitor\":null}",
        "{\"type\":\"join\",\"room\":\"general\",\"history\":-1}", "{\"type\":\"join\",\"room\":\"general\",\"history\":201}", "{\"type\":\"join\",\"room\":\"general\",\"history\":\"10\"}",
        "{\"type\":\"join\",\"room\":\"general\",\"history\":1.5}", "{\"type\":\"join\",\"room\":\"general\",\"history\":1e99}", "{\"type\":\"join\",\"room\":\"general\",\"history\":4294967297}",
        "{\"type\":\"join\",\"room\":\"general\",\"after\":-1}", "{\"type\":\"join\",\"room\":\"general\",\"after\":-0}", "{\"type\":\"join\",\"room\":\"general\",\"after\":9007199254740992}", "{\"type\":\"join\",\"room\":\"general\",\"after\":18446744073709551616}",
        "{\"type\":\"join\",\"room\":\"general\",\"after\":1e400}", "{\"type\":\"join\",\"room\":\"general\",\"after\":0.5}", "{\"type\":\"join\",\"room\":\"general\",\"after\":\"0\"}",
        "{\"type\":\"join\",\"room\":\"general\",\"after\":{}}", "{\"type\":\"join\",\"room\":\"general\",\"epoch\":1}",
        "{\"type\":\"message\",\"room\":\"general\",\"username\":\"m\"}", "{\"type\":\"message\",\"room\":\"general\",\"username\":\"m\",\"content\":null}",
        "{\"type\":\"message\",\"room\":\"general\",\"username\":\"m\",\"content\":{\"a\":1}}", "{\"type\":\"message\",\"room\":\"general\",\"username\":\"m\",\"content\":[\"x\"]}",
        "{\"type\":\"message\",\"room\":\"general\",\"username\":\"m\",\"content\":\"a\\u0000b\"}", "{\"type\":\"message\",\"room\":\"general\",\"content\":\"nobody\"}",
        "{\"type\":\"message\",\"room\":\"general\",\"username\":\"m\",\"content\":\"x\",\"reply_to\":-1}", "{\"type\":\"message\",\"room\":\"general\",\"username\":\"m\",\"content\":\"x\",\"reply_to\":\"1\"}",
        "{\"type\":\"edit\",\"room\":\"general\",\"username\":\"m\",\"content\":\"x\"}", "{\"type\":\"edit\",\"room\":\"general\",\"username\":\"m\",\"message\":\"1\",\"content\":\"x\"}",
        "{\"type\":\"delete\",\"room\":\"general\",\"username\":\"m\",\"message\":-9}", "{\"type\":\"delete\",\"room\":\"general\",\"username\":\"m\",\"message\":1.0e0}",
        "{\"type\":\"react\",\"room\":\"general\",\"username\":\"m\",\"message\":1}", "{\"type\":\"react\",\"room\":\"general\",\"username\":\"m\",\"message\":1,\"emoji\":\"\"}",
        "{\"type\":\"react\",\"room\":\"general\",\"username\":\"m\",\"message\":1,\"emoji\":\"\\u0000\"}", "{\"type\":\"react\",\"room\":\"general\",\"username\":\"m\",\"message\":1,\"emoji\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
        "{\"type\":\"read\",\"room\":\"general\",\"username\":\"m\"}", "{\"type\":\"read\",\"room\":\"general\",\"username\":\"m\",\"seq\":9007199254740991}",
        "{\"type\":\"typing\",\"room\":\"general\",\"username\":\"m\"}", "{\"type\":\"leave\",\"room\":\"general\"}", "{\"type\":\"authenticate\"}", "{\"type\":\"authenticate\",\"token\":{}}",
    ];

    public static TheoryData<string> UnknownTypes { get; } =
    [
        "", " ", "Ping", "PING", "ping ", " ping", "join/x", "join\\u0000", "message?", "pong", "hello", "ack", "joined", "__proto__", "constructor", "toString", "Confab.Join, Confab", "p\\u0456ng",
    ];

    [Theory]
    [MemberData(nameof(NotJson))]
    public Task What_is_not_JSON_is_refused_with_bad_json(string frame) => IsRefused(frame, "bad_json");

    [Theory]
    [MemberData(nameof(BadRequests))]
    public Task What_is_not_a_frame_is_refused_with_bad_request(string frame) => IsRefused(frame, "bad_request");

    [Theory]
    [MemberData(nameof(UnknownTypes))]
    public Task A_type_that_is_none_is_refused_with_unknown_type(string type) => IsRefused($$"""{"type":"{{type}}","room":"general"}""", "unknown_type");

    [Theory]
    [InlineData(9)]
    [InlineData(64)]
    [InlineData(1000)]
    [InlineData(30_000)]
    public async Task What_nests_too_deep_is_refused_with_bad_request(int depth)
    {
        // The frame itself is the first level.
        await IsRefused($$"""{"type":"ping","x":{{new string('[', depth - 1)}}{{new string(']', depth - 1)}}}""", "bad_request");
        var objects = string.Concat(Enumerable.Repeat("{\"a\":", Math.Min(depth - 1, 5000)));
        await IsRefused($$"""{"type":"ping","x":{{objects}}1{{new string('}', Math.Min(depth - 1, 5000))}}}""", "bad_request");
        await IsRefused(new string('[', depth) + new string(']', depth), "bad_request");
    }

    [Fact]
    public async Task What_nests_eight_deep_is_accepted()
    {
        await using var socket = await _server.Open();
        await socket.SendJson($$"""{"type":"ping","id":"echo","x":{{new string('[', 7)}}{{new string(']', 7)}}}""");
        await socket.IsAnswered();
    }

    [Theory]
    [InlineData(65)]
    [InlineData(1000)]
    [InlineData(5000)]
    public Task What_has_too_many_keys_is_refused_with_bad_request(int keys) =>
        IsRefused($$"""{"type":"ping",{{string.Join(',', Enumerable.Range(0, keys).Select(i => $"\"k{i}\":0"))}}}""", "bad_request");

    [Fact]
    public async Task Unknown_keys_and_their_values_are_ignored()
    {
        await using var socket = await _server.Open();
        await socket.SendJson("""{"__proto__":{"type":"leave"},"constructor":null,"$where":"1","type":"ping","toString":[1,{"type":"join"}],"id":"echo","Type":"x","ID":"y"}""");
        await socket.IsAnswered();
    }

    [Fact]
    public async Task Escaped_keys_and_values_mean_what_they_say()
    {
        await using var socket = await _server.Open();
        await socket.SendJson("""{"\u0074\u0079pe":"p\u0069ng","\u0069d":"\u0065cho"}""");
        await socket.IsAnswered();
    }

    [Fact]
    public async Task The_third_malformed_frame_in_a_row_is_answered_and_closes_with_1008()
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await neighbours.LetMalloryIn();
        await mallory.Send(WireFrame.Several(WireFrame.Text("{"), WireFrame.Text("[]"), WireFrame.Text("{\"type\":\"x\",\"id\":\"third\"}"), WireFrame.Text(Pings.OfLength(40))));
        Assert.Equal("bad_json", (await mallory.NextOf("error")).Text("code"));
        Assert.Equal("bad_request", (await mallory.NextOf("error")).Text("code"));
        Assert.Equal("unknown_type", (await mallory.NextWithId("third")).Text("code"));
        await mallory.IsClosedWith(1008);
        await neighbours.SeeMalloryLeave();
        await neighbours.AreUndisturbed();
    }

    [Fact]
    public async Task Malformed_frames_that_are_not_in_a_row_do_not_close()
    {
        await using var socket = await _server.Open();
        for (var i = 0; i < 5; i++)
        {
            await socket.SendJson("{");
            await socket.SendJson("[]");
            await socket.SendJson($$"""{"type":"leave","room":"no such room","id":"{{i}}"}""");
            Assert.Equal("not_found", (await socket.NextWithId($"{i}")).Text("code"));
        }
    }

    [Fact]
    public async Task Nothing_is_said_after_a_close_not_even_an_ack()
    {
        // The messages are stored while the close is on its way.
        await using var neighbours = await Neighbours.MoveIn(_server);
        for (var i = 0; i < 20; i++)
        {
            await using var mallory = await neighbours.LetMalloryIn();
            var message = WireFrame.Text($$"""{"type":"message","id":"m{{i}}","room":"{{neighbours.Room}}","content":"last words"}""");
            await mallory.Send(WireFrame.Several(message, WireFrame.Text("1"), WireFrame.Text("2"), WireFrame.Text("3")));
            var close = await mallory.ReceiveClose();
            Assert.Equal(1008, close.CloseCode);
            await neighbours.SeeMalloryLeave();
            await neighbours.AreUndisturbed();
            await mallory.Send(WireFrame.Close(1008));
            Assert.Null(await mallory.Receive());
        }
    }

    [Fact]
    public async Task An_error_tells_the_id_of_the_frame_where_it_could_be_read()
    {
        await using var socket = await _server.Open();
        Assert.Equal("bad_request", (await socket.Request("a", """{"id":"a","type":7}""")).Text("code"));
        Assert.Equal("bad_json", (await socket.Request("b", """{"id":"b","type":"ping",}""")).Text("code"));
        await socket.Answers();
    }

    private async Task IsRefused(string frame, string code)
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Text(Encoding.UTF8.GetBytes(frame)));
        var error = await socket.Next();
        Assert.Equal("error", error.TypeOf());
        Assert.Equal(code, error.Text("code"));
        Assert.NotEqual(JsonValueKind.Undefined, error.GetProperty("message").ValueKind);
        await socket.Answers();
    }
}
