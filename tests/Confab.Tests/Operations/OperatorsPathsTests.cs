using System.Net;
using System.Net.Sockets;
using Confab.Tests.Support;

namespace Confab.Tests.Operations;

/// <summary>What is for the operator: figures and the description of the API.</summary>
public sealed class OperatorsPathsTests
{
    private static readonly string[] s_paths = ["/metrics", "/docs", "/docs/scalar.js", "/openapi/v1.json"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_are_everybodys_while_only_this_machine_reaches_the_server()
    {
        await using var server = await TestServer.Start();
        foreach (var path in s_paths)
            Assert.Equal(HttpStatusCode.OK, await Status(server.Http, path));
    }

    [Fact]
    public async Task When_others_reach_the_server_they_are_for_this_machine()
    {
        await using var server = await TestServer.Start("--urls=http://0.0.0.0:0", "--access=open", "--hosts=chat.example");
        foreach (var path in s_paths)
        {
            Assert.Equal(HttpStatusCode.OK, await Status(server.Http, path));
            // Through a proxy on this machine, which says for whom it asks, or at least by which name.
            Assert.Equal(HttpStatusCode.NotFound, await Status(server.Http, path, ("X-Forwarded-For", "192.0.2.7")));
            Assert.Equal(HttpStatusCode.NotFound, await Status(server.Http, path, ("Host", "chat.example")));
        }

        Assert.Equal(HttpStatusCode.OK, await Status(server.Http, "/api/rooms", ("X-Forwarded-For", "192.0.2.7")));
    }

    [Fact]
    public async Task They_may_have_a_port_of_their_own()
    {
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        await using var server = await TestServer.Start($"--metrics-urls=http://127.0.0.1:{port}");
        using var operators = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        foreach (var path in s_paths)
        {
            Assert.Equal(HttpStatusCode.NotFound, await Status(server.Http, path));
            Assert.Equal(HttpStatusCode.OK, await Status(operators, path));
        }

        foreach (var path in new[] { "/", "/api/rooms", "/chat", "/health/live" })
            Assert.Equal(HttpStatusCode.NotFound, await Status(operators, path));
        Assert.Equal(HttpStatusCode.OK, await Status(server.Http, "/api/rooms"));
    }

    [Fact]
    public async Task What_holds_words_is_kept_nowhere_and_is_what_it_says()
    {
        await using var server = await TestServer.Start();
        foreach (var path in new[] { "/api/rooms", "/api/rooms/general", "/api/rooms/general/messages", "/api/search?q=tea", "/api/rooms/nowhere" })
        {
            using var answer = await server.Http.GetAsync(path, Cancel);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Contains("no-store", answer.Headers.CacheControl?.ToString() ?? "", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/rooms/general")]
    [InlineData("/icon.svg")]
    [InlineData("/manifest.webmanifest")]
    [InlineData("/api/rooms")]
    [InlineData("/api/rooms/general")]
    [InlineData("/api/rooms/general/messages")]
    [InlineData("/api/search?q=tea")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/docs")]
    [InlineData("/openapi/v1.json")]
    public async Task Head_says_what_get_would_without_its_body(string path)
    {
        await using var server = await TestServer.Start();
        using var get = await server.Http.GetAsync(path, Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var head = await server.Http.SendAsync(request, Cancel);
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancel));
    }

    private static async Task<HttpStatusCode> Status(HttpClient http, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
