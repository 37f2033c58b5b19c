using Confab.Tests.Hosting;

namespace Confab.Tests.Operations;

/// <summary>Metrics are the process's, and the tests' other servers would be counted along: these run when the others are done.</summary>
[CollectionDefinition(nameof(MetricsAlone), DisableParallelization = true)]
public sealed class MetricsAlone;

[Collection(nameof(MetricsAlone))]
public sealed class Metrics
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
}
