namespace Confab.Tests.Support;

/// <summary>How much is tried: enough for every commit, or with <c>CONFAB_LONG=1</c> enough for a night.</summary>
internal static class Effort
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("CONFAB_LONG") == "1";

    /// <summary>Random cases of a property: so many, and forty times as many in the long mode.</summary>
    public static long Cases(long normally) => IsLong ? normally * 40 : normally;

    /// <summary>The seed of everything a test draws by chance: that of <c>CONFAB_SEED</c>, or a new one. Printed, so that a failure can be had again.</summary>
    public static int Seed()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CONFAB_SEED"), out var said) ? said : Random.Shared.Next(1, 1_000_000);
        Tell($"CONFAB_SEED={seed}");
        return seed;
    }

    /// <summary>Says something about the run: seen when the test fails, and by whoever asks for it.</summary>
    public static void Tell(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
