using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>What one client knows of a room: built from events alone, through any number of reconnects, and quick to notice a broken promise.</summary>
internal sealed class Mirror(string room)
{
    private readonly Dictionary<long, MessageState> _messages = [];
    private readonly Dictionary<long, long> _told = [];
    private readonly List<long> _skipped = [];
    private readonly HashSet<long> _metSinceJoin = [];
    private List<long> _pins = [];
    private long _base;

    public string Room { get; } = room;

    /// <summary>The last number that was told; a reconnect goes on after it.</summary>
    public long Cursor { get; private set; }

    public string? Epoch { get; private set; }

    /// <summary>Numbers that catch-ups passed over.</summary>
    public IReadOnlyList<long> Skipped => _skipped;

    /// <summary>Whether a join found it behind the head: what was missed then is told as it is, not as it came to be.</summary>
    public bool WasBehind { get; private set; }

    /// <summary>Events told in all.</summary>
    public int Events => _told.Count;

    /// <summary>The answer to a join with <see cref="Cursor"/>; events follow.</summary>
    public void Joined(JsonElement joined)
    {
        Assert.Equal(Room, joined.Text("room"));
        Assert.True(Epoch is null || Epoch == joined.Text("epoch"), "The epoch changed.");
        Epoch = joined.Text("epoch");
        Assert.True(joined.Number("seq") >= Cursor, $"{Room}: joined at {joined.Number("seq")}, after {Cursor} had been told.");
        WasBehind |= joined.Number("seq") > Cursor;
        _pins = PinsOf(joined);
        _base = Cursor;
        _metSinceJoin.Clear();
    }

    /// <summary>An event of the room's log.</summary>
    public void Hear(JsonElement e)
    {
        var seq = e.Number("seq");
        Assert.True(seq > Cursor, $"{Room}: {seq} came after {Cursor}.");
        for (var skipped = Cursor + 1; skipped < seq; skipped++)
            _skipped.Add(skipped);
        Cursor = seq;
        var type = e.TypeOf()!;
        var data = e.GetProperty("data");
        if (type == "room_changed")
        {
            _told.Add(seq, 0);
            _pins = PinsOf(data);
            return;
        }

        var state = MessageState.Of(data);
        _told.Add(seq, state.Id);
        Assert.Equal(Room, data.Text("room"));
        Assert.True(state.Id <= seq, $"{Room}: message {state.Id} came under {seq}.");
        Assert.Equal(type == "deleted", state.IsDeleted);
        // A message that is new since the join is introduced before it is changed.
        var isNew = state.Id > _base && _metSinceJoin.Add(state.Id);
        Assert.True(!isNew || type is "message" or "deleted", $"{Room}: message {state.Id}, new since {_base}, first came as {type} under {seq}.");
        Assert.True(type != "message" || state.Id > _base, $"{Room}: message {state.Id}, from before {_base}, came as new under {seq}.");
        _messages[state.Id] = state;
        if (state.IsDeleted)
            _pins.Remove(state.Id);
    }

    /// <summary>Everything was told: nothing is missing, nothing is made up.</summary>
    public void Matches(RoomTruth truth)
    {
        Assert.Equal(truth.Head, Cursor);
        Assert.Equal(truth.Pins, _pins);
        Assert.Equal(truth.Messages.Values, _messages.Values.OrderBy(m => m.Id));
        Assert.All(_told, told => Assert.True(truth.Numbers.TryGetValue(told.Key, out var stored) && stored.Message == told.Value, $"{Room}: {told.Key} was delivered, about {told.Value}, and is not stored so."));
        Assert.All(_skipped, seq => Assert.True(truth.IsSuperseded(seq), $"{Room}: {seq} was skipped, though nothing later says what it said."));
    }

    private static List<long> PinsOf(JsonElement told) => told.TryGetProperty("pins", out var pins) ? [.. pins.EnumerateArray().Select(pin => pin.GetInt64())] : [];
}
