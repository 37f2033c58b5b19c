using Confab.Client;
using Confab.Protocol;
using Confab.Tests.Proofs;
using Confab.Tests.Protocol;
using Confab.Tests.Support;

namespace Confab.Tests.Client;

/// <summary>How a room is followed over lost connections, resets and full queues.</summary>
public class RoomTests
{
    private static readonly ConfabClientOptions s_hasty = new() { Username = "ann", MinBackoff = TimeSpan.FromMilliseconds(5), MaxBackoff = TimeSpan.FromMilliseconds(50) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("epoch-2", true)]
    [InlineData(ScriptedPeer.Epoch, false)]
    public async Task A_reset_comes_with_the_snapshot_and_its_history(string epoch, bool isForeseen)
    {
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello(number == 1 ? ScriptedPeer.Epoch : epoch);
            var join = await peer.Receive<JoinCommand>();
            if (number == 1)
            {
                await peer.Joined(join, 10, messages: []);
                return;
            }

            Assert.Equal(10, join.After);
            Assert.Equal(isForeseen ? 20 : null, join.History);
            await peer.Send(new ResetFrame { Room = "general", Seq = 3, Epoch = epoch, Reason = "Restored." });
            await peer.Joined(join, 3, epoch, isForeseen ? [ScriptedPeer.MessageOf("general", 3)] : null);
            if (!isForeseen)
            {
                join = await peer.Receive<JoinCommand>();
                Assert.Equal((null, null, 20), (join.After, join.Epoch, join.History));
                await peer.Joined(join, 3, epoch, [ScriptedPeer.MessageOf("general", 3)]);
            }

            await peer.Message("general", 4);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        await client.JoinAsync("general", new JoinOptions { History = 20 }, Cancel);

        var reset = await events.Find<RoomReset>();
        Assert.Equal("Restored.", reset.Reset.Reason);
        Assert.Equal((3, epoch), (reset.Snapshot.Seq, reset.Snapshot.Epoch));
        Assert.Equal(3, Assert.Single(reset.Snapshot.Messages!).Id);
        Assert.Equal(4, (await events.Frame<MessageFrame>()).Seq);
        Assert.Single(events.Events.OfType<RoomReset>());
    }

    [Fact]
    public async Task A_room_that_may_not_be_joined_again_is_lost()
    {
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            var join = await peer.Receive<JoinCommand>();
            if (number == 1)
            {
                await peer.Joined(join, 10);
                return;
            }

            await peer.Refuse(join, "not_found");
            await peer.Message("general", 11);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        await client.JoinAsync("general", cancellationToken: Cancel);
        var lost = await events.Find<RoomLost>();
        Assert.Equal(("general", RefusalCode.NotFound), (lost.Room, lost.Code));
        Assert.Empty(events.Log);
    }

    [Fact]
    public async Task A_room_that_cannot_be_joined_now_is_joined_later()
    {
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            var join = await peer.Receive<JoinCommand>();
            if (number == 1)
            {
                await peer.Joined(join, 10);
                return;
            }

            await peer.Refuse(join, "storage_unavailable", 20);
            join = await peer.Receive<JoinCommand>();
            Assert.Equal(10, join.After);
            await peer.Joined(join, 11);
            await peer.Message("general", 11);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        await client.JoinAsync("general", cancellationToken: Cancel);
        Assert.Equal(11, (await events.Frame<MessageFrame>()).Seq);
    }

    [Fact]
    public async Task A_room_that_was_left_is_not_joined_again()
    {
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            if (number == 1)
            {
                await peer.Joined(await peer.Receive<JoinCommand>(), 0);
                await peer.Receive<LeaveCommand>();
                return; // the answer is lost
            }

            await peer.Ack(await peer.Receive<MessageCommand>(), 1);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        await client.JoinAsync("general", cancellationToken: Cancel);
        await client.LeaveAsync("general", Cancel).WaitAsync(Listener.Patience, Cancel);
        Assert.Equal(1, await client.PostAsync("general", "hi", cancellationToken: Cancel).WaitAsync(Listener.Patience, Cancel));
    }

    [Fact]
    public async Task What_is_asked_for_while_a_join_is_under_way_carries_the_name_of_that_join()
    {
        var names = new TaskCompletionSource<string?[]>();
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            var join = await peer.Receive<JoinCommand>();
            var first = await peer.Receive<MessageCommand>();
            var rename = await peer.Receive<JoinCommand>();
            var second = await peer.Receive<MessageCommand>();
            names.SetResult([first.Username, second.Username]);
            await peer.Joined(join, 0);
            await peer.Joined(rename, 0);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var joining = client.JoinAsync("general", new JoinOptions { Username = "ann" }, Cancel);
        _ = client.PostAsync("general", "hi", cancellationToken: Cancel);
        var renaming = client.JoinAsync("general", new JoinOptions { Username = "anna" }, Cancel);
        _ = client.PostAsync(" general", "hi", cancellationToken: Cancel);
        Assert.Equal(["ann", "anna"], await names.Task.WaitAsync(Listener.Patience, Cancel));
        await Task.WhenAll(joining, renaming).WaitAsync(Listener.Patience, Cancel);
    }

    [Fact]
    public async Task A_room_is_left_however_its_name_is_written()
    {
        // Joined as "Caf" + e + U+0301, which the server writes with U+00E9; left as the caller pleases.
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            if (number == 1)
            {
                var join = await peer.Receive<JoinCommand>();
                await peer.Receive<LeaveCommand>();
                await peer.Send(new JoinedFrame { Id = join.Id, Room = "Caf\u00E9", Seq = 0, Epoch = ScriptedPeer.Epoch, Count = 1 });
                await peer.Receive<MessageCommand>();
                return; // the answers are lost
            }

            await peer.Ack(await peer.Receive<MessageCommand>(), 1);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        var joining = client.JoinAsync("Cafe\u0301", cancellationToken: Cancel);
        var leaving = client.LeaveAsync(" Caf\u00E9 ", Cancel);
        await joining.WaitAsync(Listener.Patience, Cancel);
        Assert.Equal(1, await client.PostAsync("general", "hi", cancellationToken: Cancel).WaitAsync(Listener.Patience, Cancel));
        await leaving.WaitAsync(Listener.Patience, Cancel);
        // It was left before its answer came: nothing of it is told.
        await events.Find<ConnectionRestored>();
        Assert.DoesNotContain(events.Events, happened => happened is FrameReceived { Frame: JoinedFrame });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_room_that_was_left_while_its_join_was_under_way_is_not_joined_again(int answers)
    {
        var cut = new TaskCompletionSource();
        await using var server = await ScriptedServer.Start(async (number, peer) =>
        {
            await peer.Hello();
            if (number == 1)
            {
                var join = await peer.Receive<JoinCommand>();
                var leave = await peer.Receive<LeaveCommand>();
                if (answers > 0)
                    await peer.Joined(join, 0);
                if (answers > 1)
                    await peer.Left(leave);
                await cut.Task;
                return;
            }

            if (answers == 0)
            {
                await peer.Joined(await peer.Receive<JoinCommand>(), 0);
                await peer.Left(await peer.Receive<LeaveCommand>());
            }

            await peer.Ack(await peer.Receive<MessageCommand>(), 1);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        var joining = client.JoinAsync("general", cancellationToken: Cancel);
        var leaving = client.LeaveAsync("general", Cancel);
        if (answers > 0)
            await joining.WaitAsync(Listener.Patience, Cancel);
        if (answers > 1)
            await leaving.WaitAsync(Listener.Patience, Cancel);
        cut.SetResult();
        await Task.WhenAll(joining, leaving).WaitAsync(Listener.Patience, Cancel);
        Assert.Equal(1, await client.PostAsync("general", "hi", cancellationToken: Cancel).WaitAsync(Listener.Patience, Cancel));
        await events.Find<ConnectionRestored>();
        Assert.Empty(events.Events.OfType<FrameReceived>());
    }

    [Fact]
    public async Task Every_frame_of_the_vectors_is_taken()
    {
        var frames = Vectors.All.Where(v => v.File.StartsWith("server.", StringComparison.Ordinal) && v.File != "server.closing").ToArray();
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            await peer.Joined(await peer.Receive<JoinCommand>(), 41);
            foreach (var vector in frames)
                await peer.Send(vector.Frame.GetRawText());
            await peer.Ack(await peer.Receive<MessageCommand>(), 1);
            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty);
        await client.ConnectAsync(Cancel);
        var events = new Listener(client);
        await client.JoinAsync("general", cancellationToken: Cancel);
        Assert.Equal(1, await client.PostAsync("general", "hi", cancellationToken: Cancel).WaitAsync(Listener.Patience, Cancel));
        Assert.Equal(ConnectionState.Connected, client.State);

        var log = events.Log.Select(f => f.Seq).ToArray();
        Assert.NotEmpty(log);
        Assert.Equal(log.Order().Distinct(), log);
        var unknown = events.Events.OfType<FrameReceived>().Select(e => e.Frame).OfType<UnknownFrame>().Select(f => f.Type);
        Assert.Equal(frames.Where(f => f.IsUnknown).Select(f => f.Frame.GetProperty("type").GetString()), unknown);
    }

    [Fact]
    public async Task A_slow_reader_stops_the_client_from_reading()
    {
        const int count = 2000;
        var content = new string('x', 10_000); // 20 MB in all: the kernel and the pipes between hold a few of them
        var stalled = new TaskCompletionSource();
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            await peer.Joined(await peer.Receive<JoinCommand>(), 0);
            for (var seq = 1; seq <= count; seq++)
            {
                var sending = peer.Message("general", seq, content);
                if (!sending.IsCompleted && await Task.WhenAny(sending, Wait.ForAsLongAs(TimeSpan.FromMilliseconds(500))) != sending)
                    stalled.TrySetResult();
                await sending;
            }

            await peer.Idle();
        });
        await using var client = new ConfabClient(server.Chat, s_hasty with { EventCapacity = 16 });
        await client.ConnectAsync(Cancel);
        await client.JoinAsync("general", cancellationToken: Cancel);
        await stalled.Task.WaitAsync(Listener.Patience, Cancel);

        long last = 0;
        await foreach (var item in client.ReadEventsAsync(Cancel))
        {
            if (item is FrameReceived { Frame: MessageFrame message })
                Assert.Equal(++last, message.Seq);
            if (last == count)
                break;
        }

        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task While_a_caller_waits_for_an_answer_events_are_shed_and_asked_for_again()
    {
        const int count = 100;
        var rejoins = new List<long>();
        await using var server = await ScriptedServer.Start(async (_, peer) =>
        {
            await peer.Hello();
            await peer.Joined(await peer.Receive<JoinCommand>(), 0);
            var sent = 0L;
            while (true)
            {
                // The answer stands behind all the events there are.
                while (sent < count)
                    await peer.Message("general", ++sent);
                switch (await peer.Receive())
                {
                    case MessageCommand post:
                        await peer.Ack(post, 1);
                        break;
                    case JoinCommand join:
                        rejoins.Add(join.After!.Value);
                        await peer.Joined(join, count);
                        sent = join.After.Value;
                        break;
                    default:
                        return;
                }
            }
        });
        await using var client = new ConfabClient(server.Chat, s_hasty with { EventCapacity = 8 });
        await client.ConnectAsync(Cancel);
        await client.JoinAsync("general", cancellationToken: Cancel);

        var seen = new List<long>();
        await foreach (var item in client.ReadEventsAsync(Cancel))
        {
            if (item is not FrameReceived { Frame: MessageFrame message })
                continue;
            seen.Add(message.Seq);
            Assert.Equal(1, await client.PostAsync("general", "an answer", cancellationToken: Cancel).WaitAsync(Listener.Patience, Cancel));
            if (seen.Count == count)
                break;
        }

        Assert.Equal(Enumerable.Range(1, count).Select(i => (long)i), seen);
        Assert.NotEmpty(rejoins);
        Assert.True(rejoins.Count < count / 3, $"{rejoins.Count} rejoins for {count} events");
        Assert.Equal(1, server.Connections);
    }
}
