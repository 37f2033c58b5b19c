using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>A clock on the wall that jumps: order and numbers do not come from it, and neither do timeouts.</summary>
public sealed class FaultsClock
{
    [Fact]
    public async Task A_clock_that_jumps_a_day_changes_no_order_and_drops_nobody()
    {
        var clock = new Jumping();
        await using var server = await TestServer.Start(clock);
        await using var ann = await server.Open();
        await ann.Join("general", "ann");
        var stamps = new List<DateTimeOffset>();
        foreach (var jump in new[] { TimeSpan.Zero, TimeSpan.FromDays(1), TimeSpan.FromDays(-2), TimeSpan.FromDays(1) })
        {
            clock.Offset += jump;
            var id = $"{stamps.Count}";
            var ack = await ann.Request(id, $$"""{"type":"message","id":"{{id}}","room":"general","content":"at {{id}}"}""");
            Assert.Equal("ack", ack.GetProperty("type").GetString());
            var heard = await ann.NextOf("message");
            Assert.Equal(stamps.Count + 1, heard.GetProperty("seq").GetInt64());
            stamps.Add(heard.GetProperty("data").GetProperty("timestamp").GetDateTimeOffset());
        }

        Assert.True(stamps[1] - stamps[0] > TimeSpan.FromHours(23) && stamps[1] - stamps[2] > TimeSpan.FromHours(47));
        await ann.Answers();
        var page = JsonDocument.Parse(await server.Http.GetStringAsync("/api/rooms/general/messages", TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal([1L, 2, 3, 4], page.EnumerateArray().Select(m => m.GetProperty("id").GetInt64()));
    }

    // Only the time of day jumps, as when somebody sets it: what measures durations goes on.
    private sealed class Jumping : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
    }
}
