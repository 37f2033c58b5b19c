using Confab.Cli.Chat;

namespace Confab.Tests.Cli;

/// <summary>What is asked of the server one after the other, and what becomes of it.</summary>
public sealed class ErrandsTests
{
    [Fact]
    public async Task An_errand_that_fails_is_answered_and_does_not_stop_the_next()
    {
        var errands = new Errands(TimeProvider.System);
        var failed = errands.Add(new Errand("first", () => throw new InvalidDataException("No such thing.")));
        var done = errands.Add(new Errand("second", () => Task.CompletedTask));
        errands.End();
        var answers = new List<(string?, string?)>();
        await errands.Run((errand, failure) =>
        {
            answers.Add((errand.Line, failure));
            return ValueTask.CompletedTask;
        }, TestContext.Current.CancellationToken);
        Assert.Equal([("first", "No such thing."), ("second", null)], answers);
        Assert.True(failed.IsCompleted && done.IsCompleted);
    }
}
