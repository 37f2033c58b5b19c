using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>A server that others may reach, on a public name.</summary>
public sealed class OpenServer() : ServerFixture("--urls=http://0.0.0.0:0", "--access=open", "--allowed-origins=https://chat.example, https://other.example:8443/", "--hosts=chat.internal,*.lan.example,bücher.example");

/// <summary>Origins where the server listens beyond this machine: its own, and those that were allowed.</summary>
public sealed class HandshakeOpenServerTests(OpenServer shared) : IClassFixture<OpenServer>
{
    [Theory]
    [InlineData("chat.internal:9292", "http://chat.internal:9292", 101)]
    [InlineData("chat.internal:9292", "https://chat.example", 101)]
    [InlineData("chat.internal:9292", "https://other.example:8443", 101)]
    [InlineData("chat.internal:9292", null, 101)]
    [InlineData("chat.internal:9292", "https://chat.internal:9292", 403)]
    [InlineData("chat.internal:9292", "http://chat.internal", 403)]
    [InlineData("chat.internal:9292", "http://chat.internal:9293", 403)]
    [InlineData("chat.internal:9292", "http://evil.chat.internal:9292", 403)]
    [InlineData("chat.internal:9292", "http://chat.example", 403)]
    [InlineData("chat.internal:9292", "https://chat.example.evil", 403)]
    [InlineData("chat.internal:9292", "https://chat.example:444", 403)]
    [InlineData("chat.internal:9292", "https://evil.example", 403)]
    [InlineData("chat.internal:9292", "http://localhost:9292", 403)]
    [InlineData("chat.internal:9292", "null", 403)]
    [InlineData("chat.internal:9292", "", 403)]
    public async Task Only_its_own_origin_and_the_allowed_ones_are_accepted(string host, string? origin, int status)
    {
        await using var connection = await RawConnection.Connect(shared.Server.EndPoint);
        Assert.Equal(status, (await connection.Ask(new Handshake { Host = host, Origin = origin })).Status);
    }

    [Theory]
    [InlineData("evil.example:9292", 421)]
    [InlineData("evil.example", 421)]
    [InlineData("chat.internal.evil.example", 421)]
    [InlineData("evil-chat.internal", 421)]
    [InlineData("lan.example", 421)]
    [InlineData("evil-lan.example", 421)]
    [InlineData("192.168.0.7.evil.example", 421)]
    [InlineData("localhost.evil.example", 421)]
    [InlineData("CHAT.Internal:9292", 101)]
    [InlineData("chat.internal.", 101)]
    [InlineData("a.lan.example", 101)]
    [InlineData("a.b.lan.example:80", 101)]
    [InlineData("xn--bcher-kva.example", 101)]
    [InlineData("chat.example", 101)]
    [InlineData("localhost", 101)]
    [InlineData("confab.localhost:9292", 101)]
    [InlineData("192.168.0.7:9292", 101)]
    [InlineData("[fd00::7]:9292", 101)]
    public async Task It_answers_by_its_own_names_only(string host, int status)
    {
        await using var connection = await RawConnection.Connect(shared.Server.EndPoint);
        Assert.Equal(status, (await connection.Ask(new Handshake { Host = host, Origin = status == 101 ? $"http://{host}" : null })).Status);
    }

    [Fact]
    public async Task It_answers_by_the_name_of_its_machine()
    {
        foreach (var host in new[] { Environment.MachineName, $"{Environment.MachineName}.local:9292" })
        {
            await using var connection = await RawConnection.Connect(shared.Server.EndPoint);
            Assert.Equal(101, (await connection.Ask(new Handshake { Host = host })).Status);
        }
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/api/rooms")]
    [InlineData("POST", "/api/rooms")]
    [InlineData("GET", "/health/live")]
    [InlineData("GET", "/metrics")]
    public async Task A_page_whose_name_was_made_to_mean_it_gets_nothing_over_HTTP(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { Host = "evil.example:9292" } };
        using var answer = await shared.Server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(421, (int)answer.StatusCode);
        Assert.Equal("evil.example is not a name of this server. To allow it, start the server with --hosts evil.example\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}

/// <summary>A server that only a proxy on the same machine reaches, under the public name.</summary>
public sealed class ProxiedServer() : ServerFixture("--allowed-origins=https://chat.example");

public sealed class HandshakeProxiedServerTests(ProxiedServer shared) : IClassFixture<ProxiedServer>
{
    [Theory]
    [InlineData("chat.example", "https://chat.example", 101)]
    [InlineData("localhost", "https://chat.example", 101)]
    [InlineData("chat.example", null, 101)]
    [InlineData("chat.example", "https://evil.example", 403)]
    [InlineData("evil.example", "https://evil.example", 421)]
    [InlineData("evil.example", null, 421)]
    public async Task The_name_of_an_allowed_origin_is_the_servers_own_as_well(string host, string? origin, int status)
    {
        await using var connection = await RawConnection.Connect(shared.Server.EndPoint);
        Assert.Equal(status, (await connection.Ask(new Handshake { Host = host, Origin = origin })).Status);
    }
}
