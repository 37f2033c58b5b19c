using Confab.Server.Messages;
using Confab.Server.Sockets;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Operations;

/// <summary>A server that is up, and in which one thing hangs that messages go through.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_loop_that_hangs_makes_it_not_ready_until_it_goes_on()
    {
        // HTTP must not be served by the loop that hangs, or nothing at all would be answered.
        await using var server = await TestServer.Start("--transport=kestrel", "--Confab:Loops=2");
        using var hanging = new ManualResetEventSlim();
        server.Services.GetRequiredService<EventLoops>().Next().Post(new Hang(hanging));
        await IsUnreadyUntil(server, hanging, "not ready: an event loop is not responding\n");
    }

    [Fact]
    public async Task Readers_that_hang_make_it_not_ready_until_they_go_on()
    {
        await using var server = await TestServer.Start("--Confab:Readers=1");
        using var hanging = new ManualResetEventSlim();
        var read = server.Services.GetRequiredService<Readers>().Query(_ =>
        {
            hanging.Wait(TestContext.Current.CancellationToken);
            return 0;
        });
        await IsUnreadyUntil(server, hanging, "not ready: a read is not completing\n");
        await read;
    }

    private static async Task IsUnreadyUntil(TestServer server, ManualResetEventSlim hanging, string reason)
    {
        try
        {
            using var answer = await server.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            Assert.Equal(503, (int)answer.StatusCode);
            Assert.Equal(reason, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            hanging.Set();
        }

        Assert.Equal("ready\n", await server.Http.GetStringAsync("/health/ready", TestContext.Current.CancellationToken));
    }

    private sealed class Hang(ManualResetEventSlim hanging) : LoopWork
    {
        public override void Run(EventLoop loop) => hanging.Wait();
    }
}
