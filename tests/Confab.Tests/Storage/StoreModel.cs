using System.Text;
using System.Text.Json;
using Confab.Protocol;
using Confab.Server.Messages;
using Confab.Server.Storage;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using CsCheck;

namespace Confab.Tests.Storage;

/// <summary>A store against the model of a room: whatever is asked, alone or many at once, comes out as the contract says and stands in the database.</summary>
internal sealed class StoreModel : IDisposable
{
    private const int Rooms = 3;
    private const int MaxEmoji = 2;
    private const int MaxPins = 3;

    // Targets are drawn relative to a handful of numbers, so that most of them hit something.
    private static readonly Gen<Wish> s_wish =
        from room in Gen.Int[0, Rooms - 1]
        from kind in Gen.OneOf(ChangeKind.Message, ChangeKind.Message, ChangeKind.Message, ChangeKind.Edit, ChangeKind.Delete, ChangeKind.React, ChangeKind.React, ChangeKind.Unreact, ChangeKind.Pin, ChangeKind.Pin, ChangeKind.Unpin, ChangeKind.Topic, ChangeKind.Read, ChangeKind.Archive, ChangeKind.Unarchive, ChangeKind.Unarchive)
        from sender in Gen.OneOf("ann", "bob", "Zoë")
        from target in kind == ChangeKind.Message ? Gen.Frequency((4, Gen.Const(0)), (1, Gen.Int[1, 12])) : kind is ChangeKind.Topic or ChangeKind.Archive or ChangeKind.Unarchive ? Gen.Const(0) : Gen.Int[1, 12]
        from content in kind is ChangeKind.React or ChangeKind.Unreact ? Gen.OneOf("👍", "🎉", "+1") : Gen.OneOf("one", "two", "drei \"quoted\" \\ \t\n", "四 👋")
        from id in Gen.OneOf("", "", "a", "b", "c", "é-4")
        select new Wish(room, kind, sender, target, kind is ChangeKind.Delete or ChangeKind.Read or ChangeKind.Pin or ChangeKind.Unpin or ChangeKind.Archive or ChangeKind.Unarchive ? "" : content, id);

    // A batch, whether it is spoiled by a change that cannot be stored, and where the catch-up afterwards begins.
    private static readonly Gen<(Wish[] Wishes, bool IsSpoiled, int After)> s_batch =
        Gen.Select(s_wish.Array[0, 12], Gen.Frequency((9, Gen.Const(false)), (1, Gen.Const(true))), Gen.Int[0, 20]);

    /// <summary>Batches to be played, one after the other.</summary>
    public static readonly Gen<(Wish[] Wishes, bool IsSpoiled, int After)[]> Plans = s_batch.Array[1, 10];

    private readonly Changes _changes;
    private readonly ILogReader _reader;
    private int _cases;

    public StoreModel(ILogStore store)
    {
        _changes = new Changes(store, new Limits { EmojiPerMessage = MaxEmoji, PinsPerRoom = MaxPins });
        _reader = store.OpenReader();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _changes.Dispose();
    }

    public void Play((Wish[] Wishes, bool IsSpoiled, int After)[] batches)
    {
        _cases++;
        var rooms = Enumerable.Range(0, Rooms).Select(i => NewRoom($"room-{_cases}-{i}")).ToArray();
        var models = Enumerable.Range(0, Rooms).Select(_ => new RoomModel(MaxEmoji, MaxPins)).ToArray();
        foreach (var (wishes, isSpoiled, after) in batches)
        {
            if (isSpoiled)
                Assert.ThrowsAny<Exception>(() => Store(rooms, [.. wishes.Select(w => Ask(rooms, w)), Spoiled()]));
            var changes = wishes.Select(w => Ask(rooms, w)).ToArray();
            Store(rooms, changes);
            var told = changes.Select(OutcomeOf).ToArray();
            Assert.Equal(wishes.Select(w => models[w.Room].Ask(w)), told);
            for (var i = 0; i < Rooms; i++)
                Compare(rooms[i], models[i], after);
        }
    }

    private QuietRoom NewRoom(string name)
    {
        var change = _changes.AddRoom(name);
        _changes.Commit();
        return new QuietRoom(change.Seq, name);
    }

    private void Store(StoredRoom[] rooms, Change[] changes)
    {
        _changes.Writer.Commit(changes);
        Assert.Equal(changes.Where(c => c.FrameLength > 0).Select(c => c.Room!).Distinct(), _changes.Writer.Numbered.AsEnumerable());
        Assert.All(_changes.Writer.Numbered, room => Assert.Contains(room, rooms));
    }

    private static Change Ask(StoredRoom[] rooms, Wish wish) => Changes.Of(wish.Kind, rooms[wish.Room], wish.Sender, wish.Target, wish.Content, wish.Id);

    // A message to no room is a defect that no client can cause; it stands for any.
    private static Change Spoiled() => Changes.Of(ChangeKind.Message, null!, "ann", content: "boom");

    private Outcome OutcomeOf(Change change) =>
        change.Refusal.IsRefused ? new(change.Refusal.Code, 0, false, null) : new(RefusalCode.None, change.Seq, change.Repeated, EventOf(change));

    private string? EventOf(Change change)
    {
        var frame = _changes.Events.Of(change);
        if (frame.IsEmpty)
            return null;
        Assert.Equal(frame.Length, WebSocketFraming.ServerFrameLength(frame));
        var json = JsonSerializer.Deserialize<JsonElement>(frame[(frame[1] < 126 ? 2 : 4)..]);
        Assert.Equal(Encoding.UTF8.GetString(change.Room!.Name), json.Text("room"));
        var data = json.GetProperty("data");
        return $"{json.TypeOf()} {json.Number("seq")} {(json.TypeOf() == "room_changed" ? RoomOf(data) : MessageState.Of(data))}";
    }

    private static string RoomOf(JsonElement data) =>
        $"{data.Text("topic")} {(data.TryGetProperty("pins", out var pins) ? string.Join(',', pins.EnumerateArray()) : "")} {data.TryGetProperty("archived", out _)}";

    private void Compare(StoredRoom room, RoomModel model, int after)
    {
        _reader.Begin();
        var row = _reader.Room(room.Id);
        Assert.Equal((model.Head, model.Topic, model.IsArchived), (row.Head, Encoding.UTF8.GetString(row.Topic), row.IsArchived));
        Assert.Equal(model.Head, _reader.Head(room).Head);
        Assert.Equal(model.Pins, _reader.PinsOf(room));
        _reader.Messages.StartAfter(room, 0, 1000);
        Assert.Equal(model.Messages, Rows(room).Select(r => r.State));
        _reader.Messages.StartChanged(room, after, model.Head, 1000);
        Assert.Equal(model.ChangedAfter(after), Rows(room));
        foreach (var sender in new[] { "ann", "bob", "Zoë" })
            Assert.Equal(model.Markers.GetValueOrDefault(sender, -1), _reader.ReadMarker(room, Encoding.UTF8.GetBytes(sender)));
        _reader.End();
    }

    private List<(long Changed, MessageState State)> Rows(StoredRoom room)
    {
        var found = new List<(long, MessageState)>();
        using var framing = new MessageFraming();
        while (_reader.Messages.Step())
        {
            var bytes = new MemoryStream();
            using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { SkipValidation = true }))
                framing.Write(json, _reader.Messages.Row, room, _reader.Messages);
            found.Add((_reader.Messages.Row.Changed, MessageState.Of(JsonSerializer.Deserialize<JsonElement>(bytes.ToArray()))));
        }

        return found;
    }
}
