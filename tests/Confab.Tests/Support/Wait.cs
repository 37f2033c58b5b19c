namespace Confab.Tests.Support;

/// <summary>Waiting for something to become true, without sleeping for longer than it takes.</summary>
internal static class Wait
{
    /// <summary>Long, since test machines are slow; a test that passes never waits for so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task AMoment() => Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);

    public static Task Until(string what, Func<bool> condition) => Until(what, () => Task.FromResult(condition()));

    public static async Task Until(string what, Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"Waited {Patience.TotalSeconds} s for {what}.");
            await AMoment();
        }
    }

    /// <summary>For what is defined by its length: a freeze, a stall.</summary>
    public static async Task ForAsLongAs(TimeSpan length)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < length)
            await AMoment();
    }
}
