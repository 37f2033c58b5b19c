using Confab.Cli;
using Confab.Cli.Chat;
using Confab.Client;
using Confab.Protocol;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Confab.Tests.Cli;

/// <summary>What a person in a room sees: the messages as they are now, set in rows that nothing of other people's can leave.</summary>
public sealed class ConversationTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 23, 50, 0, TimeSpan.Zero));
    private readonly Conversation _room;

    public ConversationTests() => _room = new Conversation("general", "ann", _time);

    [Fact]
    public void Edits_and_deletions_are_seen_in_their_place()
    {
        Join();
        Say(1, "ann", "one");
        Say(2, "bob", "two");
        Say(3, "ann", "three");
        Happens(new EditedFrame { Room = "general", Seq = 4, Data = Message(1, "ann", "uno") with { EditedAt = _time.GetUtcNow() } });
        Happens(new DeletedFrame { Room = "general", Seq = 5, Data = Message(2, "bob", "") with { Deleted = true } });
        Happens(new ReactedFrame
        {
            Room = "general",
            Seq = 6,
            Data = Message(3, "ann", "three") with { Reactions = [new ReactionData { Emoji = "👍", Count = 2, Usernames = ["bob", "cat"] }] },
        });
        Assert.Equal(
        [
            "───────────────────── Sunday 22 November 2026 ──────────────────────",
            "23:50            ann  uno (edited)                                #1",
            "                 bob  deleted                                     #2",
            "                 ann  three                                       #3",
            "                      👍 2  ",
        ], Rows(68));
    }

    [Fact]
    public void A_pin_is_told_once_and_goes_with_its_message()
    {
        Join();
        Say(1, "ann", "one");
        Say(2, "bob", "two");
        Room(3, "tea", 1);
        Room(4, "tea", 1, 2);
        Happens(new DeletedFrame { Room = "general", Seq = 5, Data = Message(1, "ann", "") with { Deleted = true } });
        Room(6, "tea");
        Assert.Equal(["The topic is now: tea", "#1 was pinned.", "#2 was pinned.", "#2 was unpinned."], _room.Entries.OfType<Remark>().Select(remark => remark.Text));

        void Room(long seq, string topic, params long[] pins) =>
            Happens(new RoomChangedFrame { Room = "general", Seq = seq, Data = new RoomData { Name = "general", Topic = topic, Pins = pins.Length == 0 ? null : pins } });
    }

    [Fact]
    public void What_mentions_oneself_stands_out()
    {
        Join();
        Happens(new MessageFrame { Room = "general", Seq = 1, Data = Message(1, "bob", "hi @Ann and @cat") with { Mentions = ["ann", "cat"] } });
        Happens(new MessageFrame { Room = "general", Seq = 2, Data = Message(2, "bob", "hi @cat") with { Mentions = ["cat"] } });
        var skip = 0;
        var spans = new Layout(_room, TimeZoneInfo.Utc, 60).Last(10, ref skip).SelectMany(row => row.Spans).ToArray();
        Assert.Equal(Style.Own, spans.Single(span => span.Text == "hi @Ann and @cat").Style);
        Assert.NotEqual(Style.Own, spans.Single(span => span.Text == "hi @cat").Style);
    }

    [Fact]
    public void That_the_room_is_archived_is_told_once_and_that_it_is_not_any_more_too()
    {
        Join();
        Room(1, archived: true);
        Room(2, archived: true);
        Assert.True(_room.IsArchived);
        Room(3, archived: null);
        Assert.False(_room.IsArchived);
        Assert.Equal(["The room was archived and is read-only.", "The room was unarchived."], _room.Entries.OfType<Remark>().Select(remark => remark.Text));

        void Room(long seq, bool? archived) =>
            Happens(new RoomChangedFrame { Room = "general", Seq = seq, Data = new RoomData { Name = "general", Topic = "", Archived = archived } });
    }

    [Fact]
    public void A_day_a_name_and_a_time_are_told_where_they_change()
    {
        Join();
        Say(1, "ann", "late");
        Say(2, "ann", "still");
        _time.Advance(TimeSpan.FromMinutes(11));
        Say(3, "ann", "early");
        _time.Advance(TimeSpan.FromMinutes(1));
        Say(4, "bob", "morning");
        Assert.Equal(
        [
            "───────────────────── Sunday 22 November 2026 ──────────────────────",
            "23:50            ann  late                                        #1",
            "                      still                                       #2",
            "───────────────────── Monday 23 November 2026 ──────────────────────",
            "00:01            ann  early                                       #3",
            "00:02            bob  morning                                     #4",
        ], Rows(68));
    }

    [Fact]
    public void An_answer_says_what_it_answers()
    {
        Join();
        Say(1, "bob", "which one?");
        Happens(new MessageFrame { Room = "general", Seq = 2, Data = Message(2, "ann", "that") with { ReplyTo = 1 } });
        Happens(new MessageFrame { Room = "general", Seq = 3, Data = Message(3, "ann", "this") with { ReplyTo = 77 } });
        var rows = Rows(68);
        Assert.Contains(rows, row => row.Contains("↳ bob: which one?"));
        Assert.Contains(rows, row => row.Contains("↳ #77"));
    }

    [Fact]
    public void Typing_ends_with_the_message_by_leaving_and_by_itself()
    {
        Join("ann", "bob", "cat", "dan");
        foreach (var name in new[] { "bob", "cat", "dan" })
            Happens(new TypingFrame { Room = "general", Username = name });
        Assert.Equal(["bob", "cat", "dan"], _room.Typing);
        Say(1, "bob", "there");
        Happens(new UserLeftFrame { Room = "general", Username = "cat", Count = 3, Users = ["ann", "bob", "dan"] });
        Assert.Equal(["dan"], _room.Typing);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Empty(_room.Typing);
    }

    [Fact]
    public void Older_messages_go_before_and_what_changed_among_those_not_known_does_not_appear()
    {
        Happens(Joined(9, [Message(8, "bob", "eight"), Message(9, "bob", "nine")], "ann"));
        Happens(new EditedFrame { Room = "general", Seq = 10, Data = Message(2, "bob", "two") });
        Assert.Equal([8, 9], _room.Messages.Select(m => m.Id));
        Assert.True(_room.HasOlder);
        _room.AddOlder([Message(1, "bob", "one"), Message(2, "bob", "two")]);
        Assert.Equal([1, 2, 8, 9], _room.Messages.Select(m => m.Id));
        _room.AddOlder([]);
        Assert.False(_room.HasOlder);
    }

    [Fact]
    public void Another_history_leaves_nothing_of_the_one_before()
    {
        Join();
        Say(1, "ann", "old");
        _room.Apply(new RoomReset(new ResetFrame { Room = "general", Seq = 1, Epoch = "new", Reason = "restored" }, Joined(1, [Message(1, "bob", "new")], "ann")));
        Assert.Equal("new", Assert.Single(_room.Messages).Content);
    }

    [Fact]
    public void What_is_kept_is_bounded()
    {
        Join();
        for (var i = 1; i <= Conversation.MaxEntries + 10; i++)
            Say(i, "bob", "x");
        Assert.InRange(_room.Entries.Count, 1, Conversation.MaxEntries);
        Assert.True(_room.HasOlder);
        Assert.Equal(Conversation.MaxEntries + 10, _room.Messages.Last().Id);
    }

    [Fact]
    public void No_text_writes_to_the_terminal_or_leaves_its_row()
    {
        var nasty = Gen.OneOf(
            Gen.Const("\e[2J"), Gen.Const("\e]0;x\a"), Gen.Const("\u009b31m"), Gen.Const("\r"), Gen.Const("\n"), Gen.Const("\t"), Gen.Const("\u202e"), Gen.Const("\u2028"),
            Gen.Const("你好"), Gen.Const("👩‍👩‍👧"), Gen.Const("🇩🇪"), Gen.Const("❤️"), Gen.Const("e\u0301"), Gen.Const("\ud800"), Gen.Const(" "), Gen.Const("\U000E0041"), Gen.String[Gen.Char[' ', '\u2fff'], 0, 20]).List[0, 12].Select(string.Concat);
        Gen.Select(nasty, nasty, nasty, Gen.Int[30, 120]).Sample((name, text, emoji, width) =>
        {
            var room = new Conversation("general", "ann", _time);
            var said = Message(5, name, text) with { ReplyTo = 4, Reactions = [new ReactionData { Emoji = emoji, Count = 1, Usernames = [name] }] };
            room.Apply(new FrameReceived(Joined(5, [Message(4, name, text), said], name)));
            room.Apply(new FrameReceived(new UserJoinedFrame { Room = "general", Username = name, Count = 2 }));
            var skip = 0;
            foreach (var row in new Layout(room, TimeZoneInfo.Utc, width).Last(500, ref skip))
            {
                var shown = row.ToString();
                Assert.True(shown.EnumerateRunes().All(r => !System.Text.Rune.IsControl(r) && r.Value is not (0x2028 or 0x202E)), shown);
                // Only reactions may be cut by the edge of the screen.
                Assert.True(row.Width <= width || shown.Contains(Inert.Line(emoji)), $"{row.Width} > {width}: {shown}");
            }
        }, iter: 500, threads: 1);
    }

    private void Join(params string[] users) => Happens(Joined(0, [], users));

    private void Say(long id, string username, string content) => Happens(new MessageFrame { Room = "general", Seq = id, Data = Message(id, username, content) });

    private void Happens(ServerFrame frame) => _room.Apply(new FrameReceived(frame));

    private List<string> Rows(int width)
    {
        var skip = 0;
        return [.. new Layout(_room, TimeZoneInfo.Utc, width).Last(100, ref skip).Select(row => row.ToString())];
    }

    private static JoinedFrame Joined(long seq, MessageData[] messages, params string[] users) =>
        new() { Room = "general", Seq = seq, Epoch = "e", Count = users.Length, Users = users, Messages = messages };

    private MessageData Message(long id, string username, string content) =>
        new() { Id = id, Room = "general", Username = username, Content = content, Timestamp = _time.GetUtcNow() };
}
