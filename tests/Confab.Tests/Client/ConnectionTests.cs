using System.Net.WebSockets;
using Confab.Client;
using Confab.Protocol;

namespace Confab.Tests.Client;

/// <summary>One connection, and what holds while it ends.</summary>
public sealed class ConnectionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_sends_does_not_wait_behind_a_goodbye_that_could_not_be_said()
    {
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            await peer.Close(1012);
        });
        await using var wire = new Wire(() => server.Chat.Port);
        using var connection = await Connection.OpenAsync(wire.Chat, new ConfabClientOptions(), Cancel);
        Assert.Null(await connection.ReceiveAsync(Cancel));
        // The server has closed, and the answer to that goes nowhere.
        wire.Cut();
        await connection.CloseAsync();
        var failure = await Record.ExceptionAsync(() => connection.SendAsync(new TypingCommand { Room = "general" }).WaitAsync(Listener.Patience, Cancel));
        Assert.True(failure is ObjectDisposedException or WebSocketException, $"{failure}");
    }
}
