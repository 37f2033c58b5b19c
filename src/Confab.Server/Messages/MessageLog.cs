using Confab.Protocol;
using Confab.Server.Hosting;
using Confab.Server.Messages.Verbs;
using Confab.Server.Storage;

namespace Confab.Server.Messages;

/// <summary>
/// The one place where changes become durable. A thread takes what is waiting, stores it in one transaction with one fsync (group commit),
/// and only then answers the senders and rings the rooms: nothing is seen that is not on disk.
/// </summary>
internal sealed partial class MessageLog : IDisposable
{
    private const int MaxBatch = 4096;
    private const int MaxMet = 65_536;

    // So many names that joined are stored without waiting for a change.
    private const int ManyMet = 1024;

    private static readonly HashSet<byte[]> s_nobody = [];

    private readonly ChangeRules _rules;
    private readonly ILogWriter _writer;
    private readonly ServerOptions _options;
    private readonly Metrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<MessageLog> _logger;
    private readonly Action _onFatal;
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(false);
    private List<Change> _waiting = [];
    private List<Change> _batch = [];
    private long _waitingBytes;
    private bool _sleeping;
    private bool _stopping;
    private int _failed;

    // Names that are to be in use with the next batch: a set, so that who joins a hundred rooms is met once.
    private HashSet<byte[]> _met = new(Utf8Comparer.Instance);

    public MessageLog(ILogStore store, ServerOptions options, Metrics metrics, TimeProvider time, ILogger<MessageLog> logger, IHostApplicationLifetime lifetime)
    {
        _rules = new ChangeRules(options.Limits);
        _writer = store.OpenWriter(_rules);
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _onFatal = () =>
        {
            Environment.ExitCode = 70;
            lifetime.StopApplication();
        };
        store.Failed += Fatal;
        _thread = new Thread(Run) { Name = "confab-log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Everything there was to tell about a batch was told: whoever sleeps may wake, once for all of it.</summary>
    public event Action? Settled;

    /// <summary>Files were removed that had bytes of these hashes. Told on the log's thread, which must not be kept waiting.</summary>
    public event Action<IReadOnlyList<byte[]>>? FilesReleased;

    /// <summary>
    /// Hands changes over to be stored, in this order. The queue is bounded in changes and bytes; what does not fit is refused
    /// with <see cref="RefusalCode.Unavailable"/>, and its owner hears of it like of any other outcome.
    /// </summary>
    public void Submit(List<Change> changes)
    {
        var accepted = 0;
        var wake = false;
        lock (_gate)
        {
            foreach (var change in changes)
            {
                if (_stopping || _waiting.Count >= _options.QueueChanges || _waitingBytes + change.Bytes > _options.QueueBytes)
                    break;
                _waiting.Add(change);
                _waitingBytes += change.Bytes;
                accepted++;
            }

            wake = _sleeping && accepted > 0;
            if (wake)
                _sleeping = false;
        }

        if (wake)
            _wake.Set();
        for (var i = accepted; i < changes.Count; i++)
            Refuse(changes[i], new(RefusalCode.Unavailable, "The server is busy.", RetryAfterMs: 1000));
        if (accepted < changes.Count)
            Settled?.Invoke();
    }

    /// <summary>
    /// Somebody joined under a name, which is in use from the next change on. Beyond <see cref="MaxMet"/> between two batches they are met when they say something.
    /// </summary>
    public void Meet(byte[] name)
    {
        var wake = false;
        lock (_gate)
        {
            if (_met.Count < MaxMet && _met.Add(name))
                wake = _sleeping && _met.Count >= ManyMet;
            if (wake)
                _sleeping = false;
        }

        if (wake)
            _wake.Set();
    }

    /// <summary>Stores what is waiting, and takes nothing more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
        }

        _wake.Set();
        _thread.Join();
        _writer.Dispose();
        _rules.Dispose();
        _wake.Dispose();
    }

    /// <summary>Nothing can be promised any more: what waits is never answered.</summary>
    public bool HasFailed => Volatile.Read(ref _failed) != 0;

    /// <summary>
    /// The one way in which the process ends by itself: the disk failed to keep what was written, here or under a copy of the log, the database's files are
    /// not those any more that were opened, or a thread that everybody needs met a defect. Nothing is acknowledged any more, and the process stops with exit code 70. From any thread, any number of times.
    /// </summary>
    public void Fatal(Exception e)
    {
        if (Interlocked.Exchange(ref _failed, 1) != 0)
            return;
        if (e is StorageException { IsFatal: true })
            LogDiskFailed(_logger, e);
        else if (e is FilesChangedException)
            LogFilesChanged(_logger, e.Message);
        else
            LogDefect(_logger, e);
        _onFatal();
    }

    private void Run()
    {
        while (Take())
        {
            try
            {
                if (_batch.Count == 0)
                    Store([]);
                for (var start = 0; start < _batch.Count; start += MaxBatch)
                    Store(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_batch).Slice(start, Math.Min(MaxBatch, _batch.Count - start)));
                _writer.Tidy();
            }
            catch (Exception e)
            {
                // What fails after the commit must not be taken for a change that was not stored.
                Fatal(e);
            }

            _batch.Clear();
        }
    }

    private bool Take()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.Count > 0 || _met.Count >= ManyMet)
                {
                    (_waiting, _batch) = (_batch, _waiting);
                    _waitingBytes = 0;
                    return true;
                }

                if (_stopping)
                    return false;
                _sleeping = true;
            }

            _wake.WaitOne();
        }
    }

    private void Store(ReadOnlySpan<Change> changes)
    {
        if (TryCommit(changes))
            Publish(changes);
    }

    private bool TryCommit(ReadOnlySpan<Change> changes)
    {
        var met = TakeMet();
        if (HasFailed)
            return false;

        try
        {
            var started = _time.GetTimestamp();
            _writer.Commit(changes, met);
            _metrics.Committed(changes.Length, _time.GetElapsedTime(started));
            return true;
        }
        catch (StorageException e) when (e.IsFatal)
        {
            // Whether the batch is on disk nobody knows: nobody is answered, and clients ask again with the same id.
            Fatal(e);
        }
        catch (StorageException e) when (e.IsUnavailable || changes.Length == 1)
        {
            LogUnavailable(_logger, e.Message, changes.Length);
            RefuseAll(changes, new(RefusalCode.StorageUnavailable, "The change cannot be stored at the moment.", RetryAfterMs: 2000));
        }
        catch (Exception e) when (changes.Length > 1)
        {
            // A change that cannot be stored, or that needs a damaged page, must not take its neighbours with it.
            LogSplit(_logger, e, changes.Length);
            for (var i = 0; i < changes.Length; i++)
                Store(changes.Slice(i, 1));
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
            RefuseAll(changes, new(RefusalCode.Internal, "The change failed. The server log has the reason."));
        }

        return false;
    }

    // If the batch fails they are met when they change something.
    private HashSet<byte[]> TakeMet()
    {
        lock (_gate)
        {
            if (_met.Count == 0)
                return s_nobody;
            var met = _met;
            _met = new(Utf8Comparer.Instance);
            return met;
        }
    }

    // The rooms' tails first, then the senders, then the bells: a bell is heard after the answers before it, so an ack comes before its event.
    private void Publish(ReadOnlySpan<Change> changes)
    {
        foreach (var change in changes)
        {
            if (change.FrameLength > 0)
                change.Room!.Append(change.Seq, _rules.Events.Of(change));
        }

        var stored = 0;
        foreach (var change in changes)
        {
            if (!change.Refusal.IsRefused && !change.Repeated && VerbTable.Of(change.Kind).Counts)
                stored++;
            change.Owner!.Done(change);
        }

        _metrics.Stored(stored);
        foreach (var room in _writer.Numbered)
            room.Ring(room.NumberedTo);
        if (_writer.Released.Count > 0)
            FilesReleased?.Invoke([.. _writer.Released]);
        Settled?.Invoke();
    }

    private void RefuseAll(ReadOnlySpan<Change> changes, Refusal refusal)
    {
        foreach (var change in changes)
            Refuse(change, refusal);
        Settled?.Invoke();
    }

    private static void Refuse(Change change, Refusal refusal)
    {
        change.Refusal = refusal;
        change.Owner!.Done(change);
    }

    [LoggerMessage(LogLevel.Critical, "The disk failed an fsync, so written data may be lost. Confab stops, because it can no longer guarantee what it acknowledges.")]
    private static partial void LogDiskFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Critical, "{What} while Confab had it open. Confab stops, because acknowledged messages would be lost. Put the file back, or restore a backup (confab restore).")]
    private static partial void LogFilesChanged(ILogger logger, string what);

    [LoggerMessage(LogLevel.Critical, "A bug in Confab. It stops, because it can no longer guarantee what it acknowledges.")]
    private static partial void LogDefect(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Storage is unavailable ({Reason}); {Count} changes were refused.")]
    private static partial void LogUnavailable(ILogger logger, string reason, int count);

    [LoggerMessage(LogLevel.Error, "A batch of {Count} changes failed; storing them one by one.")]
    private static partial void LogSplit(ILogger logger, Exception exception, int count);

    [LoggerMessage(LogLevel.Error, "A change failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
