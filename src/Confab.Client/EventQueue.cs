using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Confab.Client;

/// <summary>
/// The events that wait to be read. Full, it makes the client stop reading from the server, with one exception: while somebody waits for an
/// answer, which stands behind those events, it sheds them instead, and their rooms are joined again where they were once there is space.
/// Otherwise a program that posts while it handles an event would wait for itself.
/// </summary>
/// <param name="capacity">Events, at most.</param>
/// <param name="isAnswerAwaited">Whether a caller waits for an answer.</param>
/// <param name="hasSpace">Called by the reader of events when half of the places are free.</param>
internal sealed class EventQueue(int capacity, Func<bool> isAnswerAwaited, Action hasSpace)
{
    private readonly Channel<ConfabEvent> _events = Channel.CreateBounded<ConfabEvent>(capacity);
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile bool _isComplete;

    public bool IsHalfEmpty => _events.Reader.Count <= capacity / 2;

    /// <summary>Adds an event, waiting for a place; false when it was shed.</summary>
    public async ValueTask<bool> AddAsync(ConfabEvent item, CancellationToken cancel)
    {
        while (!TryAdd(item))
        {
            if (isAnswerAwaited())
                return false;
            await WaitAsync(cancel).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Adds an event if there is a place, or nobody who would read it.</summary>
    public bool TryAdd(ConfabEvent item) => _events.Writer.TryWrite(item) || _isComplete;

    /// <summary>Waits until an event was read or a caller began to wait.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancel) => _bell.Reader.ReadAsync(cancel);

    public void Ring() => _bell.Writer.TryWrite(true);

    public void Complete(Exception? exception = null)
    {
        _isComplete = true;
        _events.Writer.TryComplete(exception);
        Ring();
    }

    public async IAsyncEnumerable<ConfabEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        while (await _events.Reader.WaitToReadAsync(cancel).ConfigureAwait(false))
        {
            while (_events.Reader.TryRead(out var item))
            {
                Ring();
                if (IsHalfEmpty)
                    hasSpace();
                yield return item;
            }
        }
    }
}
