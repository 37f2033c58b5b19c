using System.Collections.Concurrent;
using System.Text;
using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Messages.Verbs;
using Confab.Server.Storage;

namespace Confab.Server.Rooms;

/// <summary>Every room, by name. Rooms are few beside messages, so all of them are known; their tails hold memory only while somebody listens.</summary>
internal sealed partial class RoomDirectory : IDisposable
{
    private readonly ConcurrentDictionary<byte[], Room> _rooms = new(Utf8Comparer.Instance);
    private readonly ConcurrentDictionary<byte[], Room>.AlternateLookup<ReadOnlySpan<byte>> _byName;
    private readonly ConcurrentDictionary<long, Room> _byId = new();
    private readonly Lazy<LookAlikes> _looks;
    private readonly ServerOptions _options;
    private readonly TailBudget _budget;
    private readonly MessageLog _log;
    private readonly ILogger<RoomDirectory> _logger;
    private readonly FrameWriter _frames = new();
    private readonly ITimer _countTimer;
    private int _count;
    private bool _disposed;

    public RoomDirectory(ILogStore store, MessageLog log, ServerOptions options, TimeProvider time, ILogger<RoomDirectory> logger)
    {
        _byName = _rooms.GetAlternateLookup<ReadOnlySpan<byte>>();
        _options = options;
        _budget = new TailBudget(options.TailBytes);
        _log = log;
        _logger = logger;
        using var reader = store.OpenReader();
        foreach (var row in reader.Rooms())
        {
            Add(row);
            _count += row.IsArchived ? 0 : 1;
        }

        // Only who makes a room needs them, and has all rooms looked at then.
        _looks = new(() => new LookAlikes(_rooms.Keys));
        _countTimer = time.CreateTimer(_ => ShowCounts(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Every room that an actor may see.</summary>
    public IEnumerable<Room> SeenBy(Actor actor) => _rooms.Values.Where(room => Sees(actor, room));

    /// <summary>The room of a name; null when there is none that the actor may see. The name is looked up in its stored form.</summary>
    public Room? Find(Actor actor, ReadOnlySpan<byte> name)
    {
        if (!_byName.TryGetValue(name, out var room) && !(Names.TryNormalize(name, _options.Limits.RoomNameChars, out var normalized) && _rooms.TryGetValue(normalized, out room)))
            return null;
        return Sees(actor, room) ? room : null;
    }

    /// <summary>The room of an id; null when there is none that the actor may see.</summary>
    public Room? Find(Actor actor, long id) => _byId.TryGetValue(id, out var room) && Sees(actor, room) ? room : null;

    /// <summary>Creates a room.</summary>
    public async Task<(Room? Room, Refusal Refusal)> Create(byte[] name, byte[] topic)
    {
        // Its place and its looks are taken before it is stored, so that those who create at the same time do not exceed the bound together, and are not alike.
        if (_looks.Value.Take(name) is { } taken)
            return (null, Alike(name, taken));
        if (!TakePlace())
        {
            Forgo(name);
            return (null, Full());
        }

        var change = await _log.Store(owner => new RoomCreation(name, topic, owner));
        if (change.Refusal.IsRefused)
        {
            Forgo(name);
            return (null, change.Refusal);
        }

        // Not read back: a room that is on disk must be known here, and a read may fail.
        return (Add(new RoomRow(change.Seq, name, topic, Head: 0)), default);
    }

    /// <summary>Archives a room, or takes it back. An archived one has no place among those that are counted.</summary>
    public async Task<Refusal> Archive(bool isArchived, Func<ChangeKind, Task<Change>> store)
    {
        if (!isArchived && !TakePlace())
        {
            Interlocked.Decrement(ref _count);
            return Full();
        }

        var change = await store(isArchived ? ChangeKind.Archive : ChangeKind.Unarchive);
        var isDone = !change.Refusal.IsRefused && !change.Repeated;
        if (isDone == isArchived)
            Interlocked.Decrement(ref _count);
        return change.Refusal;
    }

    public void Dispose()
    {
        _countTimer.Dispose();
        lock (_frames)
        {
            _disposed = true;
            _frames.Dispose();
        }
    }

    private bool TakePlace() => Interlocked.Increment(ref _count) <= _options.MaxRooms;

    private void Forgo(byte[] name)
    {
        Interlocked.Decrement(ref _count);
        _looks.Value.GiveBack(name);
    }

    private static Refusal Alike(ReadOnlySpan<byte> name, byte[] taken) => new(
        RefusalCode.Conflict,
        name.SequenceEqual(taken) ? "A room of that name already exists. It may be archived." : $"A room whose name looks the same already exists: {Encoding.UTF8.GetString(taken)}");

    private Refusal Full() => new(RefusalCode.Forbidden, $"The limit of {_options.MaxRooms} rooms is reached. Archive one first.");

    private Room Add(RoomRow row)
    {
        var room = _byId.GetOrAdd(row.Id, _ => new Room(row, _options.TailBytesPerRoom, _budget));
        return _rooms.GetOrAdd(row.Name, room);
    }

    // While access is open, every room is everybody's.
    private static bool Sees(Actor actor, Room room) => room is not null && AccessTable.Allows(actor.Kind, Operation.ReadRoom);

    private void ShowCounts()
    {
        lock (_frames)
        {
            // A timer may still fire once after it was disposed of.
            if (_disposed)
                return;
            try
            {
                foreach (var room in _rooms.Values)
                    room.ShowCount(_frames);
            }
            catch (Exception e)
            {
                // What a timer throws would end the process.
                LogNotShown(_logger, e);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "Presence could not be sent.")]
    private static partial void LogNotShown(ILogger logger, Exception exception);
}
