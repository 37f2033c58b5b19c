using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

public sealed class Rfc6455FragmentTests(SharedServer shared) : Rfc6455Fragment(shared), IClassFixture<SharedServer>;

public sealed class Rfc6455FragmentOverStreamsTests(StreamServer shared) : Rfc6455Fragment(shared), IClassFixture<StreamServer>;

/// <summary>RFC 6455 §5.4: messages in several frames.</summary>
public abstract class Rfc6455Fragment(ServerFixture shared)
{
    private readonly TestServer _server = shared.Server;

    [Theory]
    [InlineData(1, 50)]
    [InlineData(7, 500)]
    [InlineData(1000, 65_536)]
    [InlineData(65_535, 65_536)]
    public async Task A_message_in_fragments_is_put_together(int fragment, int bytes)
    {
        await using var socket = await _server.Open();
        await socket.Send(InFragments(Pings.OfLength(bytes), fragment));
        await socket.IsAnswered();
    }

    [Fact]
    public async Task A_message_in_fragments_a_byte_at_a_time_is_put_together()
    {
        await using var socket = await _server.Open();
        await socket.SendInPieces(InFragments(Pings.OfLength(60), 20), 1);
        await socket.IsAnswered();
    }

    [Fact]
    public async Task Empty_fragments_add_nothing()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Several(
            WireFrame.Text([], fin: false),
            WireFrame.Continuation([], fin: false),
            WireFrame.Continuation(Pings.OfLength(40), fin: false),
            WireFrame.Continuation([], fin: true)));
        await socket.IsAnswered();
    }

    [Fact]
    public async Task A_message_of_empty_fragments_only_is_an_empty_message()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Several(WireFrame.Text([], fin: false), WireFrame.Continuation([], fin: false), WireFrame.Continuation([], fin: true)));
        Assert.Equal("bad_request", (await socket.Next()).Text("code"));
        await socket.Answers();
    }

    [Fact]
    public async Task Messages_in_fragments_can_follow_each_other()
    {
        await using var socket = await _server.Open();
        await socket.Send([.. InFragments(Pings.OfLength(90, "a"), 30), .. WireFrame.Text(Pings.OfLength(40, "b")).ToBytes(), .. InFragments(Pings.OfLength(90, "c"), 40)]);
        await socket.IsAnswered("a");
        await socket.IsAnswered("b");
        await socket.IsAnswered("c");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_continuation_of_nothing_closes_with_1002(bool fin) =>
        await _server.IsClosedBy(WireFrame.Continuation(Pings.OfLength(40), fin), 1002);

    [Fact]
    public async Task A_continuation_after_a_whole_message_closes_with_1002()
    {
        await using var socket = await _server.Open();
        await socket.Send([.. InFragments(Pings.OfLength(60), 30), .. WireFrame.Continuation([0x20], fin: true).ToBytes()]);
        await socket.IsAnswered();
        await socket.IsClosedWith(1002);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(2, false)]
    public async Task A_new_message_inside_an_unfinished_one_closes_with_1002(int opcode, bool fin) =>
        await _server.IsClosedBy(WireFrame.Several(WireFrame.Text("{"u8.ToArray(), fin: false), new WireFrame(opcode, Pings.OfLength(40)) { Fin = fin }), 1002);

    [Fact]
    public async Task A_close_between_fragments_is_answered()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Several(WireFrame.Text("{"u8.ToArray(), fin: false), WireFrame.Close(1000)));
        Assert.Equal(1000, (await socket.ReceiveClose()).CloseCode);
        await socket.WaitForEnd();
    }

    private static byte[] InFragments(byte[] message, int size) => WireFrame.Several(message
        .Chunk(size)
        .Select((part, i) => new WireFrame(i == 0 ? 1 : 0, part) { Fin = (i + 1) * size >= message.Length }));
}
