using Confab.Protocol;

namespace Confab.Client;

/// <summary>What each frame of the server means. Belongs to the task that reads, but for what the reader of events starts.</summary>
internal sealed class Inbox(Rooms rooms, Outbox outbox, EventQueue events, TimeProvider time)
{
    private static readonly TimeSpan s_minRejoinWait = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, ResetFrame> _resets = new(StringComparer.Ordinal);

    /// <summary>How long the server asked to be left alone, on this connection.</summary>
    public TimeSpan RetryAfter { get; private set; }

    /// <summary>A new connection begins.</summary>
    public void Restart()
    {
        RetryAfter = TimeSpan.Zero;
        _resets.Clear();
    }

    /// <summary>While rooms wait for space, nothing that comes is of use but an answer.</summary>
    public async ValueTask WaitForSpaceAsync(CancellationToken cancel)
    {
        while (rooms.OnlyWait && !outbox.HasCallers)
            await events.WaitAsync(cancel).ConfigureAwait(false);
    }

    public async ValueTask ApplyAsync(ServerFrame frame, CancellationToken cancel)
    {
        switch (frame)
        {
            case AckFrame ack:
                outbox.Answer(outbox.Find(ack.Id), ack);
                break;
            case LeftFrame left:
                rooms.Forget(left.Room); // a join that was under way may have brought it back
                outbox.Answer(outbox.Find(left.Id), left);
                break;
            case ErrorFrame error:
                await ApplyAsync(error, cancel).ConfigureAwait(false);
                break;
            case ResetFrame reset:
                _resets[reset.Room] = reset;
                break;
            case JoinedFrame joined:
                await ApplyAsync(joined, cancel).ConfigureAwait(false);
                break;
            case LogFrame log when rooms.IsNew(log):
                if (await HandOnAsync(log, cancel).ConfigureAwait(false))
                    rooms.Advance(log);
                break;
            case LogFrame:
                break; // a repeat, or to be asked for again
            case RoomFrame other when rooms.IsFollowed(other.Room):
                await HandOnAsync(other, cancel).ConfigureAwait(false);
                break;
            case ClosingFrame closing:
                // What is sent now would not be answered.
                outbox.Hold();
                RetryAfter = TimeSpan.FromMilliseconds(closing.RetryAfterMs);
                break;
            case UnknownFrame:
                await events.AddAsync(new FrameReceived(frame), cancel).ConfigureAwait(false);
                break;
        }
    }

    private async ValueTask<bool> HandOnAsync(RoomFrame frame, CancellationToken cancel)
    {
        if (await events.AddAsync(new FrameReceived(frame), cancel).ConfigureAwait(false))
            return true;
        if (frame is not TypingFrame)
            FallBehind(frame.Room);
        return false;
    }

    private async ValueTask ApplyAsync(JoinedFrame joined, CancellationToken cancel)
    {
        _resets.Remove(joined.Room, out var reset);
        if (outbox.Find(joined.Id) is not JoinRequest request)
            return;
        if (request.HasCaller ? outbox.IsLeftAfter(request) : !rooms.Contains(joined.Room))
        {
            outbox.Answer(request, joined); // left meanwhile
            return;
        }

        if (reset is not null && request.Options.History > 0 && joined.Messages is null)
        {
            // A reset that could not be foreseen: the snapshot it needs has the history, which a mere resumption does not ask for.
            _resets[joined.Room] = reset;
            outbox.Answer(request, joined);
            outbox.Add(new JoinRequest(request.Join with { Id = Rooms.NewId(), After = null, Epoch = null, History = request.Options.History }, request.Options, hasCaller: false));
            return;
        }

        var isHandedOn = await events.AddAsync(reset is null ? new FrameReceived(joined) : new RoomReset(reset, joined), cancel).ConfigureAwait(false);
        rooms.Joined(request, joined, reset is not null, isHandedOn);
        if (!isHandedOn)
            FallBehind(joined.Room);
        outbox.Answer(request, joined);
    }

    private async ValueTask ApplyAsync(ErrorFrame error, CancellationToken cancel)
    {
        var refusal = ConfabRefusedException.From(error);
        switch (outbox.Find(error.Id))
        {
            case null:
                await events.AddAsync(new FrameReceived(error), cancel).ConfigureAwait(false);
                break;
            case not null when outbox.IsHeld && refusal.Code == RefusalCode.Unavailable:
                break; // the server is about to restart: it is asked again afterwards
            case JoinRequest { HasCaller: false } rejoin:
                outbox.Answer(rejoin, null, refusal);
                if (refusal.Code is RefusalCode.RateLimited or RefusalCode.StorageUnavailable or RefusalCode.Unavailable or RefusalCode.Internal)
                {
                    _ = RejoinLaterAsync(rejoin, refusal.RetryAfter ?? s_minRejoinWait, cancel);
                    break;
                }

                rooms.Forget(rejoin.Join.Room);
                await events.AddAsync(new RoomLost(rejoin.Join.Room, refusal.Code, error.Message), cancel).ConfigureAwait(false);
                break;
            case { } request:
                outbox.Answer(request, null, refusal);
                break;
        }
    }

    private async Task RejoinLaterAsync(JoinRequest refused, TimeSpan wait, CancellationToken cancel)
    {
        await Task.Delay(wait > s_minRejoinWait ? wait : s_minRejoinWait, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancel.IsCancellationRequested && rooms.Contains(refused.Join.Room))
            outbox.Add(new JoinRequest(refused.Join, refused.Options, hasCaller: false));
    }

    private void FallBehind(string room)
    {
        rooms.FallBehind(room);
        // The reader of events looks for such rooms as it makes space; it may have made it just before.
        if (events.IsHalfEmpty)
            RejoinBehind();
    }

    /// <summary>There is space: the rooms that wait for it are joined again where they were.</summary>
    public void RejoinBehind()
    {
        var joins = rooms.RejoinBehind();
        foreach (var join in joins)
            outbox.Add(join);
        if (joins.Count > 0)
            events.Ring();
    }
}
