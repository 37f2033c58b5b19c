using Confab.Client;
using Confab.Protocol;

namespace Confab.Tests.Client;

/// <summary>Reads the events of a client, and keeps them.</summary>
internal sealed class Listener
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<ConfabEvent> _events = [];
    private readonly Task _reading;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Listener(ConfabClient client) => _reading = Read(client);

    public IReadOnlyList<ConfabEvent> Events
    {
        get
        {
            lock (_events)
                return [.. _events];
        }
    }

    public IReadOnlyList<LogFrame> Log => [.. Events.OfType<FrameReceived>().Select(e => e.Frame).OfType<LogFrame>()];

    /// <summary>Waits for an event.</summary>
    public async Task<T> Find<T>(Func<T, bool>? predicate = null)
        where T : ConfabEvent
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            Task more;
            lock (_events)
            {
                if (_events.OfType<T>().FirstOrDefault(e => predicate is null || predicate(e)) is { } found)
                    return found;
                more = _more.Task;
            }

            await more.WaitAsync(patience.Token);
        }
    }

    /// <summary>Waits until there were so many events of a kind.</summary>
    public Task Count<T>(int count)
        where T : ConfabEvent => Find<T>(_ => _events.OfType<T>().Count() >= count);

    /// <summary>Waits for a frame.</summary>
    public async Task<T> Frame<T>(Func<T, bool>? predicate = null)
        where T : ServerFrame =>
        (T)(await Find<FrameReceived>(e => e.Frame is T frame && (predicate is null || predicate(frame)))).Frame;

    /// <summary>Waits for the end of the events, and gives what ended them.</summary>
    public async Task<Exception?> End()
    {
        try
        {
            await _reading.WaitAsync(Patience);
            return null;
        }
        catch (ConfabConnectionException e)
        {
            return e;
        }
    }

    private async Task Read(ConfabClient client)
    {
        await foreach (var item in client.ReadEventsAsync(CancellationToken.None))
        {
            TaskCompletionSource more;
            lock (_events)
            {
                _events.Add(item);
                (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            more.SetResult();
        }
    }
}
