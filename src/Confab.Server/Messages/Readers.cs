using System.Threading.Channels;
using Confab.Server.Operations;
using Confab.Server.Storage;

namespace Confab.Server.Messages;

/// <summary>A read that waits for a reader.</summary>
internal abstract class Read
{
    /// <summary>Reads, on a reader's thread. What it throws goes to <see cref="Fail"/>.</summary>
    public abstract void Run(Reader reader);

    /// <summary>The read failed.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>
/// The threads that read beside the writer. What waits is bounded by who asks: a connection has one read under way per room, a request one.
/// </summary>
internal sealed partial class Readers : IDisposable
{
    private readonly Channel<Read> _waiting = Channel.CreateUnbounded<Read>();
    private readonly Thread[] _threads;
    private readonly ILogger<Readers> _logger;

    public Readers(Database database, ServerOptions options, ILogger<Readers> logger)
    {
        _logger = logger;
        _threads = new Thread[options.Readers];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(() => Run(database)) { Name = "confab-read", IsBackground = true };
            _threads[i].Start();
        }
    }

    public void Enqueue(Read read)
    {
        if (!_waiting.Writer.TryWrite(read))
            read.Fail(new ObjectDisposedException(nameof(Readers)));
    }

    /// <summary>Runs a query and gives its result.</summary>
    public Task<T> Ask<T>(Func<Reader, T> query)
    {
        var asked = new Asked<T>(query);
        Enqueue(asked);
        return asked.Task;
    }

    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        foreach (var thread in _threads)
            thread.Join();
    }

    private void Run(Database database)
    {
        using var reader = new Reader(database);
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_waiting.Reader.TryRead(out var read))
                Run(read, reader);
        }
    }

    private void Run(Read read, Reader reader)
    {
        try
        {
            reader.Begin();
            read.Run(reader);
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
            read.Fail(e);
        }
        finally
        {
            reader.End();
        }
    }

    [LoggerMessage(LogLevel.Error, "A read failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private sealed class Asked<T>(Func<Reader, T> query) : Read
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _result.Task;

        public override void Run(Reader reader) => _result.SetResult(query(reader));

        public override void Fail(Exception exception) => _result.TrySetException(exception);
    }
}
