using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

public sealed class Rfc6455ControlTests(SharedServer shared) : Rfc6455Control(shared), IClassFixture<SharedServer>;

public sealed class Rfc6455ControlOverStreamsTests(StreamServer shared) : Rfc6455Control(shared), IClassFixture<StreamServer>;

/// <summary>RFC 6455 §5.5: pings, pongs and the rules for control frames.</summary>
public abstract class Rfc6455Control(ServerFixture shared)
{
    private readonly TestServer _server = shared.Server;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(124)]
    [InlineData(125)]
    public async Task A_ping_is_answered_with_its_own_payload(int bytes)
    {
        await using var socket = await _server.Open();
        byte[] payload = [.. Enumerable.Range(0, bytes).Select(i => (byte)(i * 7))];
        await socket.Send(WireFrame.Ping(payload));
        await IsPong(socket, payload);
    }

    [Fact]
    public async Task A_ping_with_bytes_that_are_not_text_is_answered_with_them()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Ping([0x00, 0xFF, 0xFE, 0xC0, 0x80]));
        await IsPong(socket, [0x00, 0xFF, 0xFE, 0xC0, 0x80]);
    }

    [Fact]
    public async Task A_ping_a_byte_at_a_time_is_answered()
    {
        await using var socket = await _server.Open();
        await socket.SendInPieces(WireFrame.Ping([1, 2, 3, 4]).ToBytes(), 1);
        await IsPong(socket, [1, 2, 3, 4]);
    }

    [Fact]
    public async Task Ten_pings_in_one_packet_are_answered_in_their_order()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Several(Enumerable.Range(0, 10).Select(i => WireFrame.Ping([(byte)i]))));
        for (var i = 0; i < 10; i++)
            await IsPong(socket, [(byte)i]);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task A_control_frame_over_125_bytes_closes_with_1002(int opcode)
    {
        await _server.IsClosedBy(new WireFrame(opcode, new byte[126]), 1002);
        await _server.IsClosedBy(new WireFrame(opcode, new byte[70_000]), 1002);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task A_fragmented_control_frame_closes_with_1002(int opcode)
    {
        await _server.IsClosedBy(new WireFrame(opcode, []) { Fin = false }, 1002);
        await _server.IsClosedBy(WireFrame.Several(new WireFrame(opcode, [1]) { Fin = false }, WireFrame.Continuation([2], fin: true)), 1002);
    }

    [Fact]
    public async Task A_pong_that_nobody_asked_for_is_ignored()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Several(WireFrame.Pong([]), WireFrame.Pong("unasked"u8.ToArray()), WireFrame.Ping([42])));
        await IsPong(socket, [42]);
        await socket.Answers();
    }

    [Fact]
    public async Task Pings_between_the_fragments_of_a_message_are_answered_before_it()
    {
        await using var socket = await _server.Open();
        var message = Pings.OfLength(300);
        await socket.Send(WireFrame.Several(
            WireFrame.Text(message[..100], fin: false),
            WireFrame.Ping([1]),
            WireFrame.Continuation(message[100..200], fin: false),
            WireFrame.Ping([2]),
            WireFrame.Pong([3])));
        await IsPong(socket, [1]);
        await IsPong(socket, [2]);
        await socket.Send(WireFrame.Continuation(message[200..], fin: true));
        await socket.IsAnswered();
    }

    private static async Task IsPong(RawWebSocket socket, byte[] payload)
    {
        var frame = await socket.Receive();
        Assert.NotNull(frame);
        Assert.True(frame.IsPong, $"Expected a pong, got {frame}.");
        Assert.True(frame.Fin);
        Assert.Equal(payload, frame.Payload);
    }
}
