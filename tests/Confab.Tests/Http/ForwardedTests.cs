using System.Net;
using Confab.Tests.Support;

namespace Confab.Tests.Http;

/// <summary>What a proxy says of a request counts, and what anybody else says does not.</summary>
public sealed class ForwardedTests
{
    [Theory]
    [InlineData("evil.example", "localhost")]
    [InlineData("evil.example", "chat.example")]
    [InlineData("chat.example", "evil.example")]
    public async Task A_page_of_a_foreign_name_cannot_name_another_in_the_headers_of_a_proxy(string host, string forwarded)
    {
        // A page may set them on what it asks of its own origin, and its browser is on this machine, where proxies are.
        await using var server = await TestServer.Start("--hosts=chat.example");
        Assert.Equal(421, await Status(server, new Handshake { Host = host, Headers = [$"X-Forwarded-Host: {forwarded}"] }));
        Assert.Equal(101, await Status(server, new Handshake { Host = "chat.example", Headers = ["X-Forwarded-Host: chat.example"] }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.1")]
    public async Task Where_no_proxy_is_named_nobodys_headers_count(string proxies)
    {
        await using var server = await TestServer.Start("--hosts=chat.example", $"--proxies={proxies}");
        var handshake = new Handshake { Host = "chat.example", Origin = "https://chat.example", Headers = ["X-Forwarded-Proto: https"] };
        Assert.Equal(403, await Status(server, handshake));
        Assert.DoesNotContain("/talk", await Page(server, "/talk"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat.example", "https", "https://chat.example", 101)]
    [InlineData("chat.example:443", "https", "https://chat.example", 101)]
    [InlineData("chat.example:80", "http", "http://chat.example", 101)]
    [InlineData("chat.example:8443", "https", "https://chat.example:8443", 101)]
    [InlineData("chat.example:8443", "https", "https://chat.example", 403)]
    [InlineData("chat.example:443", "http", "http://chat.example", 403)]
    [InlineData("chat.example:80", "https", "https://chat.example", 403)]
    public async Task An_origin_is_the_servers_own_whether_or_not_a_proxy_says_the_usual_port(string host, string scheme, string origin, int status)
    {
        await using var server = await TestServer.Start("--hosts=chat.example");
        Assert.Equal(status, await Status(server, new Handshake { Host = host, Origin = origin, Headers = [$"X-Forwarded-Proto: {scheme}"] }));
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/a\"><script>")]
    [InlineData("https://evil.example")]
    [InlineData("talk")]
    [InlineData("/..")]
    public async Task A_prefix_that_is_no_path_is_passed_over(string prefix)
    {
        await using var server = await TestServer.Start();
        Assert.Contains("<base href=\"/\">", await Page(server, prefix), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/talk")]
    [InlineData("/talk/")]
    public async Task A_prefix_counts_with_and_without_a_slash_at_its_end(string prefix)
    {
        await using var server = await TestServer.Start();
        Assert.Contains("<base href=\"/talk/\">", await Page(server, prefix), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_of_an_address_go_by_the_right_most_one_that_is_no_proxys()
    {
        await using var server = await TestServer.Start("--proxies=127.0.0.1, 10.0.0.0/8", "--Confab:ConnectionsPerAddress=1");
        await using var first = await server.Open(new Handshake { Headers = ["X-Forwarded-For: 192.0.2.1, 10.1.2.3"] });
        await using var second = await server.Open(new Handshake { Headers = ["X-Forwarded-For: 192.0.2.2, 10.1.2.3"] });
        // Whatever the same one claims to be.
        Assert.Equal(429, await Status(server, new Handshake { Headers = ["X-Forwarded-For: 198.51.100.9, 192.0.2.1, 10.1.2.3"] }));
        Assert.Equal(429, await Status(server, new Handshake { Headers = ["X-Forwarded-For: 198.51.100.9", "X-Forwarded-For: 192.0.2.1"] }));
    }

    private static async Task<string> Page(TestServer server, string prefix)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        Assert.True(request.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", prefix));
        using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<int> Status(TestServer server, Handshake handshake)
    {
        await using var connection = await RawConnection.Connect(server.EndPoint);
        return (await connection.Ask(handshake)).Status;
    }
}
