using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>A server that waits one second instead of five for the answer to its close.</summary>
public sealed class ImpatientServer() : ServerFixture("--Confab:CloseSeconds=1");

/// <summary>The same, over streams.</summary>
public sealed class ImpatientStreamServer() : ServerFixture("--Confab:CloseSeconds=1", "--transport=kestrel");

public sealed class Rfc6455UnansweredCloseTests(ImpatientServer shared) : Rfc6455UnansweredClose(shared), IClassFixture<ImpatientServer>;

public sealed class Rfc6455UnansweredCloseOverStreamsTests(ImpatientStreamServer shared) : Rfc6455UnansweredClose(shared), IClassFixture<ImpatientStreamServer>;

/// <summary>RFC 6455 §7.1: the server has the last word, and does not wait for it for ever.</summary>
public abstract class Rfc6455UnansweredClose(ServerFixture shared)
{
    private static readonly byte[] s_malformedThrice = WireFrame.Several(WireFrame.Text("1"), WireFrame.Text("2"), WireFrame.Text("3"));

    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task A_close_that_is_never_answered_ends_with_the_connection_cut()
    {
        await using var socket = await _server.Open();
        await socket.Send(s_malformedThrice);
        Assert.Equal(1008, (await socket.ReceiveClose()).CloseCode);
        await socket.WaitForEnd();
    }

    [Fact]
    public async Task A_client_that_talks_on_instead_of_answering_a_close_is_cut_as_well()
    {
        await using var socket = await _server.Open();
        await socket.Send(s_malformedThrice);
        Assert.Equal(1008, (await socket.ReceiveClose()).CloseCode);
        await TalksOn(socket);
    }

    [Fact]
    public async Task A_client_that_breaks_the_framing_and_talks_on_is_cut_as_well()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Binary([1]));
        Assert.Equal(1003, (await socket.ReceiveClose()).CloseCode);
        await TalksOn(socket);
    }

    [Fact]
    public async Task A_client_that_closes_and_talks_on_is_cut_as_well()
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Close(1000));
        Assert.Equal(1000, (await socket.ReceiveClose()).CloseCode);
        await TalksOn(socket);
    }

    private static async Task TalksOn(RawWebSocket socket)
    {
        var started = TimeProvider.System.GetTimestamp();
        var packet = WireFrame.Text(Pings.OfLength(1000)).ToBytes();
        while (await socket.TrySend(packet))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < RawConnection.Patience, "It was never cut.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
