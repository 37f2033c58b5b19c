using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Operations;
using Confab.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Confab.Tests.Sockets;

/// <summary>Who says nothing is cut, and who says something that the server does not read is not. A server's seconds are the test's here.</summary>
[Collection(nameof(MetricsAlone))]
public sealed class SilenceTests
{
    private const int SilenceSeconds = 3;

    private static readonly string[] s_options = ["--limits=off", "--Confab:Loops=1", "--Confab:Limits:PingSeconds=1", $"--Confab:Limits:SilenceSeconds={SilenceSeconds}"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_that_answers_no_ping_is_cut_and_counted()
    {
        var time = new FakeTimeProvider();
        await using var server = await TestServer.Start(time, s_options);
        await using var witness = await server.Open();
        await using var mallory = await server.Open();
        await server.HasConnections(2);
        for (var i = 0; i < SilenceSeconds; i++)
            await PassSecond(time, witness);
        await server.HasConnections(2);
        for (var i = 0; i < 2; i++)
            await PassSecond(time, witness);
        await mallory.WaitForEnd();
        await server.HasConnections(1);
        Assert.Matches(@"confab_closes_total\{[^}]*code=""silent""[^}]*\} 1\b", await server.Http.GetStringAsync("/metrics", Cancel));
    }

    [Fact]
    public async Task Whoever_is_not_read_from_while_the_disk_hangs_is_not_silent()
    {
        var time = new FakeTimeProvider();
        await using var server = await TestServer.Start(time, [.. s_options, "--Confab:ChangesPerConnection=1", "--Confab:FrameSeconds=3"]);
        await using var witness = await server.Open();
        await using var ann = await server.Open();
        await ann.Join("general", "ann");
        var next = WireFrame.Text("""{"type":"ping","id":"next"}""").ToBytes();
        using (var disk = new SqliteConnection(Path.Combine(server.Data, Database.FileName)))
        {
            // Whoever has the file to itself is to the server a disk that does not come to an end. The half of a frame comes along with the change.
            disk.Execute("BEGIN IMMEDIATE");
            await ann.Send([
                .. WireFrame.Text("""{"type":"ping","id":"taken"}""").ToBytes(),
                .. WireFrame.Text("""{"type":"message","id":"stored","room":"general","content":"hi"}""").ToBytes(),
                .. next[..8]]);
            await ann.NextWithId("taken");
            await ann.Send(next[8..]);
            for (var i = 0; i < 2 * SilenceSeconds; i++)
                await PassSecond(time, witness);
            disk.Execute("ROLLBACK");
        }

        Assert.Equal("ack", (await ann.NextWithId("stored")).TypeOf());
        await PassSecond(time, witness);
        Assert.Equal("pong", (await ann.NextWithId("next")).TypeOf());
        await ann.Answers();
    }

    // Every second there is a ping, and whoever has it knows that the second was looked at.
    private static async Task PassSecond(FakeTimeProvider time, RawWebSocket witness)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        RawFrame? frame;
        do
            frame = await witness.Receive();
        while (frame is { IsPing: false });
        Assert.NotNull(frame);
        await witness.Send(WireFrame.Pong(frame.Payload));
        await witness.Answers();
    }
}
