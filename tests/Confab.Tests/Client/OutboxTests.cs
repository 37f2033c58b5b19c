using Confab.Client;
using Confab.Protocol;

namespace Confab.Tests.Client;

/// <summary>What becomes of a change that is asked for, whatever becomes of the connection.</summary>
public class OutboxTests
{
    private static readonly ConfabClientOptions s_hasty = new() { Username = "ann", MinBackoff = TimeSpan.FromMilliseconds(5), MaxBackoff = TimeSpan.FromMilliseconds(50) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_not_answered_is_sent_again_in_order_under_the_same_id()
    {
        var first = new List<MessageCommand>();
        var second = new List<MessageCommand>();
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            for (var i = 0; i < 5; i++)
                (number == 1 ? first : second).Add(await peer.Receive<MessageCommand>());
            if (number == 1)
            {
                await peer.Ack(first[0], 1);
                await peer.Ack(first[1], 2);
                await peer.Receive<MessageCommand>(); // the sixth, and then it is cut
                return;
            }

            foreach (var command in second)
                await peer.Ack(command, 3);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var posts = Enumerable.Range(1, 7).Select(i => client.PostAsync("general", $"{i}", cancellationToken: Cancel)).ToArray();
        await Task.WhenAll(posts).WaitAsync(Listener.Patience, Cancel);

        Assert.Equal(["1", "2", "3", "4", "5"], first.Select(m => m.Content));
        Assert.Equal(["3", "4", "5", "6", "7"], second.Select(m => m.Content));
        Assert.Equal(first.Skip(2), second.Take(3));
        Assert.Equal([1, 2, 3, 3, 3, 3, 3], posts.Select(p => p.Result));
    }

    [Fact]
    public async Task Rooms_are_joined_again_before_anything_is_sent_again()
    {
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            await peer.Joined(await peer.Receive<JoinCommand>(), 0);
            await peer.Joined(await peer.Receive<JoinCommand>(), 0);
            var post = await peer.Receive<MessageCommand>();
            Assert.Equal("ann", post.Username);
            if (number == 2)
                await peer.Ack(post, 1);
            if (number == 2)
                await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        await client.JoinAsync("general", cancellationToken: Cancel);
        await client.JoinAsync("random", cancellationToken: Cancel);
        Assert.Equal(1, await client.PostAsync("random", "hi", cancellationToken: Cancel).WaitAsync(Listener.Patience, Cancel));
    }

    [Fact]
    public async Task A_refusal_has_its_code()
    {
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            await peer.Refuse(await peer.Receive<MessageCommand>(), "rate_limited", 50);
            await peer.Refuse(await peer.Receive<EditCommand>(), "a_code_of_the_future");
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var limited = await Assert.ThrowsAsync<ConfabRefusedException>(() => client.PostAsync("general", "hi", cancellationToken: Cancel));
        Assert.Equal((RefusalCode.RateLimited, TimeSpan.FromMilliseconds(50)), (limited.Code, limited.RetryAfter));
        var unknown = await Assert.ThrowsAsync<ConfabRefusedException>(() => client.EditAsync("general", 1, "hi", cancellationToken: Cancel));
        Assert.Equal((RefusalCode.Internal, null), (unknown.Code, unknown.RetryAfter));
    }

    [Fact]
    public async Task What_a_server_refuses_because_it_restarts_is_asked_again_after_the_restart()
    {
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            var post = await peer.Receive<MessageCommand>();
            if (number == 1)
            {
                await peer.Send(new ClosingFrame { RetryAfterMs = 0 });
                await peer.Refuse(post, "unavailable", 1000);
                await peer.Close(1012);
                return;
            }

            await peer.Ack(post, 7);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        Assert.Equal(7, await client.PostAsync("general", "hi", cancellationToken: Cancel).WaitAsync(Listener.Patience, Cancel));
    }

    [Fact]
    public async Task A_full_outbox_makes_callers_wait_and_keeps_their_order()
    {
        var release = new TaskCompletionSource();
        var contents = new List<string>();
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            await release.Task;
            while (await peer.Receive() is MessageCommand post)
            {
                contents.Add(post.Content!);
                await peer.Ack(post, contents.Count);
            }
        });
        await using var client = new ConfabClient(server.Chat, s_hasty with { OutboxCapacity = 3 });
        await client.ConnectAsync(Cancel);
        using var impatient = new CancellationTokenSource();
        var posts = Enumerable.Range(1, 50).Select(i => client.PostAsync("general", $"{i}", cancellationToken: Cancel)).ToArray();
        var given = client.PostAsync("general", "given up", cancellationToken: impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        release.SetResult();
        await Task.WhenAll(posts).WaitAsync(Listener.Patience, Cancel);
        Assert.Equal(Enumerable.Range(1, 50).Select(i => $"{i}"), contents);
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), posts.Select(p => p.Result));
    }

    [Fact]
    public async Task What_was_given_up_before_it_was_sent_never_is()
    {
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            if (number == 1)
            {
                await peer.Hello();
                return;
            }

            await Task.Delay(50, Cancel);
            await peer.Hello();
            while (await peer.Receive() is MessageCommand post)
                await peer.Ack(post, post.Content == "kept" ? 1 : throw new InvalidOperationException(post.Content));
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        await new Listener(client).Find<ConnectionLost>();
        using var impatient = new CancellationTokenSource();
        var given = client.PostAsync("general", "given up", cancellationToken: impatient.Token);
        var kept = client.PostAsync("general", "kept", cancellationToken: Cancel);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal(1, await kept.WaitAsync(Listener.Patience, Cancel));
    }

    [Fact]
    public async Task A_frame_longer_than_the_server_takes_is_not_sent()
    {
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello(frameBytes: 1024);
            await peer.Ack(await peer.Receive<MessageCommand>(), 1);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var refused = await Assert.ThrowsAsync<ConfabRefusedException>(() => client.PostAsync("general", new string('x', 1024), cancellationToken: Cancel));
        Assert.Equal(RefusalCode.TooLong, refused.Code);
        Assert.Equal(1, await client.PostAsync("general", "hi", cancellationToken: Cancel));
    }

    [Fact]
    public async Task A_frame_that_closed_the_connection_is_not_sent_again()
    {
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            await peer.Receive<MessageCommand>();
            if (number == 1)
            {
                await peer.Receive<MessageCommand>();
                await peer.Close(1009);
                return;
            }

            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        _ = client.PostAsync("general", "short", cancellationToken: Cancel);
        var refused = await Assert.ThrowsAsync<ConfabRefusedException>(() => client.PostAsync("general", new string('x', 1000), cancellationToken: Cancel));
        Assert.Equal(RefusalCode.TooLong, refused.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task An_id_that_cannot_be_one_is_an_error_of_the_program(string id)
    {
        await using var client = new ConfabClient(new Uri("ws://localhost:9292/chat"));
        await Assert.ThrowsAsync<ArgumentException>(() => client.PostAsync("general", "hi", options: new ChangeOptions { Id = id }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Disposing_says_goodbye_and_lets_nobody_wait()
    {
        var closed = new TaskCompletionSource<bool>();
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            await peer.Receive<MessageCommand>();
            closed.SetResult(await peer.Receive() is null);
            await peer.Close(1000);
        });
        var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        var post = client.PostAsync("general", "hi", cancellationToken: Cancel);
        await Task.Delay(50, Cancel);
        await client.DisposeAsync().AsTask().WaitAsync(Listener.Patience, Cancel);
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => post);
        Assert.True(await closed.Task.WaitAsync(Listener.Patience, Cancel));
        Assert.Null(await events.End());
        Assert.Equal(ConnectionState.Closed, client.State);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.PostAsync("general", "hi", cancellationToken: Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ConnectAsync(Cancel));
    }
}
