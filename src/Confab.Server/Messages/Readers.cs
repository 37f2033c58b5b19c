using System.Threading.Channels;
using Confab.Server.Hosting;
using Confab.Server.Storage;

namespace Confab.Server.Messages;

/// <summary>A read that waits for a reader.</summary>
internal abstract class Read
{
    /// <summary>Reads, on a reader's thread. What it throws goes to <see cref="Fail"/>.</summary>
    public abstract void Run(ILogReader reader);

    /// <summary>The read failed.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>
/// The threads that read beside the writer. What waits is bounded by who asks: a connection has one read under way per room, a request one.
/// </summary>
internal sealed partial class Readers : IDisposable
{
    private readonly Channel<Read> _waiting = Channel.CreateUnbounded<Read>();
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(1);

    private readonly Thread[] _threads;
    private readonly Metrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<Readers> _logger;
    private long _loggedAt;

    public Readers(ILogStore store, ServerOptions options, Metrics metrics, TimeProvider time, ILogger<Readers> logger)
    {
        (_metrics, _time, _logger) = (metrics, time, logger);
        _threads = new Thread[options.Readers];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(() => Run(store)) { Name = "confab-read", IsBackground = true };
            _threads[i].Start();
        }
    }

    public void Enqueue(Read read)
    {
        if (!_waiting.Writer.TryWrite(read))
            read.Fail(new ObjectDisposedException(nameof(Readers)));
    }

    /// <summary>Runs a query and gives its result.</summary>
    public Task<T> Query<T>(Func<ILogReader, T> query)
    {
        var answer = new Answer<T>(query);
        Enqueue(answer);
        return answer.Task;
    }

    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        foreach (var thread in _threads)
            thread.Join();
    }

    private void Run(ILogStore store)
    {
        ILogReader? reader = null;
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_waiting.Reader.TryRead(out var read))
                Run(read, store, ref reader);
        }

        reader?.Dispose();
    }

    // What fails is refused to who asked, and ends nobody else's. What a failure leaves of a connection is not known: the next read opens another.
    private void Run(Read read, ILogStore store, ref ILogReader? reader)
    {
        var isAnswered = false;
        try
        {
            reader ??= store.OpenReader();
            reader.Begin();
            read.Run(reader);
            isAnswered = true;
            reader.End();
        }
        catch (Exception e)
        {
            reader?.Dispose();
            reader = null;
            _metrics.ReadFailed();
            Log(e);
            if (!isAnswered)
                read.Fail(e);
        }
    }

    // Where a page is damaged everybody who comes back meets it again.
    private void Log(Exception e)
    {
        var told = Interlocked.Read(ref _loggedAt);
        if (told != 0 && _time.GetElapsedTime(told) < s_quiet)
            return;
        Interlocked.Exchange(ref _loggedAt, _time.GetTimestamp());
        if (e is StorageException { IsDamage: true } damage)
            LogDamaged(_logger, damage.Message);
        else if (e is StorageException unavailable)
            LogUnreadable(_logger, unavailable.Message);
        else
            LogFailed(_logger, e);
    }

    [LoggerMessage(LogLevel.Error, "The database is damaged, and a read failed: {Reason}. Everything else continues. Run `confab verify` to locate the damage, and restore a backup.")]
    private static partial void LogDamaged(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Error, "A read from the database failed: {Reason}.")]
    private static partial void LogUnreadable(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Error, "A read failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private sealed class Answer<T>(Func<ILogReader, T> query) : Read
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _result.Task;

        public override void Run(ILogReader reader) => _result.SetResult(query(reader));

        public override void Fail(Exception exception) => _result.TrySetException(exception);
    }
}
