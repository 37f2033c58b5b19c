using System.Text;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Sockets;

/// <summary>What a join is answered with, and what follows it.</summary>
public sealed class JoinTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("another")]
    public async Task An_epoch_that_is_not_the_server_s_is_a_reset_also_if_it_is_empty(string epoch)
    {
        await using var server = await TestServer.Start();
        await using var ann = await server.Open();
        await ann.Request("1", """{"type":"message","id":"1","room":"general","username":"ann","content":"hi"}""");
        await ann.SendJson(new { type = "join", room = "general", after = 0, epoch });
        Assert.Equal("reset", (await ann.NextOf("reset", "message")).TypeOf());
        Assert.Equal(1, (await ann.NextOf("joined")).Number("seq"));
    }

    [Fact]
    public async Task A_history_of_long_messages_ends_at_256_KiB_and_has_no_gap()
    {
        const int Messages = 60;
        await using var server = await TestServer.Start("--limits=off");
        await using var ann = await server.Open();
        for (var i = 1; i <= Messages; i++)
            await ann.Request($"{i}", $$"""{"type":"message","id":"{{i}}","room":"general","username":"ann","content":"{{new string('x', 8000)}}"}""");

        await ann.SendJson(new { type = "join", room = "general", history = Messages });
        var joined = await ann.NextOf("joined");
        var messages = joined.GetProperty("messages").EnumerateArray().Select(m => m.Number("id")).ToArray();
        Assert.Equal(Enumerable.Range(Messages - messages.Length + 1, messages.Length).Select(id => (long)id), messages);
        var bytes = joined.GetProperty("messages").EnumerateArray().Sum(m => Encoding.UTF8.GetByteCount(m.GetRawText()));
        Assert.InRange(bytes, History.NewestBytes - 9000, History.NewestBytes);

        // What is before them is there to be asked for.
        var before = await server.Http.GetStringAsync($"/api/rooms/general/messages?limit=1&before={messages[0]}", Cancel);
        Assert.StartsWith($$"""[{"id":{{messages[0] - 1}},""", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_newest_message_is_in_the_history_however_long_it_is()
    {
        await using var server = await TestServer.Start();
        await using var ann = await server.Open();
        for (var i = 1; i <= 3; i++)
            await ann.Request($"{i}", $$"""{"type":"message","id":"{{i}}","room":"general","username":"ann","content":"{{i}}"}""");
        var room = server.Services.GetRequiredService<RoomDirectory>().Find(Actor.System, "general"u8)!;
        var page = await server.Services.GetRequiredService<Readers>().Query(reader => History.Page(reader, room, long.MaxValue, after: -1, limit: 3, maxBytes: 1));
        Assert.Equal((3, 3, true), (page.First, page.Last, page.HasOlder));
    }

    [Fact]
    public async Task Many_who_come_back_to_the_same_place_share_one_read_of_the_log()
    {
        const int Many = 20;
        await using var server = await TestServer.Start("--limits=off", "--Confab:TailBytesPerRoom=0", "--Confab:Readers=1", "--Confab:Loops=1");
        var people = new List<RawWebSocket>();
        for (var i = 0; i < Many; i++)
            people.Add(await server.Open());
        for (var i = 1; i <= 5; i++)
            await people[0].Request($"{i}", $$"""{"type":"message","id":"{{i}}","room":"general","username":"ann","content":"{{i}}"}""");

        // The one reader is held until all of them have asked, so that all their rooms are read before the first piece of the log.
        using (var gate = new ManualResetEventSlim())
        {
            var held = server.Services.GetRequiredService<Readers>().Query(_ => gate.Wait(RawConnection.Patience, Cancel));
            foreach (var socket in people)
            {
                await socket.Send(WireFrame.Several(WireFrame.Text("""{"type":"ping","id":"asked"}"""), WireFrame.Text("""{"type":"join","room":"general","after":0}""")));
                await socket.NextWithId("asked");
            }

            gate.Set();
            await held;
        }

        foreach (var socket in people)
        {
            for (var seq = 1; seq <= 5; seq++)
                Assert.Equal(seq, (await socket.NextOf("message")).Number("seq"));
        }

        // Whoever joins a moment after the first piece was read needs it once more.
        Assert.InRange(server.Services.GetRequiredService<Metrics>().LogReads, 1, Many / 4);
        foreach (var socket in people)
            await socket.DisposeAsync();
    }
}
