using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Confab.Cli.Bench;
using Confab.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Confab.Tests.Cli;

/// <summary><c>confab bench</c>: it counts what a server delivers, and sees what it does not.</summary>
public sealed class BenchTests : TempFolder
{
    private static readonly Lengths s_short = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300));

    [Theory]
    [InlineData(20, 2, 20, 1, 0)]
    [InlineData(20, 2, 20, 8, 0)]
    [InlineData(30, 1, 1, 64, 0)]
    [InlineData(20, 4, 20, 0, 200)]
    public async Task A_sound_server_delivers_everything_once(int connections, int rooms, int publishers, int window, int perSecond)
    {
        await using var server = await TestServer.Start("--limits=off");
        var result = await Run(server.Address, new Scenario("small", "", connections, rooms, publishers, window, perSecond));
        Assert.Equal(0, result.Lost);
        Assert.Equal(0, result.Repeated);
        Assert.True(result.DeliveriesPerSecond > 0);
        Assert.InRange(result.LatencyMs!.P50, 0.001, result.LatencyMs.Max);
        Assert.NotNull(result.ServerCpuPercent);
        Assert.Equal(Math.Round(result.DeliveriesPerSecond.Value / result.PublishedPerSecond!.Value), connections / rooms, tolerance: connections / rooms * 0.5);
    }

    [Fact]
    public async Task Idle_connections_are_held()
    {
        await using var server = await TestServer.Start("--limits=off");
        var result = await Run(server.Address, new Scenario("idle", "", 50, 5, 0, 0, 0));
        Assert.True(result.ConnectsPerSecond > 0);
        Assert.NotNull(result.ServerBytesPerConnection);
    }

    [Fact]
    public async Task What_is_lost_or_repeated_is_seen()
    {
        await using var server = await StartCareless();
        var result = await Run(new Uri(server.Urls.First()), new Scenario("careless", "", 1, 1, 1, 0, 200));
        Assert.InRange(result.Lost, 1, 40);
        Assert.InRange(result.Repeated, 1, 40);
    }

    [Fact]
    public async Task The_results_are_a_table_and_a_file()
    {
        await using var server = await TestServer.Start("--limits=off");
        var told = await ToolRun.Of("bench", "S5", "--url", server.Address.ToString(), "--warm-up", "0.1", "--seconds", "0.3", "--json", PathOf("results.json"));
        Assert.True(told.ExitCode == 0, $"{told}");
        Assert.Contains("S5", told.Output);
        Assert.Contains("deliveries/s", told.Output);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(PathOf("results.json"), Cancel));
        var result = json.RootElement[0];
        Assert.Equal("S5", result.GetProperty("scenario").GetString());
        Assert.True(result.GetProperty("deliveries_per_second").GetDouble() > 0);
        Assert.Equal(0, result.GetProperty("lost").GetInt64());
    }

    [Theory]
    [InlineData("rate_limited", "S5", "--Confab:Limits:MessageBurst=5")]
    [InlineData("429", "S3a", "--Confab:ConnectionsPerAddress=150")]
    public async Task A_server_with_limits_is_told_apart(string reason, string scenario, string option)
    {
        await using var server = await TestServer.Start(option);
        var told = await ToolRun.Of("bench", scenario, "--url", server.Address.ToString());
        Assert.Equal(2, told.ExitCode);
        Assert.Contains(reason, told.Error);
        Assert.Contains("--limits off", told.Error);
    }

    [Fact]
    public async Task An_unknown_scenario_is_refused() => Assert.Equal(2, (await ToolRun.Of("bench", "S99")).ExitCode);

    private static Task<Result> Run(Uri server, Scenario scenario) =>
        new Run(scenario, Confab.Cli.Api.ChatAt(server.ToString())!, s_short, TimeProvider.System, _ => { }).Execute(Cancel);

    /// <summary>A server of one room that forgets every tenth message and says every seventh twice.</summary>
    private static async Task<WebApplication> StartCareless()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseWebSockets();
        app.MapGet("/api/rooms", () => Results.Text("""[{"name":"r0000"}]""", "application/json"));
        app.Map("/chat", async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[4096];
            for (var count = 0; ; count++)
            {
                var part = await socket.ReceiveAsync(buffer, Cancel);
                var echo = count == 0 ? Encoding.ASCII.GetBytes("""{"type":"joined"}""") : buffer[..part.Count];
                for (var i = 0; i < (count % 10 == 9 ? 0 : count % 7 == 6 ? 2 : 1); i++)
                    await socket.SendAsync(echo, WebSocketMessageType.Text, true, Cancel);
            }
        });
        await app.StartAsync(Cancel);
        return app;
    }
}
