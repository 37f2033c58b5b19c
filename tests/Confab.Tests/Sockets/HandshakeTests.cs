using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

public sealed class HandshakeTests(SharedServer shared) : HandshakeRules(shared), IClassFixture<SharedServer>;

public sealed class HandshakeOverStreamsTests(StreamServer shared) : HandshakeRules(shared), IClassFixture<StreamServer>;

/// <summary>The opening handshake (RFC 6455 §4): what opens a WebSocket, and what is refused with which status.</summary>
public abstract class HandshakeRules(ServerFixture shared)
{
    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task The_answer_proves_that_the_key_was_read()
    {
        var answer = await Ask(new Handshake());
        Assert.Equal(101, answer.Status);
        Assert.Equal("websocket", answer["Upgrade"], ignoreCase: true);
        Assert.Equal("upgrade", answer["Connection"], ignoreCase: true);
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer["Sec-WebSocket-Accept"]);
        Assert.Null(answer["Sec-WebSocket-Protocol"]);
        Assert.Null(answer["Sec-WebSocket-Extensions"]);
    }

    [Theory]
    [InlineData("WebSocket", "Upgrade")]
    [InlineData("websocket", "keep-alive, Upgrade")]
    [InlineData("WEBSOCKET", "upgrade")]
    public async Task Header_values_match_in_any_case_and_in_lists(string upgrade, string connection) =>
        Assert.Equal(101, (await Ask(new Handshake { Upgrade = upgrade, Connection = connection })).Status);

    [Theory]
    [InlineData("confab.v1", "confab.v1")]
    [InlineData("chat, confab.v1", "confab.v1")]
    [InlineData("confab.v2, superchat", null)]
    [InlineData("CONFAB.V1", null)]
    public async Task The_sub_protocol_is_echoed_only_if_it_is_ours(string offered, string? chosen)
    {
        var answer = await Ask(new Handshake { Headers = [$"Sec-WebSocket-Protocol: {offered}"] });
        Assert.Equal(101, answer.Status);
        Assert.Equal(chosen, answer["Sec-WebSocket-Protocol"]);
    }

    [Fact]
    public async Task Compression_is_not_agreed_to()
    {
        var answer = await Ask(new Handshake { Headers = ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"] });
        Assert.Equal(101, answer.Status);
        Assert.Null(answer["Sec-WebSocket-Extensions"]);
    }

    [Fact]
    public async Task A_plain_request_is_told_that_a_WebSocket_is_required()
    {
        var answer = await Ask(new Handshake { Upgrade = null, Connection = null, Key = null, Version = null });
        Assert.Equal(400, answer.Status);
        Assert.Equal("WebSocket connection required", answer.Body.Trim());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEA")] // without its padding
    [InlineData("AQIDBAUGBwgJCgsMDQ4P")] // 15 bytes
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBE=")] // 17 bytes
    [InlineData("not base64 at all!!!!!!=")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==")]
    public async Task A_key_that_is_not_16_bytes_in_base64_is_refused_with_400(string? key) =>
        Assert.Equal(400, (await Ask(new Handshake { Key = key })).Status);

    [Fact]
    public async Task Two_keys_are_refused_with_400() =>
        Assert.Equal(400, (await Ask(new Handshake { Headers = ["Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA=="] })).Status);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("8")]
    [InlineData("12")]
    [InlineData("14")]
    [InlineData("113")]
    [InlineData("13.0")]
    [InlineData("13, 8")]
    public async Task Another_version_is_refused_with_426_and_told_ours(string? version)
    {
        var answer = await Ask(new Handshake { Version = version });
        Assert.Equal(426, answer.Status);
        Assert.Equal("13", answer["Sec-WebSocket-Version"]);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("BREW")]
    public async Task Another_method_is_refused_with_405(string method) =>
        Assert.Equal(405, (await Ask(new Handshake { Method = method, Headers = ["Content-Length: 0"] })).Status);

    [Theory]
    [InlineData(null, "Upgrade")]
    [InlineData("h2c", "Upgrade")]
    [InlineData("websocket", null)]
    [InlineData("websocket", "keep-alive")]
    public async Task A_request_that_does_not_ask_for_an_upgrade_is_refused_with_400(string? upgrade, string? connection) =>
        Assert.Equal(400, (await Ask(new Handshake { Upgrade = upgrade, Connection = connection })).Status);

    [Fact]
    public async Task HTTP_1_0_is_refused_with_400() =>
        Assert.Equal(400, (await Ask(new Handshake { Protocol = "HTTP/1.0" })).Status);

    [Theory]
    [InlineData("Content-Length: 5")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task A_request_with_a_body_is_refused_with_400(string header) =>
        Assert.Equal(400, (await Ask(new Handshake { Headers = [header] })).Status);

    [Fact]
    public async Task A_connection_that_was_refused_politely_can_try_again()
    {
        await using var connection = await RawConnection.Connect(_server.EndPoint);
        Assert.Equal(426, (await connection.Ask(new Handshake { Version = "8" })).Status);
        Assert.Equal(101, (await connection.Ask(new Handshake())).Status);
    }

    [Theory]
    [InlineData("/chat/")]
    [InlineData("/CHAT")]
    [InlineData("/chat?room=general")]
    public async Task The_path_is_read_as_servers_read_paths(string target) =>
        Assert.Equal(101, (await Ask(new Handshake { Target = target })).Status);

    private async Task<HandshakeAnswer> Ask(Handshake handshake)
    {
        await using var connection = await RawConnection.Connect(_server.EndPoint);
        return await connection.Ask(handshake);
    }
}
