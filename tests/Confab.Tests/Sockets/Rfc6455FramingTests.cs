using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

public sealed class Rfc6455FramingTests(SharedServer shared) : Rfc6455Framing(shared), IClassFixture<SharedServer>;

public sealed class Rfc6455FramingOverStreamsTests(StreamServer shared) : Rfc6455Framing(shared), IClassFixture<StreamServer>;

/// <summary>RFC 6455 §5.2: headers, lengths and masking.</summary>
public abstract class Rfc6455Framing(ServerFixture shared)
{
    private readonly TestServer _server = shared.Server;

    public static MatrixTheoryData<int, int> ReservedBits { get; } = new([0, 1, 2, 8, 9, 10], [1, 2, 3, 4, 5, 6, 7]);

    [Theory]
    [InlineData(29)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(4096)]
    [InlineData(32_767)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task A_message_of_every_form_of_length_arrives(int bytes)
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Text(Pings.OfLength(bytes)));
        await socket.IsAnswered();
    }

    [Fact]
    public async Task An_empty_message_is_a_message_and_is_refused_as_one()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Text([]));
        var error = await socket.Next();
        Assert.Equal("bad_request", error.Text("code"));
        await socket.Answers();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(997)]
    public async Task A_message_in_small_packets_arrives(int packet)
    {
        await using var socket = await _server.Open();
        await socket.SendInPieces(WireFrame.Text(Pings.OfLength(1500)).ToBytes(), packet);
        await socket.IsAnswered();
    }

    [Theory]
    [InlineData(40, 1)]
    [InlineData(40, 2)]
    [InlineData(40, 5)]
    [InlineData(40, 6)]
    [InlineData(300, 1)]
    [InlineData(300, 2)]
    [InlineData(300, 3)]
    [InlineData(300, 4)]
    [InlineData(300, 7)]
    [InlineData(300, 8)]
    [InlineData(65_536, 1)]
    [InlineData(65_536, 2)]
    [InlineData(65_536, 5)]
    [InlineData(65_536, 9)]
    [InlineData(65_536, 10)]
    [InlineData(65_536, 13)]
    [InlineData(65_536, 14)]
    public async Task A_header_cut_at_any_byte_is_put_together(int bytes, int cut)
    {
        await using var socket = await _server.Open();
        var frame = WireFrame.Text(Pings.OfLength(bytes)).ToBytes();

        // A whole exchange behind the first part makes sure that the server has seen that part alone.
        await socket.Send([.. WireFrame.Text(Pings.OfLength(40, "before")).ToBytes(), .. frame[..cut]]);
        await socket.IsAnswered("before");
        await socket.Send(frame.AsMemory(cut));
        await socket.IsAnswered();
    }

    [Fact]
    public async Task Several_frames_in_one_packet_are_answered_in_their_order()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Several(Enumerable.Range(0, 50).Select(i => WireFrame.Text(Pings.OfLength(40, $"{i}")))));
        for (var i = 0; i < 50; i++)
            await socket.IsAnswered($"{i}");
    }

    [Fact]
    public async Task Frames_behind_the_handshake_in_one_packet_are_read()
    {
        await using var socket = await RawWebSocket.Connect(_server.EndPoint);
        await socket.Send([.. new Handshake().ToBytes(), .. WireFrame.Text(Pings.OfLength(40, "early")).ToBytes()]);
        Assert.Equal(101, (await socket.ReadAnswer()).Status);
        Assert.Equal("hello", (await socket.Next()).TypeOf());
        await socket.IsAnswered("early");
        await socket.Answers();
    }

    [Fact]
    public async Task A_frame_cut_by_the_end_of_the_handshakes_packet_is_put_together()
    {
        await using var socket = await RawWebSocket.Connect(_server.EndPoint);
        var frame = WireFrame.Text(Pings.OfLength(40, "early")).ToBytes();
        await socket.Send([.. new Handshake().ToBytes(), .. frame[..9]]);
        Assert.Equal("hello", (await socket.ReadAnswer(), await socket.Next()).Item2.TypeOf());
        await socket.Send(frame[9..]);
        await socket.IsAnswered("early");
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0xFFFFFFFFu)]
    [InlineData(0x01020304u)]
    [InlineData(0x80000001u)]
    public async Task Any_masking_key_is_undone(uint key)
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Text(Pings.OfLength(1021)) with { MaskingKey = key });
        await socket.IsAnswered();
    }

    [Fact]
    public async Task An_unmasked_frame_closes_with_1002() =>
        await _server.IsClosedBy(WireFrame.Text(Pings.OfLength(40)) with { Masked = false }, 1002);

    [Fact]
    public async Task An_unmasked_control_frame_closes_with_1002() =>
        await _server.IsClosedBy(WireFrame.Ping([]) with { Masked = false }, 1002);

    [Theory]
    [MemberData(nameof(ReservedBits))]
    public async Task A_reserved_bit_closes_with_1002(int opcode, int rsv) =>
        await _server.IsClosedBy(new WireFrame(opcode, Pings.OfLength(40)) { Rsv = rsv }, 1002);

    [Fact]
    public async Task A_reserved_bit_in_a_continuation_closes_with_1002() =>
        await _server.IsClosedBy(WireFrame.Several(WireFrame.Text("{"u8.ToArray(), fin: false), WireFrame.Continuation("}"u8.ToArray(), fin: true) with { Rsv = 4 }), 1002);

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    public async Task A_reserved_opcode_closes_with_1002(int opcode)
    {
        await _server.IsClosedBy(new WireFrame(opcode, []), 1002);
        await _server.IsClosedBy(new WireFrame(opcode, Pings.OfLength(40)), 1002);
    }

    [Theory]
    [InlineData(40, LengthForm.SixteenBits)]
    [InlineData(125, LengthForm.SixteenBits)]
    [InlineData(40, LengthForm.SixtyFourBits)]
    [InlineData(65_535, LengthForm.SixtyFourBits)]
    public async Task A_length_in_more_bytes_than_it_needs_closes_with_1002(int bytes, LengthForm form) =>
        await _server.IsClosedBy(WireFrame.Text(Pings.OfLength(bytes)) with { Form = form }, 1002);

    [Fact]
    public async Task What_came_whole_before_a_broken_frame_is_still_answered()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Several(WireFrame.Text(Pings.OfLength(40)), new WireFrame(3, [])));
        await socket.IsAnswered();
        await socket.IsClosedWith(1002);
    }

    [Fact]
    public async Task A_binary_frame_closes_with_1003()
    {
        await _server.IsClosedBy(WireFrame.Binary(Pings.OfLength(40)), 1003);
        await _server.IsClosedBy(WireFrame.Binary([]), 1003);
        await _server.IsClosedBy(WireFrame.Binary([1]) with { Fin = false }, 1003);
    }

    [Fact]
    public async Task The_end_of_the_connection_in_the_middle_of_a_frame_ends_it()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Text(Pings.OfLength(1000)).ToBytes().AsMemory(0, 500));
        socket.HalfClose();
        await socket.WaitForEnd();
    }
}
