using Confab.Server.Storage;

namespace Confab.Server.Messages;

/// <summary>Waits for one change as a task, for callers that are not connections.</summary>
internal sealed class StoredChange : IChangeOwner
{
    private readonly TaskCompletionSource<Change> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Change> Task => _done.Task;

    public void Done(Change change) => _done.TrySetResult(change);
}

internal static class MessageLogTasks
{
    /// <summary>Stores one change and gives it back with its outcome.</summary>
    public static Task<Change> Store(this MessageLog log, Func<IChangeOwner, Change> ask)
    {
        var owner = new StoredChange();
        log.Submit([ask(owner)]);
        return owner.Task;
    }
}
