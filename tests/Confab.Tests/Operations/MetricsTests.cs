using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Operations;

/// <summary>Metrics are the process's, and the tests' other servers would be counted along: these run when the others are done.</summary>
[CollectionDefinition(nameof(MetricsAlone), DisableParallelization = true)]
public sealed class MetricsAlone;

[Collection(nameof(MetricsAlone))]
public sealed partial class MetricsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_live_and_ready_and_counts()
    {
        await using var server = await TestServer.Start();
        Assert.Equal("live\n", await server.Http.GetStringAsync("/health/live", Cancel));
        Assert.Equal("ready\n", await server.Http.GetStringAsync("/health/ready", Cancel));
        await using var client = await server.Open();
        await client.SendJson(new { type = "join", room = "general", username = "ann" });
        await client.SendJson(new { type = "message", room = "general", content = "counted", id = "1" });
        await client.SendJson(new { type = "message", room = "nowhere", content = "refused", id = "2" });
        await client.NextOf("message");

        var metrics = await server.Http.GetStringAsync("/metrics", Cancel);
        Assert.Matches(@"confab_connections\{[^}]*\} 1\b", metrics);
        Assert.Matches(@"confab_changes_total\{[^}]*\} 1\b", metrics);
        Assert.Matches(@"confab_deliveries_total\{[^}]*\} 1\b", metrics);
        Assert.Matches(@"confab_refusals_total\{[^}]*code=""not_found""[^}]*\} 1\b", metrics);
        foreach (var name in new[] { "confab_sent_bytes_total", "confab_received_bytes_total", "confab_lag", "confab_search_lag", "confab_commit_duration_seconds_bucket", "confab_commit_changes_bucket" })
            Assert.Contains(name, metrics);
    }

    [Fact]
    public async Task It_counts_who_was_sent_away_who_was_not_let_in_and_how_far_the_slowest_is_behind()
    {
        await using var server = await TestServer.Start("--limits=off");
        await using var mallory = await server.Open();
        await mallory.Send(WireFrame.Binary([1]));
        await mallory.IsClosedWith(1003);
        await using var old = await RawConnection.Connect(server.EndPoint);
        Assert.Equal(426, (await old.Ask(new Handshake { Version = "8" })).Status);
        // One that joins and never reads again: what its socket holds is little, and the rest of the room's log is its lag.
        await using var deaf = await RawWebSocket.Open(server.EndPoint, receiveBuffer: 4096);
        await deaf.SendJson(new { type = "join", room = "general", username = "deaf" });

        await Wait.Until("the slowest to be behind", async () =>
        {
            using var posted = await server.Http.PostAsJsonAsync("/api/rooms/general/messages", new { username = "ann", content = new string('x', 16_000) }, Cancel);
            Assert.True(posted.IsSuccessStatusCode);
            return LagAbove0().IsMatch(await server.Http.GetStringAsync("/metrics", Cancel));
        });
        var metrics = await server.Http.GetStringAsync("/metrics", Cancel);
        Assert.Multiple(
            () => Assert.Matches(@"confab_closes_total\{[^}]*code=""1003""[^}]*\} 1\b", metrics),
            () => Assert.Matches(@"confab_handshakes_refused_total\{[^}]*status=""426""[^}]*\} 1\b", metrics));
    }

    [GeneratedRegex(@"confab_lag\{[^}]*\} [1-9]")]
    private static partial Regex LagAbove0();
}
