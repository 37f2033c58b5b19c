using System.Net;

namespace Confab.Server.Files;

/// <summary>
/// Work that is done one at a time, and the addresses that wait for it served in turn: however much one of them has to do, another waits for
/// one piece of it at most. Who may wait is bounded by <see cref="UploadSlots"/>.
/// </summary>
internal sealed class Turns
{
    private readonly Lock _gate = new();

    // Every address that waits, once, in the order in which they are served; and what each waits with.
    private readonly Queue<IPAddress> _order = [];
    private readonly Dictionary<IPAddress, Queue<TaskCompletionSource>> _waiting = [];
    private bool _isTaken;

    /// <summary>Waits for a turn. It is to be given back.</summary>
    public async Task Take(IPAddress address, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_isTaken)
            {
                _isTaken = true;
                return;
            }

            if (!_waiting.TryGetValue(address, out var own))
            {
                _waiting.Add(address, own = []);
                _order.Enqueue(address);
            }

            own.Enqueue(turn);
        }

        await using var registration = cancel.Register(() => turn.TrySetCanceled(cancel));
        await turn.Task;
    }

    /// <summary>Gives the turn to the next who still wants it.</summary>
    public void GiveBack()
    {
        lock (_gate)
        {
            while (_order.TryDequeue(out var address))
            {
                var own = _waiting[address];
                var isGiven = false;
                while (!isGiven && own.TryDequeue(out var turn))
                    isGiven = turn.TrySetResult();
                if (own.Count > 0)
                    _order.Enqueue(address);
                else
                    _waiting.Remove(address);
                if (isGiven)
                    return;
            }

            _isTaken = false;
        }
    }
}
