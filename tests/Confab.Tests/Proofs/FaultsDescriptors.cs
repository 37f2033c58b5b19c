using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Confab.Server.Sockets;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>A process out of file descriptors, or a kernel that watches no more of them: those who are in go on, the operator is told, and there is room again once somebody leaves.</summary>
public sealed class FaultsDescriptors
{
    private const string OutOfDescriptors = "out of file descriptors";

    [Fact]
    public async Task Those_who_are_in_go_on_and_the_next_come_in_when_somebody_leaves()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory(), "--limits=off");
        await using var ann = await RawWebSocket.Open(server.EndPoint);
        await ann.Join("general", "ann");

        // Room for a few more beside those that are spared.
        await Talk(ann, 0);
        var open = Descriptors(server);
        using (var limit = Process.Start("prlimit", ["--pid", $"{server.Id}", string.Create(CultureInfo.InvariantCulture, $"--nofile={open + SocketTransport.SpareDescriptors + 8}")]))
            await limit.WaitForExitAsync(TestContext.Current.CancellationToken);
        var crowd = new List<Socket>();
        try
        {
            await Gather(crowd, 64, server);
            await Wait.Until("the server to say that it is out of descriptors", () => Told(server, OutOfDescriptors) > 0);
            for (var i = 1; i <= 100; i++)
                await Talk(ann, i);
        }
        finally
        {
            crowd.ForEach(socket => socket.Dispose());
        }

        await using var bob = await Enter(server);
        Assert.Equal("joined", (await bob.Join("general", "bob")).TypeOf());
        await Talk(ann, 101);
        Assert.Equal(102, (await bob.NextOf("message")).Number("seq"));
        Assert.Equal(1, Told(server, OutOfDescriptors));
    }

    [Fact]
    public async Task Whom_the_kernel_does_not_watch_is_sent_away_and_the_next_come_in_when_somebody_leaves()
    {
        const int Watched = 400;
        await using var server = await ChildServer.StartUnwatched(ChildServer.NewDirectory(), Watched, "--limits=off");
        await using var ann = await RawWebSocket.Open(server.EndPoint);
        await ann.Join("general", "ann");
        await Talk(ann, 0);
        var crowd = new List<Socket>();
        try
        {
            await Gather(crowd, Watched - Descriptors(server) + 16, server);
            // The server says nothing to them: what there is to read is the end.
            await Wait.Until("somebody to be sent away", () => crowd.Exists(socket => socket.Poll(0, SelectMode.SelectRead)));
            for (var i = 1; i <= 100; i++)
                await Talk(ann, i);
        }
        finally
        {
            crowd.ForEach(socket => socket.Dispose());
        }

        // The next is given the lowest number that is free.
        await Wait.Until("the crowd to be gone", () => Descriptors(server) < Watched - 16);
        await using var bob = await Enter(server);
        Assert.Equal("joined", (await bob.Join("general", "bob")).TypeOf());
        await Talk(ann, 101);
        Assert.Equal(102, (await bob.NextOf("message")).Number("seq"));
        Assert.Equal(1, Told(server, "could not be accepted"));
    }

    private static int Descriptors(ChildServer server) => Directory.GetFileSystemEntries($"/proc/{server.Id}/fd").Length;

    private static async Task Gather(List<Socket> crowd, int count, ChildServer server)
    {
        for (var i = 0; i < count; i++)
        {
            crowd.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await crowd[^1].ConnectAsync(server.EndPoint, TestContext.Current.CancellationToken);
        }
    }

    private static int Told(ChildServer server, string what) => server.Output.Count(line => line.Contains(what, StringComparison.Ordinal));

    // Who was in the queue before, and left meanwhile, may take the room for a moment: one tries again.
    private static async Task<RawWebSocket> Enter(ChildServer server)
    {
        RawWebSocket? entered = null;
        await Wait.Until("the server to let somebody in", async () =>
        {
            try
            {
                entered = await RawWebSocket.Open(server.EndPoint);
            }
            catch (Exception e) when (e is EndOfStreamException or SocketException)
            {
                Assert.False(server.HasEnded, string.Join('\n', server.Output));
            }

            return entered is not null;
        });
        return entered!;
    }

    private static async Task Talk(RawWebSocket ann, int number)
    {
        await ann.SendJson(new { type = "message", room = "general", content = $"{number}" });
        Assert.Equal($"{number}", (await ann.NextOf("message")).GetProperty("data").Text("content"));
    }
}
