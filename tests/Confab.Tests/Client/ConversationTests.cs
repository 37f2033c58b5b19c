using Confab.Client;
using Confab.Protocol;
using Confab.Tests.Support;

namespace Confab.Tests.Client;

/// <summary>What people do in a chat, through the client and the real server.</summary>
public class ConversationTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Uri Chat => new($"ws://127.0.0.1:{shared.Server.Address.Port}/chat");

    [Fact]
    public async Task Two_people_talk()
    {
        var room = await shared.Server.NewRoom();
        await using var ann = new ConfabClient(Chat, new ConfabClientOptions { Username = "ann" });
        await using var bob = new ConfabClient(Chat, new ConfabClientOptions { Username = "bob" });
        var hello = await ann.ConnectAsync(Cancel);
        await bob.ConnectAsync(Cancel);
        Assert.Equal((1, null), (hello.Version, hello.User));
        Assert.Equal(new Limits(), hello.Limits);
        var annHears = new Listener(ann);
        var bobHears = new Listener(bob);

        var snapshot = await ann.JoinAsync(room, cancellationToken: Cancel);
        Assert.Equal((0, hello.Epoch, 1), (snapshot.Seq, snapshot.Epoch, snapshot.Count));
        await bob.JoinAsync(room, cancellationToken: Cancel);
        Assert.Equal(["ann", "bob"], (await annHears.Frame<UserJoinedFrame>()).Users!.Order());

        bob.ShowTyping(room);
        Assert.Equal("bob", (await annHears.Frame<TypingFrame>()).Username);
        var said = await bob.PostAsync(room, "Hello, Ann! 👋", cancellationToken: Cancel);
        var heard = await annHears.Frame<MessageFrame>();
        Assert.Equal((said, said, "bob", "Hello, Ann! 👋"), (heard.Seq, heard.Data.Id, heard.Data.Username, heard.Data.Content));

        var answer = await ann.PostAsync(room, "Hello, Bob.", replyTo: said, cancellationToken: Cancel);
        Assert.Equal(said, (await bobHears.Frame<MessageFrame>(m => m.Seq == answer)).Data.ReplyTo);
        var edit = await bob.EditAsync(room, said, "Hello, Anne!", cancellationToken: Cancel);
        var edited = await annHears.Frame<EditedFrame>();
        Assert.Equal((edit, said, "Hello, Anne!"), (edited.Seq, edited.Data.Id, edited.Data.Content));
        Assert.NotNull(edited.Data.EditedAt);

        var reaction = await ann.ReactAsync(room, said, "🎉", cancellationToken: Cancel);
        Assert.Equal(reaction, await ann.ReactAsync(room, said, "🎉", cancellationToken: Cancel));
        Assert.Equal(["ann"], Assert.Single((await bobHears.Frame<ReactedFrame>()).Data.Reactions!).Usernames);
        var taken = await ann.UnreactAsync(room, said, "🎉", cancellationToken: Cancel);
        Assert.Null((await bobHears.Frame<ReactedFrame>(r => r.Seq == taken)).Data.Reactions);

        var deleted = await bob.DeleteAsync(room, said, cancellationToken: Cancel);
        var gone = await annHears.Frame<DeletedFrame>();
        Assert.Equal((deleted, true, ""), (gone.Seq, gone.Data.Deleted, gone.Data.Content));

        Assert.Equal(4, await ann.MarkReadAsync(room, 4, cancellationToken: Cancel));
        Assert.Equal(4, await ann.MarkReadAsync(room, 2, cancellationToken: Cancel));
        Assert.Equal(Enumerable.Range(1, 6).Select(i => (long)i), annHears.Log.Select(e => e.Seq));

        await bob.LeaveAsync(room, Cancel);
        Assert.Equal("bob", (await annHears.Frame<UserLeftFrame>()).Username);
    }

    [Fact]
    public async Task A_snapshot_brings_the_history_and_the_marker()
    {
        var room = await shared.Server.NewRoom();
        await using var client = new ConfabClient(Chat, new ConfabClientOptions { Username = "ann" });
        await client.ConnectAsync(Cancel);
        for (var i = 1; i <= 5; i++)
            await client.PostAsync(room, $"{i}", cancellationToken: Cancel);
        await client.MarkReadAsync(room, 2, cancellationToken: Cancel);
        var snapshot = await client.JoinAsync(room, new JoinOptions { History = 3 }, Cancel);
        Assert.Equal((5, 2), (snapshot.Seq, snapshot.Read));
        Assert.Equal(["3", "4", "5"], snapshot.Messages!.Select(m => m.Content));
    }

    [Fact]
    public async Task A_run_that_remembers_its_number_goes_on_there()
    {
        var room = await shared.Server.NewRoom();
        await using var writer = new ConfabClient(Chat, new ConfabClientOptions { Username = "bob" });
        var epoch = (await writer.ConnectAsync(Cancel)).Epoch;
        for (var i = 1; i <= 5; i++)
            await writer.PostAsync(room, $"{i}", cancellationToken: Cancel);
        await writer.EditAsync(room, 2, "two", cancellationToken: Cancel);

        await using var reader = new ConfabClient(Chat);
        await reader.ConnectAsync(Cancel);
        var events = new Listener(reader);
        await reader.JoinAsync(room, new JoinOptions { After = 3, Epoch = epoch }, Cancel);
        await events.Frame<EditedFrame>();
        await writer.PostAsync(room, "live", cancellationToken: Cancel);
        await events.Frame<MessageFrame>(m => m.Data.Content == "live");
        Assert.Equal([(4, "4"), (5, "5"), (6, "two"), (7, "live")], events.Log.Cast<MessageLogFrame>().Select(m => ((int)m.Seq, m.Data.Content)));
    }

    [Theory]
    [InlineData(99L, null)]
    [InlineData(0L, "another")]
    public async Task A_number_that_means_nothing_here_is_a_reset(long after, string? epoch)
    {
        var room = await shared.Server.NewRoom();
        await using var client = new ConfabClient(Chat, new ConfabClientOptions { Username = "ann" });
        await client.ConnectAsync(Cancel);
        await client.PostAsync(room, "hi", cancellationToken: Cancel);
        var events = new Listener(client);
        await client.JoinAsync(room, new JoinOptions { After = after, Epoch = epoch, History = 10 }, Cancel);
        var reset = await events.Find<RoomReset>();
        Assert.Equal((1, "hi"), (reset.Snapshot.Seq, Assert.Single(reset.Snapshot.Messages!).Content));
        await client.PostAsync(room, "again", cancellationToken: Cancel);
        Assert.Equal(2, (await events.Frame<MessageFrame>()).Seq);
    }

    [Fact]
    public async Task Refusals_are_exceptions_with_their_code()
    {
        var room = await shared.Server.NewRoom();
        await using var client = new ConfabClient(Chat, new ConfabClientOptions { Username = "ann" });
        await client.ConnectAsync(Cancel);
        var bobs = await client.PostAsync(room, "mine", options: new ChangeOptions { Username = "bob" }, cancellationToken: Cancel);

        await Refused(RefusalCode.NotFound, client.JoinAsync("nowhere", cancellationToken: Cancel));
        await Refused(RefusalCode.NotFound, client.PostAsync("nowhere", "hi", cancellationToken: Cancel));
        await Refused(RefusalCode.Empty, client.PostAsync(room, " \n", cancellationToken: Cancel));
        await Refused(RefusalCode.TooLong, client.PostAsync(room, new string('x', 16_385), cancellationToken: Cancel));
        await Refused(RefusalCode.NotFound, client.PostAsync(room, "hi", replyTo: 99, cancellationToken: Cancel));
        await Refused(RefusalCode.Forbidden, client.EditAsync(room, bobs, "yours", cancellationToken: Cancel));
        await Refused(RefusalCode.Forbidden, client.DeleteAsync(room, bobs, cancellationToken: Cancel));
        await Refused(RefusalCode.NotFound, client.UnreactAsync(room, bobs, "👍", cancellationToken: Cancel));
        await Refused(RefusalCode.BadRequest, client.LeaveAsync(room, Cancel));
        await client.PostAsync(room, "well-formed", cancellationToken: Cancel); // three malformed frames in a row would close
        await Refused(RefusalCode.BadRequest, client.JoinAsync(room, new JoinOptions { History = 201 }, Cancel));
        await Refused(RefusalCode.BadRequest, client.MarkReadAsync(room, 99, cancellationToken: Cancel));
        Assert.Equal(ConnectionState.Connected, client.State);

        static async Task Refused(RefusalCode code, Task task) => Assert.Equal(code, (await Assert.ThrowsAsync<ConfabRefusedException>(() => task)).Code);
    }

    [Fact]
    public async Task The_same_id_is_the_same_change()
    {
        var room = await shared.Server.NewRoom();
        var once = new ChangeOptions { Id = "once" };
        await using var client = new ConfabClient(Chat, new ConfabClientOptions { Username = "ann" });
        await client.ConnectAsync(Cancel);
        var both = await Task.WhenAll(client.PostAsync(room, "hi", options: once, cancellationToken: Cancel), client.PostAsync(room, "hi", options: once, cancellationToken: Cancel));
        Assert.Equal([1, 1], both);
        var conflict = await Assert.ThrowsAsync<ConfabRefusedException>(() => client.PostAsync(room, "ho", options: once, cancellationToken: Cancel));
        Assert.Equal(RefusalCode.Conflict, conflict.Code);
        Assert.Equal(1, (await shared.Server.Room(room)).GetProperty("head").GetInt64());
    }

    [Fact]
    public async Task A_monitor_hears_what_is_said_and_is_not_there()
    {
        var room = await shared.Server.NewRoom();
        await using var ann = new ConfabClient(Chat, new ConfabClientOptions { Username = "ann" });
        await using var monitor = new ConfabClient(Chat);
        await ann.ConnectAsync(Cancel);
        await monitor.ConnectAsync(Cancel);
        var heard = new Listener(monitor);
        await monitor.JoinAsync(room, new JoinOptions { Monitor = true }, Cancel);
        Assert.Equal(1, (await ann.JoinAsync(room, cancellationToken: Cancel)).Count);
        ann.ShowTyping(room);
        await ann.PostAsync(room, "hi", cancellationToken: Cancel);
        await heard.Frame<MessageFrame>();
        Assert.Equal(2, heard.Events.Count); // joined, message
    }

    [Fact]
    public async Task A_room_that_was_left_is_silent_and_can_be_joined_anew_under_another_name()
    {
        var room = await shared.Server.NewRoom();
        await using var ann = new ConfabClient(Chat, new ConfabClientOptions { Username = "ann" });
        await ann.ConnectAsync(Cancel);
        var heard = new Listener(ann);
        await ann.JoinAsync(room, cancellationToken: Cancel);
        await ann.PostAsync(room, "1", cancellationToken: Cancel);
        await heard.Frame<MessageFrame>();
        await ann.LeaveAsync(room, Cancel);
        await ann.PostAsync(room, "2", cancellationToken: Cancel);
        await ann.JoinAsync(room, cancellationToken: Cancel);
        await ann.PostAsync(room, "3", cancellationToken: Cancel);
        Assert.Equal(["anne"], (await ann.JoinAsync(room, new JoinOptions { Username = "anne" }, Cancel)).Users);
        await ann.PostAsync(room, "4", cancellationToken: Cancel);
        await heard.Frame<MessageFrame>(m => m.Seq == 4);
        Assert.Equal([(1, "ann"), (3, "ann"), (4, "anne")], heard.Log.Cast<MessageFrame>().Select(m => ((int)m.Seq, m.Data.Username)));
    }
}
