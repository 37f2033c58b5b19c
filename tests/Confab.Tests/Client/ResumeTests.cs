using System.Net.Http.Json;
using System.Text.Json;
using Confab.Client;
using Confab.Protocol;

namespace Confab.Tests.Client;

/// <summary>The client's promise, with faults: no event is missed or comes twice, no change is made twice or lost.</summary>
public class ResumeTests
{
    private static readonly ConfabClientOptions s_hasty = new() { MinBackoff = TimeSpan.FromMilliseconds(5), MaxBackoff = TimeSpan.FromMilliseconds(100) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cut_connections_lose_and_repeat_nothing()
    {
        const int each = 150;
        await using var server = await RestartableServer.Start();
        await using var wire = new Wire(() => server.Port);
        await using var reader = new ConfabClient(wire.Chat, s_hasty);
        await reader.ConnectAsync(Cancel);
        var events = new Listener(reader);
        await reader.JoinAsync("general", cancellationToken: Cancel);

        var writers = new[] { "ann", "bob", "cleo" };
        var posting = Task.WhenAll(writers.Select(name => Post(wire.Chat, name, each)));
        var cuts = 0;
        for (; !posting.IsCompleted; cuts++)
        {
            await Task.WhenAny(posting, Task.Delay(Random.Shared.Next(5, 60), Cancel));
            wire.Cut();
        }

        var acks = await posting;
        await AssertAllOnce(server, events, writers, acks, each);
        Assert.True(cuts > 3 && wire.Connections > 6, $"{cuts} cuts, {wire.Connections} connections");
    }

    [Fact]
    public async Task Restarts_of_the_server_lose_and_repeat_nothing()
    {
        const int each = 200;
        await using var server = await RestartableServer.Start();
        await using var reader = new ConfabClient(server.Chat, s_hasty);
        await reader.ConnectAsync(Cancel);
        var events = new Listener(reader);
        await reader.JoinAsync("general", cancellationToken: Cancel);

        var writers = new[] { "ann", "bob" };
        var posting = Task.WhenAll(writers.Select(name => Post(server.Chat, name, each, TimeSpan.FromMilliseconds(5))));
        for (var restart = 1; restart <= 3; restart++)
        {
            // In the middle of the talk: some of it was heard since everybody found back.
            var heard = events.Log.Count;
            while (events.Log.Count < heard + 10 && !posting.IsCompleted)
                await Task.Delay(5, Cancel);
            await server.Stop();
            await server.StartAgain();
            await events.Count<ConnectionRestored>(restart);
        }

        await AssertAllOnce(server, events, writers, await posting, each);
        Assert.All(events.Events.OfType<ConnectionLost>().Where(e => e.CloseCode is not null), e => Assert.Equal(1012, e.CloseCode));
    }

    [Fact]
    public async Task A_post_whose_answer_was_lost_is_made_once()
    {
        await using var server = await RestartableServer.Start();
        await using var wire = new Wire(() => server.Port);
        await using var client = new ConfabClient(wire.Chat, s_hasty with { Username = "ann" });
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        await client.JoinAsync("general", cancellationToken: Cancel);
        wire.HoldAnswers();
        var post = client.PostAsync("general", "hi", cancellationToken: Cancel);
        while ((await server.Messages()).Count == 0)
            await Task.Delay(10, Cancel);
        Assert.False(post.IsCompleted);
        wire.Cut();
        Assert.Equal(1, await post.WaitAsync(Listener.Patience, Cancel));
        await events.Frame<MessageFrame>();
        Assert.Single(await server.Messages());
        Assert.Single(events.Log);
    }

    [Fact]
    public async Task A_connection_that_went_silent_is_given_up()
    {
        await using var server = await RestartableServer.Start();
        await using var wire = new Wire(() => server.Port);
        await using var client = new ConfabClient(wire.Chat, s_hasty with { Username = "ann", KeepAliveInterval = TimeSpan.FromMilliseconds(200), KeepAliveTimeout = TimeSpan.FromSeconds(1) });
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        await client.JoinAsync("general", cancellationToken: Cancel);
        wire.HoldAnswers();
        await events.Find<ConnectionLost>();
        var post = client.PostAsync("general", "hi", cancellationToken: Cancel);
        wire.Cut();
        Assert.Equal(1, await post.WaitAsync(Listener.Patience, Cancel));
    }

    [Fact]
    public async Task What_is_posted_while_there_is_no_server_is_posted_when_there_is_one()
    {
        await using var server = await RestartableServer.Start();
        await using var client = new ConfabClient(server.Chat, s_hasty with { Username = "ann" });
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        await client.JoinAsync("general", cancellationToken: Cancel);
        await server.Stop();
        await events.Find<ConnectionLost>();
        var posts = Enumerable.Range(1, 20).Select(i => client.PostAsync("general", $"{i}", cancellationToken: Cancel)).ToArray();
        await server.StartAgain();
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), await Task.WhenAll(posts).WaitAsync(Listener.Patience, Cancel));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"{i}"), (await server.Messages()).Select(m => m.Content));
    }

    [Fact]
    public async Task A_reader_that_pauses_for_long_reads_on_without_a_gap()
    {
        const int count = 4000;
        await using var server = await RestartableServer.Start("--Confab:StallSeconds=1", "--Confab:TailBytesPerRoom=65536");
        await using var wire = new Wire(() => server.Port);
        await using var writer = new ConfabClient(server.Chat, s_hasty with { Username = "bob" });
        await using var reader = new ConfabClient(wire.Chat, s_hasty with { EventCapacity = 64 });
        await writer.ConnectAsync(Cancel);
        await reader.ConnectAsync(Cancel);
        await reader.JoinAsync("general", cancellationToken: Cancel);
        var content = new string('x', 4000);
        for (var i = 0; i < count; i += 100)
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => writer.PostAsync("general", content, cancellationToken: Cancel)));
        while ((await server.Http.GetFromJsonAsync<JsonElement>("/api/rooms/general", Cancel)).GetProperty("present").GetInt32() > 0)
            await Task.Delay(20, Cancel); // until the server gave it up

        long last = 0;
        await foreach (var item in reader.ReadEventsAsync(Cancel))
        {
            if (item is FrameReceived { Frame: LogFrame log })
                Assert.Equal(++last, log.Seq);
            if (last == count)
                break;
        }

        Assert.True(wire.Connections > 1);
    }

    [Fact]
    public async Task A_program_may_post_while_it_handles_an_event()
    {
        const int questions = 500, answers = 50;
        await using var server = await RestartableServer.Start();
        await using var writer = new ConfabClient(server.Chat, s_hasty with { Username = "writer" });
        await using var echo = new ConfabClient(server.Chat, s_hasty with { Username = "echo", EventCapacity = 4 });
        await writer.ConnectAsync(Cancel);
        await echo.ConnectAsync(Cancel);
        await echo.JoinAsync("general", cancellationToken: Cancel);
        var posting = Task.WhenAll(Enumerable.Range(0, questions).Select(i => writer.PostAsync("general", $"question {i}", cancellationToken: Cancel)));

        var seen = new List<long>();
        await foreach (var item in echo.ReadEventsAsync(Cancel))
        {
            if (item is not FrameReceived { Frame: MessageFrame message })
                continue;
            seen.Add(message.Seq);
            if (message.Data.Username == "writer" && message.Data.Content.EndsWith('7'))
                await echo.PostAsync("general", "answer", replyTo: message.Data.Id, cancellationToken: Cancel).WaitAsync(Listener.Patience, Cancel);
            if (seen.Count == questions + answers)
                break;
        }

        await posting;
        Assert.Equal(Enumerable.Range(1, questions + answers).Select(i => (long)i), seen);
    }

    private static async Task<long[]> Post(Uri chat, string name, int count, TimeSpan pause = default)
    {
        await using var client = new ConfabClient(chat, s_hasty with { Username = name });
        while (client.State == ConnectionState.New)
        {
            try
            {
                await client.ConnectAsync(Cancel);
            }
            catch (ConfabConnectionException e) when (!e.IsPermanent)
            {
                // Cut in the middle of it.
            }
        }

        _ = new Listener(client);
        await client.JoinAsync("general", cancellationToken: Cancel);
        var posts = new List<Task<long>>();
        for (var i = 0; i < count; i++)
        {
            posts.Add(client.PostAsync("general", $"{name} {i}", cancellationToken: Cancel));
            if (i % 10 == 9)
                await Task.WhenAll(posts).WaitAsync(Listener.Patience, Cancel);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, Cancel);
        }

        return await Task.WhenAll(posts).WaitAsync(Listener.Patience, Cancel);
    }

    // Every message is stored once, in its sender's order, under the number that was acknowledged, and was heard once.
    private static async Task AssertAllOnce(RestartableServer server, Listener events, string[] writers, long[][] acks, int each)
    {
        var messages = await server.Messages();
        for (var writer = 0; writer < writers.Length; writer++)
        {
            var own = messages.Where(m => m.Username == writers[writer]).ToArray();
            Assert.Equal(Enumerable.Range(0, each).Select(i => $"{writers[writer]} {i}"), own.Select(m => m.Content));
            Assert.Equal(acks[writer], own.Select(m => m.Id));
        }

        var all = writers.Length * each;
        Assert.Equal(Enumerable.Range(1, all).Select(i => (long)i), messages.Select(m => m.Id));
        await events.Frame<MessageFrame>(m => m.Seq == all);
        Assert.Equal(Enumerable.Range(1, all).Select(i => (long)i), events.Log.Select(e => e.Seq));
        Assert.Equal(messages.Select(m => m.Content), events.Log.Cast<MessageFrame>().Select(m => m.Data.Content));
    }
}
