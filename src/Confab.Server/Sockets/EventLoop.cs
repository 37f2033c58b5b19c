using System.Buffers;
using System.Runtime.InteropServices;
using Confab.Protocol;
using Confab.Server.Hosting;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Sockets;

/// <summary>Something to be done on a loop's thread.</summary>
internal abstract class LoopWork
{
    public abstract void Run(EventLoop loop);
}

/// <summary>
/// One thread and its connections, which nobody else touches. A round reads what arrived, hands the changes to the log, hears what the
/// log and the rooms have to tell, and then writes once to every connection that is behind.
/// </summary>
internal sealed partial class EventLoop
{
    /// <summary>Presence, typing and read markers that wait for a round; more is shed. Markers fill half of it at most: they must not shed presence.</summary>
    private const int MaxShows = 4096;
    private const int MaxPooledReplies = 4096;

    /// <summary>Changes kept for the next use, a kilobyte each: a flood must not leave its whole crowd behind.</summary>
    private const int MaxPooledChanges = 4096;

    private readonly Poller _poller;
    private readonly Thread _thread;
    private readonly TimeProvider _time;
    private readonly ITimer _tick;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<Connection> _dirty = [];
    private readonly List<Connection> _flushing = [];
    private readonly List<Connection> _checking = [];
    private readonly List<Audience> _shown = [];
    private readonly List<Change> _asked = [];
    private readonly Stack<ArrayBufferWriter<byte>> _replies = new();
    private Mail _mail = new(), _open = new();
    private bool _sleeping;
    private bool _stopped;

    public EventLoop(int index, bool ownSockets, LoopServices services)
    {
        Services = services;
        Counters = services.Metrics.AddLoop();
        _time = services.Time;
        _logger = services.Logger;
        _poller = ownSockets ? new EpollPoller() : new WakePoller();
        Outbox = new Outbox(this);
        Dispatcher = new Dispatcher(this);
        Now = _time.GetTimestamp();
        _thread = new Thread(Run) { Name = $"confab-loop-{index}", IsBackground = true };
        _thread.Start();
        var tick = new Tick();
        _tick = _time.CreateTimer(_ => tick.Post(this), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public LoopServices Services { get; }

    public LoopCounters Counters { get; }

    public EpollPoller? Epoll => _poller as EpollPoller;

    public Outbox Outbox { get; }

    public Dispatcher Dispatcher { get; }

    public FrameWriter Frames { get; } = new();

    /// <summary>Changes that were answered, to be used again.</summary>
    public Stack<RoomChange> UsedChanges { get; } = new();

    /// <summary>Where an answer goes that nobody may hear any more.</summary>
    public ArrayBufferWriter<byte> Discarded { get; } = new();

    /// <summary>Where a connection's bytes arrive before they are looked at; shared by all, since an idle one needs none.</summary>
    public byte[] Received { get; } = new byte[128 * 1024];

    /// <summary>When this round began, as a timestamp of the time provider.</summary>
    public long Now { get; private set; }

    /// <summary>
    /// Seconds that the loop has lived through. What clients may take their time for is counted in these: a time in which the whole process
    /// stood still, as with a closed lid or a paused container, is not theirs.
    /// </summary>
    public int Seconds { get; private set; }

    public HashSet<Connection> Connections { get; } = [];

    /// <summary>Milliseconds over which clients are told to come back, once the server stops; null before.</summary>
    public int? ReconnectSpreadMs { get; set; }

    public Dictionary<Room, Audience> Audiences { get; } = [];

    public TimeSpan Since(long timestamp) => _time.GetElapsedTime(timestamp, Now);

    /// <summary>Hands a change to the log at the end of the round.</summary>
    public void Submit(Change change) => _asked.Add(change);

    /// <summary>A buffer for answers; an idle connection has none.</summary>
    public ArrayBufferWriter<byte> RentReplies() => _replies.TryPop(out var buffer) ? buffer : new ArrayBufferWriter<byte>(512);

    public void GiveBackReplies(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity > MaxPooledReplies || _replies.Count > MaxPooledReplies)
            return;
        buffer.ResetWrittenCount();
        _replies.Push(buffer);
    }

    /// <summary>This loop's audience of a room, made when nobody here follows it yet.</summary>
    public Audience AudienceOf(Room room)
    {
        if (Audiences.TryGetValue(room, out var audience))
            return audience;
        audience = new Audience(this, room);
        Audiences.Add(room, audience);
        room.Listen(audience);
        return audience;
    }

    /// <summary>The connection is behind on something: it is written to at the end of the round.</summary>
    public void MarkDirty(Connection connection)
    {
        if (connection.IsDirty)
            return;
        connection.IsDirty = true;
        _dirty.Add(connection);
    }

    public void Post(LoopWork work)
    {
        lock (_gate)
            _open.Work.Add(work);
        Wake();
    }

    /// <summary>The log answers a change of one of our connections. From the log's thread, which wakes the loop once it told everything.</summary>
    public void Done(Change change)
    {
        lock (_gate)
            _open.Done.Add(change);
    }

    /// <summary>A room has grown. From the log's thread, as above; answers that were given before are heard before.</summary>
    public void Rung(Audience audience, long head)
    {
        lock (_gate)
        {
            var rung = CollectionsMarshal.AsSpan(_open.Rung);
            if (audience.MailSlot < rung.Length && rung[audience.MailSlot].Audience == audience)
            {
                // Whoever joins rings what it saw, which the log may have overtaken.
                rung[audience.MailSlot].Head = Math.Max(rung[audience.MailSlot].Head, head);
                return;
            }

            audience.MailSlot = _open.Rung.Count;
            _open.Rung.Add((audience, head));
        }
    }

    /// <summary>Presence, typing or a read marker of a room. From any thread. False when it was shed.</summary>
    public bool Show(Audience audience, Show show)
    {
        lock (_gate)
        {
            if (_open.Shows.Count >= (show.Name is null ? MaxShows : MaxShows / 2))
                return false;
            _open.Shows.Add((audience, show));
        }

        Wake();
        return true;
    }

    public void Stop()
    {
        _tick.Dispose();
        Post(new Stopping());
        _thread.Join();
        _poller.Dispose();
        Frames.Dispose();
    }

    /// <summary>Wakes the loop if it sleeps and there is mail.</summary>
    public void Wake()
    {
        if (Volatile.Read(ref _sleeping) && HasMail() && Interlocked.Exchange(ref _sleeping, false))
            _poller.Wake();
    }

    /// <summary>A connection ran into a defect of ours: it ends, and takes no other with it.</summary>
    public void Failed(Connection connection, Exception exception)
    {
        LogConnectionFailed(_logger, exception);
        connection.Cut();
    }

    private void Run()
    {
        try
        {
            while (!_stopped)
                Round();
        }
        catch (Exception e)
        {
            // Whom of its connections it owes what is not known any more: they come back to a server that was started again.
            Services.Log.Fatal(e);
        }
    }

    private void Round()
    {
        Interlocked.Exchange(ref _sleeping, true);
        // Once its answers were written a connection is read on: what it asks for then has not been handed to the log yet.
        _poller.Wait(sleep: _dirty.Count == 0 && _asked.Count == 0 && !HasMail());
        _sleeping = false;
        Now = _time.GetTimestamp(); // after the sleep: what is told now happens now, not when the loop fell asleep
        _poller.Tell();
        SubmitAsked();
        ReadMail();
        SubmitAsked();
        Flush();
    }

    private bool HasMail()
    {
        lock (_gate)
            return !_open.IsEmpty;
    }

    private void SubmitAsked()
    {
        if (_asked.Count == 0)
            return;
        Services.Log.Submit(_asked);
        _asked.Clear();
    }

    private void ReadMail()
    {
        lock (_gate)
        {
            if (_open.IsEmpty)
                return;
            (_mail, _open) = (_open, _mail);
        }

        foreach (var change in _mail.Done)
        {
            Answer(change);
            if (change is not RoomChange used)
                continue;
            used.Clear();
            if (UsedChanges.Count < MaxPooledChanges)
                UsedChanges.Push(used);
        }

        foreach (var work in _mail.Work)
        {
            try
            {
                work.Run(this);
            }
            catch (Exception e)
            {
                LogWorkFailed(_logger, e);
            }
        }

        foreach (var (audience, head) in _mail.Rung)
            audience.Hear(head);
        foreach (var (audience, show) in _mail.Shows)
        {
            if (audience.Shows.Count == 0)
                _shown.Add(audience);
            audience.Hear(show);
        }

        _mail.Clear();
    }

    private void Answer(Change change)
    {
        var connection = (Connection)change.Owner!;
        try
        {
            Dispatcher.Answer(connection, change);
        }
        catch (Exception e)
        {
            Failed(connection, e);
        }
    }

    private void Flush()
    {
        // What is dirty again afterwards waits for the next round, so that reading gets its turn.
        _flushing.AddRange(_dirty);
        _dirty.Clear();
        foreach (var connection in _flushing)
        {
            connection.IsDirty = false;
            try
            {
                Outbox.Flush(connection);
            }
            catch (Exception e)
            {
                Failed(connection, e);
            }
        }

        _flushing.Clear();
        foreach (var audience in _shown)
            audience.Shows.Clear();
        _shown.Clear();
    }

    [LoggerMessage(LogLevel.Error, "A connection failed and was closed.")]
    private static partial void LogConnectionFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Work on an event loop failed.")]
    private static partial void LogWorkFailed(ILogger logger, Exception exception);

    private sealed class Mail
    {
        public readonly List<Change> Done = [];
        public readonly List<LoopWork> Work = [];
        public readonly List<(Audience Audience, long Head)> Rung = [];
        public readonly List<(Audience Audience, Show Show)> Shows = [];

        public bool IsEmpty => Done.Count == 0 && Work.Count == 0 && Rung.Count == 0 && Shows.Count == 0;

        public void Clear()
        {
            Done.Clear();
            Work.Clear();
            Rung.Clear();
            Shows.Clear();
        }
    }

    private sealed class Stopping : LoopWork
    {
        public override void Run(EventLoop loop)
        {
            foreach (var connection in loop.Connections.ToArray())
                connection.Cut();
            loop._stopped = true;
        }
    }

    // Once a second: pings, silence, stalls, closes that were not answered, messages that never end.
    private sealed class Tick : LoopWork
    {
        private bool _isOnItsWay;

        // Ticks that fell due while the loop was busy elsewhere are one.
        public void Post(EventLoop loop)
        {
            if (!Interlocked.Exchange(ref _isOnItsWay, true))
                loop.Post(this);
        }

        public override void Run(EventLoop loop)
        {
            Volatile.Write(ref _isOnItsWay, false);
            loop.Seconds++;
            var lag = 0L;
            loop._checking.AddRange(loop.Connections);
            foreach (var connection in loop._checking)
            {
                try
                {
                    connection.CheckTimes();
                    lag = Math.Max(lag, connection.Lag);
                }
                catch (Exception e)
                {
                    loop.Failed(connection, e);
                }
            }

            loop._checking.Clear();
            loop.Counters.Lag = lag;
        }
    }
}
