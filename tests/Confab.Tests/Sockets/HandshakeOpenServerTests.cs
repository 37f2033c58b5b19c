using Confab.Tests.Hosting;
using Confab.Tests.Raw;

namespace Confab.Tests.Sockets;

/// <summary>A server that others may reach, on a public name.</summary>
public sealed class OpenServer() : ServerFixture("--urls=http://0.0.0.0:0", "--access=open", "--allowed-origins=https://chat.example, https://other.example:8443/");

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
    [InlineData("evil.example", "https://evil.example", 403)]
    [InlineData("evil.example", null, 403)]
    public async Task The_name_of_an_allowed_origin_is_the_servers_own_as_well(string host, string? origin, int status)
    {
        await using var connection = await RawConnection.Connect(shared.Server.EndPoint);
        Assert.Equal(status, (await connection.Ask(new Handshake { Host = host, Origin = origin })).Status);
    }
}
