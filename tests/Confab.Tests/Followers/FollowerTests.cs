using Confab.Server.Access;
using Confab.Server.Followers;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Storage;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Confab.Tests.Followers;

/// <summary>Whoever follows the log takes every message once, in its order, whatever fails in between.</summary>
public sealed class FollowerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_message_is_taken_once_and_what_failed_is_taken_again()
    {
        await using var server = await TestServer.Start("--limits", "off");
        await using var ann = await server.Open();
        await Say(ann, 1, 300);
        var time = new FakeTimeProvider();
        using var follower = new Keeper(server, time) { FailAt = 40 };
        await follower.StartAsync(Cancel);
        await Until(time, () => follower.Kept.Count == 300);
        Assert.Equal(2, follower.Opened);
        Assert.Equal(Enumerable.Range(1, 300).Select(i => (long)i), follower.Kept);
        Assert.Equal(0, follower.Lag);

        // It sleeps now, and the bell wakes it.
        await Say(ann, 301, 2);
        await Until(time, () => follower.Kept.Count == 302);
        await follower.StopAsync(Cancel);
    }

    [Fact]
    public async Task It_goes_on_where_it_was()
    {
        await using var server = await TestServer.Start("--limits", "off");
        await using var ann = await server.Open();
        await Say(ann, 1, 5);
        var time = new FakeTimeProvider();
        using var follower = new Keeper(server, time) { Begins = 3 };
        await follower.StartAsync(Cancel);
        await Until(time, () => follower.Kept.Count == 2);
        Assert.Equal([4, 5], follower.Kept);
        await follower.StopAsync(Cancel);
    }

    private static async Task Say(RawWebSocket socket, int first, int count)
    {
        for (var i = first; i < first + count; i++)
            await socket.SendJson(new { type = "message", room = "general", username = "ann", content = "tea", id = $"m{i}" });
        for (var i = 0; i < count; i++)
            await socket.NextOf("ack");
    }

    private static Task Until(FakeTimeProvider time, Func<bool> isDone) => Wait.Until("the follower", () =>
    {
        time.Advance(TimeSpan.FromSeconds(1));
        return isDone();
    });

    private sealed class Keeper(TestServer server, TimeProvider time) : Follower(
        "test-follower", server.Services.GetRequiredService<ILogStore>(), server.Services.GetRequiredService<MessageLog>(), server.Services.GetRequiredService<RoomDirectory>(), time, NullLogger.Instance)
    {
        private readonly List<long> _taken = [];
        private readonly Dictionary<long, long> _marks = [], _newMarks = [];

        public int FailAt { get; set; }

        public long Begins { get; init; }

        public int Opened { get; private set; }

        public List<long> Kept { get; private set; } = [];

        protected override bool IsStale => false;

        protected override IReadOnlyDictionary<long, long> Open()
        {
            Opened++;
            if (Begins > 0)
                _marks.TryAdd(1, Begins);
            return _marks;
        }

        protected override void Close()
        {
        }

        protected override void Failed(Exception e) => FailAt = 0;

        protected override bool IsItsOwn(StorageException e) => false;

        protected override void Keep(Action takeAll)
        {
            _taken.Clear();
            _newMarks.Clear();
            takeAll();
            foreach (var (room, seq) in _newMarks)
                _marks[room] = seq;
            Kept = [.. Kept, .. _taken];
        }

        protected override void Take(Room room, in MessageRow message, IMessageParts parts)
        {
            if (_taken.Count == FailAt && FailAt > 0)
                throw new InvalidDataException("It cannot be kept.");
            _taken.Add(message.Id);
        }

        protected override void Mark(Room room, long upTo) => _newMarks[room.Id] = upTo;
    }
}
