using System.Diagnostics;
using Confab.Server;
using Confab.Server.Hosting;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Operations;

public sealed class StartTests
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
    public void It_checks_its_own_runtime()
    {
        // A runtime that is too old cannot be had for a test, so this looks for the call (ECMA-335 §III.3.19) in what Build was compiled to.
        byte[] call = [0x28, .. BitConverter.GetBytes(typeof(Runtime).GetMethod(nameof(Runtime.CheckVersion))!.MetadataToken)];
        var build = typeof(ConfabServer).GetMethod(nameof(ConfabServer.Build))!.GetMethodBody()!.GetILAsByteArray();
        Assert.NotEqual(-1, build.AsSpan().IndexOf(call));
    }

    [Fact]
    public async Task Out_of_the_box_it_is_at_port_9292_and_says_so()
    {
        // In a network of its own, where the port is free whatever else runs on this machine.
        var data = Directory.CreateTempSubdirectory("confab-test-");
        var start = new ProcessStartInfo("unshare",
            ["--net", "sh", "-c", "ip link set lo up && exec dotnet \"$0\" --data \"$1\"", Path.Combine(AppContext.BaseDirectory, "Confab.Server.dll"), data.FullName])
        {
            RedirectStandardOutput = true,
        };
        foreach (var elsewhere in new[] { "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "DOTNET_URLS", "URLS" })
            start.Environment.Remove(elsewhere);
        using var process = Process.Start(start)!;
        try
        {
            Assert.Equal("WebSocket server running on ws://localhost:9292/chat", await process.StandardOutput.ReadLineAsync(Cancel));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Cancel);
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task It_is_not_ready_while_it_drains()
    {
        var server = await TestServer.Start();
        using var http = new HttpClient { BaseAddress = server.Address };
        Assert.Equal("ready\n", await http.GetStringAsync("/health/ready", Cancel));
        // One that does not answer the close is waited for.
        await using var deaf = await server.Open();
        var stopped = server.DisposeAsync().AsTask();
        await Wait.Until("the drain to be told", async () =>
        {
            using var answer = await http.GetAsync("/health/ready", Cancel);
            return (int)answer.StatusCode == 503 && await answer.Content.ReadAsStringAsync(Cancel) == "not ready: draining\n";
        });
        deaf.Abort();
        await stopped;
    }

    [Fact]
    public async Task Limits_are_told_and_can_be_set()
    {
        await using var server = await TestServer.Start("--Confab:Limits:ContentBytes=10", "--limits=off");
        await using var client = await RawWebSocket.Connect(server.EndPoint);
        await client.Ask(new Handshake());
        var limits = (await client.NextOf("hello")).GetProperty("limits");
        Assert.Equal(10, limits.GetProperty("content_bytes").GetInt32());
        foreach (var lifted in new[] { "messages_per_second", "joins_per_second", "typing_per_second", "connections_per_address" })
            Assert.Equal(0, limits.GetProperty(lifted).GetInt32());
        await client.SendJson(new { type = "message", room = "general", username = "ann", content = "elf bytes..", id = "1" });
        Assert.Equal("too_long", (await client.NextOf("error")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task How_often_one_may_join_is_told_and_can_be_set()
    {
        await using var server = await TestServer.Start("--Confab:Limits:JoinsPerSecond=1", "--Confab:Limits:JoinBurst=2", "--Confab:ConnectionsPerAddress=7");
        await using var client = await RawWebSocket.Connect(server.EndPoint);
        await client.Ask(new Handshake());
        var limits = (await client.NextOf("hello")).GetProperty("limits");
        Assert.Equal((1, 2, 7), (limits.GetProperty("joins_per_second").GetInt32(), limits.GetProperty("join_burst").GetInt32(), limits.GetProperty("connections_per_address").GetInt32()));
        // A second passes between two of a hundred only on a machine that stands still.
        for (var i = 0; i < 100; i++)
            await client.SendJson(new { type = "join", room = "general", id = $"{i}" });
        var refused = await client.NextOf("error");
        Assert.Equal("rate_limited", refused.GetProperty("code").GetString());
        Assert.InRange(refused.GetProperty("retry_after_ms").GetInt32(), 1, 1000);
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
