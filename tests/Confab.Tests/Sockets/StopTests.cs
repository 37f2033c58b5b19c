using Confab.Tests.Client;

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
}
