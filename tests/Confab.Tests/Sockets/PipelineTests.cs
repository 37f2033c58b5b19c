using Confab.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Confab.Tests.Sockets;

/// <summary>
/// Frames that are sent without waiting for answers. Time stands still in these servers: what waits for the loop's next second waits for ever.
/// </summary>
public sealed class PipelineTests
{
    [Fact]
    public async Task A_message_that_waited_for_an_answer_to_be_taken_is_stored_at_once()
    {
        await using var server = await TestServer.Start(new FakeTimeProvider(), "--Confab:ReplyBytes=1");
        await using var ann = await server.Open();
        await ann.Send(WireFrame.Several(
            WireFrame.Text("""{"type":"ping","id":"first"}"""),
            WireFrame.Text("""{"type":"message","id":"behind","room":"general","username":"ann","content":"hi"}""")));
        Assert.Equal("pong", (await ann.NextWithId("first")).TypeOf());
        Assert.Equal("ack", (await ann.NextWithId("behind")).TypeOf());
    }

    [Fact]
    public async Task A_message_behind_a_join_that_fills_the_socket_is_stored_at_once()
    {
        await using var server = await TestServer.Start(new FakeTimeProvider(), "--limits=off");
        await using var ann = await RawWebSocket.Open(server.EndPoint, receiveBuffer: 4096);
        var content = new string('x', 16_000);
        for (var i = 0; i < 60; i++)
            Assert.Equal("ack", (await ann.Request($"{i}", $$"""{"type":"message","id":"{{i}}","room":"general","username":"ann","content":"{{content}}"}""")).TypeOf());
        await ann.Send(WireFrame.Several(
            WireFrame.Text("""{"type":"join","id":"join","room":"general","username":"ann","history":60}"""),
            WireFrame.Text("""{"type":"message","id":"behind","room":"general","username":"ann","content":"hi"}""")));
        Assert.Equal("joined", (await ann.NextWithId("join")).TypeOf());
        Assert.Equal("ack", (await ann.NextWithId("behind")).TypeOf());
    }
}
