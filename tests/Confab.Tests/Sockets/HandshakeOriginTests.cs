using System.Net;
using System.Text;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>A page somewhere on the web must not be able to talk to a chat on the visitor's machine.</summary>
public sealed class HandshakeOriginTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    /// <summary>In place of {port} stands the server's own port, so that nothing is refused for its port alone.</summary>
    public static TheoryData<string> Foreign { get; } =
    [
        "null",
        "",
        "https://evil.example",
        "http://evil.example:{port}",
        "http://127.0.0.1.evil.example:{port}",
        "http://localhost.evil.example:{port}",
        "http://evil-localhost:{port}",
        "http://localhostess:{port}",
        "http://evil.example/http://localhost:{port}",
        "http://localhost:{port}@evil.example",
        "http://localhost:{port}#@evil.example",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil.example?http://127.0.0.1:{port}",
        "http://[::1].evil.example:{port}",
        "http://0.0.0.0:{port}",
        "http://128.0.0.1:{port}",
        "http://192.168.0.1:{port}",
        "http://[::2]:{port}",
        "file://",
        "file://localhost",
        "ftp://localhost",
        "ws://evil.example",
        "javascript://localhost",
        "chrome-extension://localhost",
        "data:text/html,x",
        "localhost:{port}",
        "127.0.0.1",
        "//localhost:{port}",
        "http://",
        "http:///",
        "http://localhost:{port}, https://evil.example",
        "https://evil.example http://localhost:{port}",
    ];

    public static TheoryData<string> Own { get; } =
    [
        "http://localhost:{port}", "http://127.0.0.1:{port}", "http://[::1]:{port}", "http://localhost:5173", "http://LOCALHOST:{port}", "https://localhost",
    ];

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_foreign_or_look_alike_origin_is_refused_with_403(string origin) =>
        Assert.Equal(403, (await Ask(new Handshake { Origin = Here(origin) })).Status);

    [Theory]
    [MemberData(nameof(Own))]
    public async Task An_origin_of_this_machine_is_accepted(string origin) =>
        Assert.Equal(101, (await Ask(new Handshake { Origin = Here(origin) })).Status);

    [Fact]
    public async Task Two_origins_are_refused_with_403() =>
        Assert.Equal(403, (await Ask(new Handshake { Origin = Here("http://localhost:{port}"), Headers = ["Origin: https://evil.example"] })).Status);

    [Fact]
    public async Task A_page_whose_name_was_made_to_mean_this_machine_is_refused()
    {
        // DNS rebinding: for the browser the page is of the same origin as the server.
        var answer = await Ask(new Handshake { Host = Here("evil.example:{port}"), Origin = Here("http://evil.example:{port}") });
        Assert.Equal(421, answer.Status);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/api/rooms")]
    [InlineData("GET", "/api/rooms/general/messages")]
    [InlineData("POST", "/api/rooms/general/messages")]
    public async Task A_page_whose_name_was_made_to_mean_this_machine_gets_nothing_over_HTTP(string method, string path)
    {
        // A same-origin GET carries no Origin at all: only the name in Host tells.
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Host = Here("evil.example:{port}");
        if (method == "POST")
            request.Content = new StringContent("""{"username":"mallory","content":"rebound"}""", Encoding.UTF8, "application/json");
        using var answer = await _server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
        Assert.Contains("--hosts evil.example", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json")]
    public async Task A_foreign_page_cannot_post_over_HTTP(string contentType)
    {
        // The first two need no leave of CORS: the browser sends them, and only the answer is kept from the page.
        var room = await _server.NewRoom();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/rooms/{room}/messages");
        request.Headers.Add("Origin", "https://evil.example");
        request.Content = new StringContent("""{"username":"mallory","content":"forged"}""", Encoding.UTF8, contentType);
        using var answer = await _server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Forbidden, HttpStatusCode.UnsupportedMediaType });
        Assert.Equal(0, (await _server.Room(room)).Number("head"));
    }

    [Fact]
    public async Task A_foreign_page_may_not_read_what_HTTP_answers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/rooms");
        request.Headers.Add("Origin", "https://evil.example");
        using var answer = await _server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_page_of_this_machine_may_read_and_post_over_HTTP()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/rooms/general/messages");
        preflight.Headers.Add("Origin", "http://localhost:5173");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        using var leave = await _server.Http.SendAsync(preflight, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, leave.StatusCode);
        Assert.Contains("POST", leave.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/rooms");
        request.Headers.Add("Origin", "http://localhost:5173");
        using var answer = await _server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("http://localhost:5173", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    private async Task<HandshakeAnswer> Ask(Handshake handshake)
    {
        await using var connection = await RawConnection.Connect(_server.EndPoint);
        return await connection.Ask(handshake);
    }

    private string Here(string text) => text.Replace("{port}", $"{_server.EndPoint.Port}", StringComparison.Ordinal);
}
