using Confab.Server.Sockets;
using Confab.Tests.Client;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Confab.Tests.Sockets;

public class StopTests
{
    [Theory]
    [InlineData("--transport=auto")]
    [InlineData("--transport=kestrel")]
    public async Task An_idle_HTTP_connection_does_not_hold_up_the_stop(string transport)
    {
        await using var server = await RestartableServer.Start(transport);
        Assert.Empty(await server.Messages()); // and the connection stays open for the next request
        await server.Stop().WaitAsync(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("--transport=auto")]
    [InlineData("--transport=kestrel")]
    public async Task Whose_handshake_is_under_way_when_the_others_are_told_is_told_too(string transport)
    {
        await using var server = await TestServer.Start(transport);
        await using var ann = await server.Open();
        // The loops only: handshakes are let in, as is one that comes just before, and the connection opens when all others were told.
        var draining = server.Services.GetRequiredService<EventLoops>().Drain(() => server.Services.GetRequiredService<ChatEndpoint>().HasConnections, spreadMs: 0, TimeProvider.System, CancellationToken.None);
        await using var late = await server.Open();
        Assert.Equal("closing", (await late.Next()).TypeOf());
        await late.IsClosedWith(1012);
        await ann.IsClosedWith(1012);
        await draining.WaitAsync(Wait.Patience, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Who_is_alone_and_just_let_in_is_told_before_the_server_stops()
    {
        await using var server = await TestServer.Start("--transport=kestrel", "--Confab:Loops=1");
        using var goOn = new ManualResetEventSlim();
        server.Services.GetRequiredService<EventLoops>().Next().Post(new Busy(goOn));
        await using var ann = await RawConnection.Connect(server.EndPoint);
        Assert.Equal(101, (await ann.Ask(new Handshake())).Status);

        // Its loop has not come to it yet.
        var drain = server.Services.GetServices<IHostedService>().OfType<Server.Operations.Drain>().Single();
        var stopping = drain.StoppingAsync(TestContext.Current.CancellationToken);
        Assert.False(stopping.IsCompleted, "The server stops without a word to who was just let in.");
        goOn.Set();
        ann.HalfClose();
        await stopping.WaitAsync(Wait.Patience, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private sealed class Busy(ManualResetEventSlim goOn) : LoopWork
    {
        public override void Run(EventLoop loop) => goOn.Wait(Wait.Patience);
    }
}
