using System.Net.Http.Json;
using System.Text.Json;
using Confab.Server;
using Confab.Server.Operations;
using Confab.Tests.Hosting;

namespace Confab.Tests.Operations;

public sealed class Start
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://192.0.2.1:0")]
    [InlineData("http://127.0.0.1:0;http://0.0.0.0:0")]
    [InlineData("http://chat.example.org:0")]
    public void It_refuses_to_listen_beyond_loopback_unless_that_is_meant(string urls)
    {
        var refused = Assert.Throws<RefusedToStartException>(() => ConfabServer.Build([$"--urls={urls}"]));
        Assert.Contains("--access open", refused.Message);
        Assert.Throws<RefusedToStartException>(() => ConfabServer.Build([$"--urls={urls}", "--access=open", "--limits=off"]));
    }

    [Fact]
    public async Task It_listens_beyond_loopback_when_that_is_meant()
    {
        await using var server = await TestServer.Start("--urls=http://0.0.0.0:0", "--access=open");
        Assert.Equal("live\n", await server.Http.GetStringAsync($"http://127.0.0.1:{server.Address.Port}/health/live", Cancel));
    }

    [Fact]
    public void Kestrels_own_endpoints_are_looked_at_too() =>
        Assert.Throws<RefusedToStartException>(() => ConfabServer.Build(["--Kestrel:Endpoints:Web:Url=http://0.0.0.0:0"]));

    [Theory]
    [InlineData("10.0.10", false)]
    [InlineData("9.0.99", false)]
    [InlineData("10.0.11", true)]
    [InlineData("11.0.0", true)]
    public void It_refuses_a_runtime_with_a_known_hole(string version, bool starts)
    {
        var refused = Record.Exception(() => Runtime.CheckVersion(Version.Parse(version)));
        Assert.Equal(starts, refused is null);
    }

    [Fact]
    public void An_option_out_of_range_is_refused()
    {
        Assert.ThrowsAny<Exception>(() => ConfabServer.Build(["--urls=http://127.0.0.1:0", "--limits=maybe"]));
    }

    [Fact]
    public async Task Limits_are_told_and_can_be_set()
    {
        await using var server = await TestServer.Start("--Confab:Limits:ContentBytes=10", "--limits=off");
        await using var client = await Raw.RawWebSocket.Connect(server.EndPoint);
        await client.Ask(new Raw.Handshake());
        var limits = (await client.NextOf("hello")).GetProperty("limits");
        Assert.Equal(10, limits.GetProperty("content_bytes").GetInt32());
        Assert.Equal(0, limits.GetProperty("messages_per_second").GetInt32());
        await client.SendJson(new { type = "message", room = "general", username = "ann", content = "elf bytes..", id = "1" });
        Assert.Equal("too_long", (await client.NextOf("error")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_second_server_keeps_away_from_the_first_ones_data()
    {
        var data = Directory.CreateTempSubdirectory("confab-test-");
        await using (await TestServer.Start($"--data={data.FullName}"))
        {
            var refused = await Assert.ThrowsAnyAsync<Exception>(() => TestServer.Start($"--data={data.FullName}"));
            Assert.Contains("in use", refused.ToString());
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task It_is_not_ready_when_the_disk_is_full()
    {
        await using var server = await TestServer.Start($"--Confab:MinFreeBytes={long.MaxValue}");
        using var answer = await server.Http.GetAsync("/health/ready", Cancel);
        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Contains("disk", await answer.Content.ReadAsStringAsync(Cancel));
    }
}
