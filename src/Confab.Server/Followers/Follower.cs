using System.Collections.Concurrent;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Followers;

/// <summary>
/// Follows the log of all rooms by number, beside it and behind it: reads what changed in each room since it was there last, as a client's catch-up does,
/// and keeps how far it is where it keeps the rest. Nobody waits for it. A bell wakes it, and it takes a quarter of one processor at most, and a fiftieth
/// while the log has its hands full: then it stays behind, and makes up for it later.
/// </summary>
internal abstract partial class Follower : BackgroundService
{
    /// <summary>Messages of all rooms together that are taken in one transaction.</summary>
    private const int BatchMessages = 256;

    /// <summary>After working for a time it rests for so many times as long.</summary>
    private const int Rest = 3, LongRest = 49;

    /// <summary>Changes a second from which on the log has its hands full.</summary>
    private const int BusyChangesPerSecond = 5000;

    /// <summary>After the bell: what comes meanwhile is taken together.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(5);

    /// <summary>How long a room is left out whose messages could not be read, so that the others are followed all the same.</summary>
    private static readonly TimeSpan s_unreadable = TimeSpan.FromMinutes(1);

    private readonly string _name;
    private readonly ILogStore _store;
    private readonly RoomDirectory _rooms;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<long, long> _markers = new();
    private readonly List<(long Room, long UpTo)> _reached = [];
    private readonly Dictionary<long, long> _unreadable = [];
    private TaskCompletionSource _bell = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected Follower(string name, ILogStore store, MessageLog log, RoomDirectory rooms, TimeProvider time, ILogger logger)
    {
        (_name, _store, _rooms, _time, _logger) = (name, store, rooms, time, logger);
        log.Settled += Ring;
    }

    /// <summary>Numbers of all rooms that it has not taken yet.</summary>
    public long Lag => Rooms.Sum(LagOf);

    protected IEnumerable<Room> Rooms => _rooms.SeenBy(Actor.System);

    /// <summary>Opens what it keeps; gives up to which number it has taken each room. It may wait for another while.</summary>
    protected abstract IReadOnlyDictionary<long, long> Open();

    /// <summary>Closes what it keeps, if it is open.</summary>
    protected abstract void Close();

    /// <summary>Something failed; it is tried again.</summary>
    protected abstract void Failed(Exception e);

    /// <summary>Whether what it keeps is to be opened anew.</summary>
    protected abstract bool IsStale { get; }

    /// <summary>Whether a failure is of what it keeps, and not of the log.</summary>
    protected abstract bool IsItsOwn(StorageException e);

    /// <summary>Keeps all that is taken and marked meanwhile, or nothing of it.</summary>
    protected abstract void Keep(Action takeAll);

    /// <summary>Takes a message as it is now.</summary>
    protected abstract void Take(Room room, in MessageRow message, IMessageParts parts);

    /// <summary>A room was taken up to a number.</summary>
    protected abstract void Mark(Room room, long upTo);

    /// <summary>There may be something to do.</summary>
    protected void Ring() => Volatile.Read(ref _bell).TrySetResult();

    protected sealed override Task ExecuteAsync(CancellationToken stoppingToken) => IdleThread.Run(_name, () =>
    {
        try
        {
            while (true)
            {
                TryFollow(stoppingToken);
                Wait(s_afterFailure, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops; what was not taken yet is taken after the next start.
        }
    });

    private void TryFollow(CancellationToken stop)
    {
        try
        {
            Follow(stop);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log(_logger, e, _name);
            Failed(e);
        }
        finally
        {
            Close();
        }
    }

    private void Follow(CancellationToken stop)
    {
        _markers.Clear();
        foreach (var (room, seq) in Open())
            _markers[room] = seq;
        using var reader = _store.OpenReader();
        var (seen, seenAt) = (Stored, _time.GetTimestamp());
        while (!IsStale)
        {
            // Before it looks: what comes from here on rings again.
            Volatile.Write(ref _bell, new(TaskCreationOptions.RunContinuationsAsynchronously));
            var started = _time.GetTimestamp();
            var isDone = Work(reader, started);
            var worked = _time.GetElapsedTime(started);
            var isBusy = Stored - seen > BusyChangesPerSecond * _time.GetElapsedTime(seenAt).TotalSeconds;
            (seen, seenAt) = (Stored, _time.GetTimestamp());
            if (isDone)
                WaitForBell(stop);
            Wait(isDone ? s_pause : worked * (isBusy ? LongRest : Rest), stop);
        }
    }

    // A room that could not be read is tried again without a bell.
    private void WaitForBell(CancellationToken stop)
    {
        if (IsStale)
            return;
        try
        {
            _bell.Task.WaitAsync(_unreadable.Count > 0 ? s_unreadable : Timeout.InfiniteTimeSpan, _time, stop).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            // As good as a bell.
        }
    }

    private void Wait(TimeSpan time, CancellationToken stop) => Task.Delay(time, _time, stop).GetAwaiter().GetResult();

    // One transaction costs as much as many messages, so that small pages of many rooms share it; and what is nearly up to date goes before a room of
    // a million that nobody has taken yet.
    private bool Work(ILogReader reader, long started)
    {
        while (Rooms.Where(room => LagOf(room) > 0 && IsReadable(room)).OrderBy(LagOf).ToList() is { Count: > 0 } rooms)
        {
            _reached.Clear();
            Keep(() => Take(reader, rooms));
            foreach (var (room, upTo) in _reached)
                _markers[room] = upTo;
            if (_time.GetElapsedTime(started) > s_slice)
                return false;
        }

        return true;
    }

    private void Take(ILogReader reader, List<Room> rooms)
    {
        var left = BatchMessages;
        foreach (var room in rooms)
        {
            long upTo;
            try
            {
                upTo = Take(reader, room, ref left);
            }
            catch (StorageException e) when (!IsItsOwn(e))
            {
                _unreadable[room.Id] = _time.GetTimestamp();
                throw;
            }

            Mark(room, upTo);
            _reached.Add((room.Id, upTo));
            if (left == 0)
                break;
        }
    }

    // Up to which number the room is taken then.
    private long Take(ILogReader reader, Room room, ref int left)
    {
        reader.Begin();
        var upTo = reader.Head(room).Head;
        var rows = reader.Messages;
        rows.StartChanged(room, _markers.GetValueOrDefault(room.Id), upTo, left);
        while (rows.Step())
        {
            var row = rows.Row;
            Take(room, row, rows);
            if (--left == 0)
                upTo = row.Changed;
        }

        reader.End();
        _unreadable.Remove(room.Id);
        return upTo;
    }

    private long Stored => Rooms.Sum(room => room.Head);

    private bool IsReadable(Room room) => !_unreadable.TryGetValue(room.Id, out var failedAt) || _time.GetElapsedTime(failedAt) > s_unreadable;

    private long LagOf(Room room) => Math.Max(room.Head - _markers.GetValueOrDefault(room.Id), 0);

    [LoggerMessage(LogLevel.Error, "{Name} could not follow the log; it tries again in five seconds.")]
    private static partial void Log(ILogger logger, Exception exception, string name);
}
