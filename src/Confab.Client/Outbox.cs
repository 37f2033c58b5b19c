using System.Threading.Channels;
using Confab.Protocol;

namespace Confab.Client;

/// <summary>A frame that is to be sent and answered.</summary>
/// <param name="command">The frame. Sent again, it is the same one, with the same id.</param>
/// <param name="hasCaller">Whether somebody waits for the answer.</param>
internal class Request(Command command, bool hasCaller)
{
    private readonly TaskCompletionSource<ServerFrame> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Command Command { get; } = command;

    public bool HasCaller { get; } = hasCaller;

    public bool IsSent { get; set; }

    /// <summary>Bytes of the frame, once it was sent.</summary>
    public int Length { get; set; }

    public Task<ServerFrame> Answer => _answer.Task;

    public void Succeed(ServerFrame answer) => _answer.TrySetResult(answer);

    public void Fail(Exception exception)
    {
        _answer.TrySetException(exception);
        // Nobody may be waiting any more, and that is not an error of its own.
        _ = _answer.Task.Exception;
    }
}

/// <summary>
/// What waits to be sent or answered, in the order in which it was asked. It outlives connections: on a new one everything that was not
/// answered is sent again, under the id it had.
/// </summary>
/// <param name="capacity">Requests of callers, at most. Further callers wait for a place, in order.</param>
/// <param name="callerWaits">Called when somebody begins to wait for an answer.</param>
internal sealed class Outbox(int capacity, Action callerWaits)
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SemaphoreSlim _places = new(capacity);
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly LinkedList<Request> _requests = [];
    private Exception? _end;
    private int _callers;
    private bool _isHeld = true;

    /// <summary>Whether somebody waits for an answer.</summary>
    public bool HasCallers => Volatile.Read(ref _callers) > 0;

    /// <summary>Puts in a caller's request, and waits for the answer.</summary>
    /// <exception cref="OperationCanceledException">If it was not sent yet, it never will be; else its outcome is not known.</exception>
    public async Task<ServerFrame> AskAsync(Request request, CancellationToken cancel)
    {
        // One at a time waits for a place, the others for their turn: without that, two that find places at once might change theirs.
        await _turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await _places.WaitAsync(cancel).ConfigureAwait(false);
            Add(request);
        }
        finally
        {
            _turn.Release();
        }

        callerWaits();
        try
        {
            return await request.Answer.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Withdraw(request);
            throw;
        }
    }

    /// <summary>Puts in a request of the client's own.</summary>
    public void Add(Request request)
    {
        lock (_gate)
        {
            if (request.HasCaller)
                _callers++;
            if (_end is null)
                _requests.AddLast(request);
            else
                Settle(request, _end);
        }

        _bell.Writer.TryWrite(true);
    }

    /// <summary>Puts in a frame without an answer, if nothing waits to be sent and there is a connection: it is shed first.</summary>
    public void AddIfIdle(Command command)
    {
        lock (_gate)
        {
            if (_isHeld || _requests.Last is { Value.IsSent: false })
                return;
            _requests.AddLast(new Request(command, hasCaller: false));
        }

        _bell.Writer.TryWrite(true);
    }

    /// <summary>Waits for the next request that was not sent on this connection.</summary>
    public async ValueTask<Request> TakeAsync(CancellationToken cancel)
    {
        while (true)
        {
            lock (_gate)
            {
                var next = _isHeld ? null : FirstUnsent();
                if (next is not null)
                {
                    next.Value.IsSent = true;
                    if (next.Value.Command is TypingCommand)
                        _requests.Remove(next);
                    return next.Value;
                }
            }

            await _bell.Reader.ReadAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>The request of that id that waits for an answer; null when there is none.</summary>
    public Request? Find(string? id)
    {
        lock (_gate)
            return id is null ? null : _requests.FirstOrDefault(request => request.IsSent && request.Command.Id == id);
    }

    /// <summary>The request was answered: with a frame, or with a refusal.</summary>
    public void Answer(Request? request, ServerFrame? answer, Exception? refusal = null)
    {
        lock (_gate)
        {
            if (request is null || !_requests.Remove(request))
                return;
            if (answer is not null)
                request.Succeed(answer);
            Settle(request, refusal);
        }
    }

    /// <summary>Sends nothing more until there is a new connection.</summary>
    public void Hold()
    {
        lock (_gate)
            _isHeld = true;
    }

    public bool IsHeld
    {
        get
        {
            lock (_gate)
                return _isHeld;
        }
    }

    /// <summary>The frame that the server found too big cannot be told for sure; the longest that it has not answered is given up.</summary>
    public void RefuseLongest()
    {
        lock (_gate)
            Answer(_requests.Where(request => request.IsSent).MaxBy(request => request.Length), null, new ConfabRefusedException(RefusalCode.TooLong, "The frame is longer than the server accepts."));
    }

    /// <summary>Whether a room is left again after a join that was not answered, however either of them writes its name.</summary>
    public bool IsLeftAfter(JoinRequest join)
    {
        var name = Rooms.StoredForm(join.Join.Room);
        lock (_gate)
        {
            for (var node = _requests.Find(join)?.Next; node is not null; node = node.Next)
            {
                if (node.Value.Command is LeaveCommand leave && Rooms.StoredForm(leave.Room) == name)
                    return true;
            }

            return false;
        }
    }

    /// <summary>There is a new connection: the rooms are joined again first, then everything is sent that was not answered.</summary>
    /// <param name="rooms">The rooms. Those whose leave was not answered are forgotten.</param>
    /// <param name="epoch">The server's.</param>
    public void Restart(Rooms rooms, string epoch)
    {
        lock (_gate)
        {
            var joined = new HashSet<string>(StringComparer.Ordinal);
            foreach (var request in _requests.ToArray())
            {
                request.IsSent = false;
                switch (request.Command)
                {
                    case JoinCommand join when request.HasCaller:
                        joined.Add(Rooms.StoredForm(join.Room));
                        break;
                    case LeaveCommand leave when !joined.Contains(Rooms.StoredForm(leave.Room)):
                        // A room that was left is not joined again: it is left, unless a join before it is sent again.
                        rooms.Forget(leave.Room);
                        Answer(request, new LeftFrame { Room = leave.Room });
                        break;
                    case not null when !request.HasCaller:
                        _requests.Remove(request);
                        break;
                }
            }

            foreach (var join in Enumerable.Reverse(rooms.RejoinAll(epoch)))
                _requests.AddFirst(join);
            _isHeld = false;
        }

        _bell.Writer.TryWrite(true);
    }

    /// <summary>There will be no connection any more.</summary>
    public void Fail(Exception exception)
    {
        lock (_gate)
        {
            _end ??= exception;
            foreach (var request in _requests)
                Settle(request, _end);
            _requests.Clear();
        }
    }

    private void Withdraw(Request request)
    {
        lock (_gate)
        {
            if (!request.IsSent)
                Answer(request, null, new OperationCanceledException());
        }
    }

    // What was sent leads, what was not follows: looking from the end finds the border soon.
    private LinkedListNode<Request>? FirstUnsent()
    {
        LinkedListNode<Request>? first = null;
        for (var node = _requests.Last; node is { Value.IsSent: false }; node = node.Previous)
            first = node;
        return first;
    }

    private void Settle(Request request, Exception? exception)
    {
        if (exception is not null)
            request.Fail(exception);
        if (!request.HasCaller)
            return;
        Volatile.Write(ref _callers, _callers - 1);
        _places.Release();
    }
}
