using System.Text;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>A server that gives a message two seconds, and a reader that takes nothing as well.</summary>
public sealed class StrictServer() : ServerFixture("--Confab:FrameSeconds=2", "--Confab:CloseSeconds=1");

/// <summary>Somebody in the room breaks the protocol: that one is sent away with the right code, and the others notice nothing but that.</summary>
public sealed class HostileFramesTests(StrictServer shared) : IClassFixture<StrictServer>
{
    private readonly TestServer _server = shared.Server;

    public static TheoryData<string, byte[], int> Broken { get; } = new()
    {
        { "unmasked", (WireFrame.Text("{}") with { Masked = false }).ToBytes(), 1002 },
        { "reserved bit", (WireFrame.Text("{}") with { Rsv = 4 }).ToBytes(), 1002 },
        { "unknown opcode", new WireFrame(5, []).ToBytes(), 1002 },
        { "huge announced length", (WireFrame.Text([]) with { Claims = long.MaxValue }).ToBytes(), 1009 },
        { "long control frame", WireFrame.Ping(new byte[126]).ToBytes(), 1002 },
        { "fragmented control frame", (WireFrame.Ping([]) with { Fin = false }).ToBytes(), 1002 },
        { "stray continuation", WireFrame.Continuation([1], fin: true).ToBytes(), 1002 },
        { "invalid UTF-8", WireFrame.Text([0xC0, 0xAF]).ToBytes(), 1007 },
        { "binary", WireFrame.Binary([1]).ToBytes(), 1003 },
        { "HTTP instead of frames", Encoding.ASCII.GetBytes("GET /chat HTTP/1.1\r\nHost: localhost\r\n\r\n"), 1002 },
        { "zeros", new byte[4096], 1002 },
        { "ones", [.. Enumerable.Repeat((byte)0xFF, 4096)], 1002 },
        { "bad close code", WireFrame.Close(1005).ToBytes(), 1002 },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Whoever_breaks_the_framing_leaves_alone(string how, byte[] bytes, int code)
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await neighbours.LetMalloryIn();
        await mallory.TrySend(bytes);
        var close = await mallory.ReceiveClose();
        Assert.True(close.CloseCode == code, $"{how}: {close}");
        await neighbours.SeeMalloryLeave();
        await neighbours.AreUndisturbed();
    }

    [Fact]
    public async Task A_message_dripped_a_byte_at_a_time_closes_with_1008()
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await neighbours.LetMalloryIn();
        var closing = mallory.ReceiveClose();
        var message = WireFrame.Text(Pings.OfLength(60_000)).ToBytes();
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; !closing.IsCompleted; i++)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < RawConnection.Patience, "It was never closed.");
            await mallory.TrySend(message.AsMemory(i, 1));
            await Task.WhenAny(closing, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        Assert.Equal(1008, (await closing).CloseCode);
        await neighbours.SeeMalloryLeave();
        await neighbours.AreUndisturbed();
    }

    [Fact]
    public async Task A_message_in_fragments_that_never_ends_closes_with_1008_whatever_comes_between()
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await neighbours.LetMalloryIn();
        var closing = mallory.ReceiveClose();
        await mallory.Send(WireFrame.Text("{"u8.ToArray(), fin: false));
        var started = TimeProvider.System.GetTimestamp();
        while (!closing.IsCompleted)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < RawConnection.Patience, "It was never closed.");
            await mallory.TrySend(WireFrame.Ping([1]).ToBytes());
            await Task.WhenAny(closing, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        Assert.Equal(1008, (await closing).CloseCode);
        await neighbours.SeeMalloryLeave();
        await neighbours.AreUndisturbed();
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    public async Task A_flood_of_control_frames_closes_with_1008(int opcode)
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        await using var mallory = await neighbours.LetMalloryIn();
        var closing = mallory.ReceiveClose();
        var flood = WireFrame.Several(Enumerable.Repeat(new WireFrame(opcode, new byte[125]), 100));
        for (var i = 0; i < 100 && !closing.IsCompleted; i++)
        {
            if (!await mallory.TrySend(flood))
                break;
        }

        Assert.Equal(1008, (await closing).CloseCode);
        await neighbours.SeeMalloryLeave();
        await neighbours.AreUndisturbed();
    }

    [Fact]
    public async Task A_thousand_pings_in_ten_seconds_are_still_answered()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Several(Enumerable.Repeat(WireFrame.Ping([7]), 900)));
        for (var i = 0; i < 900; i++)
            Assert.True((await socket.Receive())!.IsPong);
        await socket.Answers();
    }

    [Fact]
    public async Task Connections_that_end_in_every_way_leave_nothing_behind()
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        for (var i = 0; i < 40; i++)
        {
            await using var mallory = await neighbours.LetMalloryIn();
            var halfFrame = WireFrame.Text(Pings.OfLength(500)).ToBytes().AsMemory(0, 100 + i);
            switch (i % 5)
            {
                case 0:
                    mallory.Abort();
                    break;
                case 1:
                    await mallory.Send(halfFrame);
                    mallory.Abort();
                    break;
                case 2:
                    mallory.HalfClose();
                    break;
                case 3:
                    await mallory.Send(halfFrame);
                    mallory.HalfClose();
                    break;
                default:
                    await mallory.Send(WireFrame.Close(4000, "bye"));
                    break;
            }

            await neighbours.SeeMalloryLeave();
        }

        await neighbours.AreUndisturbed();
        await _server.HasConnections(2);
    }

    [Fact]
    public async Task A_handshake_that_is_dropped_at_once_leaves_nothing_behind()
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        for (var i = 0; i < 50; i++)
        {
            var connection = await RawConnection.Connect(_server.EndPoint);
            await connection.Send([.. new Handshake().ToBytes(), .. WireFrame.Text($$"""{"type":"join","room":"{{neighbours.Room}}"}""").ToBytes()]);
            connection.Abort();
        }

        await neighbours.AreUndisturbed();
        await _server.HasConnections(2);
    }
}
