using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

public sealed class Rfc6455CloseTests(SharedServer shared) : Rfc6455Close(shared), IClassFixture<SharedServer>;

public sealed class Rfc6455CloseOverStreamsTests(StreamServer shared) : Rfc6455Close(shared), IClassFixture<StreamServer>;

/// <summary>RFC 6455 §5.5.1 and §7: how a connection ends.</summary>
public abstract class Rfc6455Close(ServerFixture shared)
{
    private readonly TestServer _server = shared.Server;

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(1010)]
    [InlineData(1011)]
    [InlineData(1012)]
    [InlineData(1013)]
    [InlineData(1014)]
    [InlineData(3000)]
    [InlineData(3999)]
    [InlineData(4000)]
    [InlineData(4999)]
    public async Task A_close_is_answered_with_its_own_code(int code)
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Close(code));
        Assert.Equal(code, (await socket.ReceiveClose()).CloseCode);
        Assert.Null(await socket.Receive());
    }

    [Theory]
    [InlineData("")]
    [InlineData("done")]
    [InlineData("κόσμε 👍")]
    public async Task A_close_may_give_a_reason(string reason)
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Close(1000, reason));
        Assert.Equal(1000, (await socket.ReceiveClose()).CloseCode);
        Assert.Null(await socket.Receive());
    }

    [Fact]
    public async Task A_close_with_a_reason_of_123_bytes_is_the_longest()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Close(1000, new string('x', 123)));
        Assert.Equal(1000, (await socket.ReceiveClose()).CloseCode);
        await _server.IsClosedBy(WireFrame.Close(1000, new string('x', 124)), 1002);
    }

    [Fact]
    public async Task An_empty_close_is_answered_without_a_code_or_with_1000()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Close([]));
        var close = await socket.ReceiveClose();
        Assert.True(close.Payload.Length == 0 || close.CloseCode == 1000, $"{close}");
        Assert.Null(await socket.Receive());
    }

    [Fact]
    public async Task A_close_of_one_byte_closes_with_1002() => await _server.IsClosedBy(WireFrame.Close([3]), 1002);

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(1016)]
    [InlineData(1100)]
    [InlineData(2000)]
    [InlineData(2999)]
    [InlineData(5000)]
    [InlineData(65_535)]
    public async Task A_close_with_a_code_that_may_not_be_sent_closes_with_1002(int code)
    {
        await _server.IsClosedBy(WireFrame.Close(code), 1002);
        await _server.IsClosedBy(WireFrame.Close(code, "why"), 1002);
    }

    [Theory]
    [InlineData("FF")]
    [InlineData("CEBAE1BDB9CF83CEBCCEB5EDA080656469746564")]
    [InlineData("F09F91")]
    public async Task A_close_whose_reason_is_not_text_closes_with_1007(string hex) =>
        await _server.IsClosedBy(WireFrame.Close(1000, Convert.FromHexString(hex)), 1007);

    [Fact]
    public async Task Nothing_after_a_close_is_answered()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Several(
            WireFrame.Close(1000),
            WireFrame.Ping([1]),
            WireFrame.Text(Pings.OfLength(40)),
            WireFrame.Close(4000),
            new WireFrame(3, [])));
        var first = await socket.Receive();
        Assert.Equal(1000, first?.CloseCode);
        Assert.Null(await socket.Receive());
    }

    [Fact]
    public async Task What_was_asked_before_a_close_is_answered_before_it()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Several(WireFrame.Text(Pings.OfLength(40)), WireFrame.Ping([7]), WireFrame.Close(1000)));
        await socket.IsAnswered();
        Assert.True((await socket.Receive())!.IsPong);
        Assert.Equal(1000, (await socket.Receive())?.CloseCode);
        Assert.Null(await socket.Receive());
    }

    [Fact]
    public async Task A_client_that_only_ends_its_direction_is_let_go()
    {
        await using var socket = await _server.Open();
        socket.HalfClose();
        await socket.WaitForEnd();
    }
}
