using System.Threading.Channels;
using Confab.Client;
using Confab.Protocol;

namespace Confab.Cli.Chat;

/// <summary>Something that is asked of the server.</summary>
/// <param name="Line">The line that asks for it; null when none does.</param>
/// <param name="Act">Does it.</param>
internal sealed record Errand(string? Line, Func<Task> Act)
{
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What is asked of the server, done one after the other in the order in which it was asked. A person asks, or a pipe that waits for each answer.</summary>
internal sealed class Errands(TimeProvider time)
{
    private readonly Channel<Errand> _waiting = Channel.CreateUnbounded<Errand>();

    /// <summary>Adds one; complete when it was done, or never will be.</summary>
    public Task Add(Errand errand)
    {
        _waiting.Writer.TryWrite(errand);
        return errand.Done.Task;
    }

    /// <summary>Takes no more.</summary>
    public void End() => _waiting.Writer.TryComplete();

    /// <summary>Does them until the end.</summary>
    /// <param name="answered">Told of each: the errand, and why it failed; null if it did not.</param>
    /// <param name="cancel">Leaves the rest undone.</param>
    public async Task Run(Func<Errand, string?, ValueTask> answered, CancellationToken cancel)
    {
        await foreach (var errand in _waiting.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                await Patiently(errand.Act, cancel).WaitAsync(cancel);
                await answered(errand, null);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // Nobody waits for it any more.
            }
            catch (Exception e)
            {
                // Whatever it is: those that follow wait for nothing else.
                await answered(errand, e.Message);
            }

            errand.Done.TrySetResult();
        }
    }

    // Who writes faster than the server takes it waits, instead of losing lines.
    private async Task Patiently(Func<Task> act, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await act();
                return;
            }
            catch (ConfabRefusedException e) when (e.Code == RefusalCode.RateLimited && e.RetryAfter is { } wait)
            {
                await Task.Delay(wait, time, cancel);
            }
        }
    }
}
