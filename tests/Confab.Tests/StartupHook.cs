using System.Globalization;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

/// <summary>
/// Runs in a server of the tests before the server itself. The runtime looks for this name in the assembly that <c>DOTNET_STARTUP_HOOKS</c>
/// names, and for no namespace.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(FaultyDisk.Variable) is not null)
            FaultyFiles.Install();
        if (Environment.GetEnvironmentVariable(FullEpoll.Variable) is { } firstUnwatched)
            FullEpoll.Install(int.Parse(firstUnwatched, CultureInfo.InvariantCulture));
    }
}
