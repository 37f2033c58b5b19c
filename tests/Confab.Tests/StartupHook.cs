/// <summary>
/// Runs in a server of the tests before the server itself. The runtime looks for this name in the assembly that <c>DOTNET_STARTUP_HOOKS</c>
/// names, and for no namespace.
/// </summary>
internal static class StartupHook
{
    public static void Initialize() => Confab.Tests.Proofs.FaultyFiles.Install();
}
