using Confab.Client;
using Confab.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Confab.Tests.Client;

/// <summary>When a client comes back, and when it stays away.</summary>
public class ReconnectTests
{
    private static readonly ConfabClientOptions s_hasty = new() { Username = "ann", MinBackoff = TimeSpan.FromMilliseconds(5), MaxBackoff = TimeSpan.FromMilliseconds(50) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    public async Task A_client_that_broke_the_protocol_stays_away(int code)
    {
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            await peer.Receive<MessageCommand>();
            await peer.Close(code, "mend it");
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);

        var post = await Assert.ThrowsAsync<ConfabConnectionException>(() => client.PostAsync("general", "hi", cancellationToken: Cancel));
        Assert.Equal(code, post.CloseCode);
        Assert.Same(post, await events.End());
        Assert.Equal(ConnectionState.Closed, client.State);
        Assert.Equal(1, server.Connections);
        await Assert.ThrowsAsync<ConfabConnectionException>(() => client.JoinAsync("general", cancellationToken: Cancel));
    }

    [Fact]
    public async Task A_goodbye_of_the_server_ends_the_events_without_an_error()
    {
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            await peer.Close(1000);
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        Assert.Null(await new Listener(client).End());
        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1011)]
    [InlineData(1012)]
    [InlineData(1013)]
    [InlineData(null)]
    public async Task A_client_comes_back_and_is_told_nothing_twice(int? code)
    {
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            var join = await peer.Receive<JoinCommand>();
            if (number == 1)
            {
                await peer.Joined(join, 10);
                await peer.Message("general", 11);
                await peer.Message("general", 12);
                if (code is { } said)
                    await peer.Close(said);
                return;
            }

            Assert.Equal((12, ScriptedPeer.Epoch), (join.After, join.Epoch));
            await peer.Joined(join, 13);
            await peer.Message("general", 12);
            await peer.Message("general", 13);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        Assert.Equal(10, (await client.JoinAsync("general", cancellationToken: Cancel)).Seq);

        await events.Frame<MessageFrame>(m => m.Seq == 13);
        Assert.Equal([11, 12, 13], events.Log.Select(m => m.Seq));
        Assert.Equal(code, (await events.Find<ConnectionLost>()).CloseCode);
        await events.Find<ConnectionRestored>();
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task After_a_breach_of_policy_a_client_comes_back_once_after_a_minute()
    {
        var time = new FakeTimeProvider();
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            await peer.Close(1008, "a flood");
        });
        await using var client = new ConfabClient(server.Chat, s_hasty with { TimeProvider = time });
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        Assert.Equal(TimeSpan.FromMinutes(1), (await events.Find<ConnectionLost>()).RetryIn);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, server.Connections);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1008, Assert.IsType<ConfabConnectionException>(await events.End()).CloseCode);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task A_server_that_restarts_is_left_alone_as_long_as_it_asks()
    {
        var time = new FakeTimeProvider();
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            if (number == 1)
            {
                await peer.Send(new ClosingFrame { RetryAfterMs = 3000 });
                await peer.Close(1012);
            }

            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty with { TimeProvider = time });
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        Assert.InRange((await events.Find<ConnectionLost>()).RetryIn.TotalMilliseconds, 3000, 3005);
        time.Advance(TimeSpan.FromSeconds(4));
        await events.Find<ConnectionRestored>();
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(401, true)]
    [InlineData(403, true)]
    [InlineData(404, true)]
    [InlineData(426, true)]
    [InlineData(429, false)]
    [InlineData(503, false)]
    public async Task The_first_attempt_tells_whether_another_one_helps(int status, bool isPermanent)
    {
        await using var server = await ScriptedServer.Start((_, http) =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        var refused = await Assert.ThrowsAsync<ConfabConnectionException>(() => client.ConnectAsync(Cancel));
        Assert.Equal((status, isPermanent), (refused.HttpStatus, refused.IsPermanent));
        Assert.Equal(ConnectionState.New, client.State);
    }

    [Fact]
    public async Task A_refused_handshake_ends_the_attempts_to_come_back_only_if_it_is_final()
    {
        await using var server = await ScriptedServer.Start(async (number, http) =>
        {
            if (number > 1)
            {
                http.Response.StatusCode = number == 2 ? 503 : 403;
                return;
            }

            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await new ScriptedPeer(socket, http.RequestAborted).Hello();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var end = Assert.IsType<ConfabConnectionException>(await new Listener(client).End());
        Assert.Equal((403, true), (end.HttpStatus, end.IsPermanent));
        Assert.Equal(3, server.Connections);
    }

    [Fact]
    public async Task Nobody_there_is_an_error_at_once()
    {
        await using var client = new ConfabClient(new Uri("ws://127.0.0.1:1/chat"), s_hasty);
        var nobody = await Assert.ThrowsAsync<ConfabConnectionException>(() => client.ConnectAsync(Cancel));
        Assert.Equal((0, false), (nobody.HttpStatus, nobody.IsPermanent));
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_in_time()
    {
        await using var server = await ScriptedServer.Start((_, peer) => peer.Idle());
        await using var client = new ConfabClient(server.Chat, s_hasty with { ConnectTimeout = TimeSpan.FromMilliseconds(100) });
        Assert.False((await Assert.ThrowsAsync<ConfabConnectionException>(() => client.ConnectAsync(Cancel))).IsPermanent);
    }

    [Theory]
    [InlineData("""{"type":"pong"}""")]
    [InlineData("""{"type":"hello","version":2,"epoch":"e","user":null,"limits":{}}""")]
    [InlineData("Hello!")]
    [InlineData(null)]
    public async Task What_is_no_Confab_server_is_left_at_once(string? first)
    {
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            if (first is null)
                await peer.SendBinary([1, 2, 3]);
            else
                await peer.Send(first);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        Assert.True((await Assert.ThrowsAsync<ConfabConnectionException>(() => client.ConnectAsync(Cancel))).IsPermanent);
    }

    [Fact]
    public void Waits_grow_and_are_spread()
    {
        var lost = new ConfabConnectionException("lost");
        for (var round = 0; round < 100; round++)
        {
            var backoff = new Backoff(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30));
            for (var attempt = 0; attempt < 40; attempt++)
            {
                var most = Math.Min(250 * Math.Pow(2, attempt), 30_000);
                Assert.InRange(backoff.After(lost)!.Value.TotalMilliseconds, most / 2, most);
            }

            backoff.Lasted(TimeSpan.FromSeconds(9));
            Assert.InRange(backoff.After(lost)!.Value.TotalMilliseconds, 15_000, 30_000);
            backoff.Lasted(TimeSpan.FromSeconds(10));
            Assert.InRange(backoff.After(lost)!.Value.TotalMilliseconds, 125, 250);
        }
    }
}
