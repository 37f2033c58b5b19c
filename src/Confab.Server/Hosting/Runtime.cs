namespace Confab.Server.Hosting;

/// <summary>The server does not start like this; the message says how it would.</summary>
public sealed class RefusedToStartException(string message) : Exception(message);

internal static class Runtime
{
    // CVE-2026-62901: an unchecked loop in System.Net.WebSockets.
    private static readonly Version s_first = new(10, 0, 11);

    /// <summary>Refuses a runtime with a known hole.</summary>
    public static void CheckVersion(Version version)
    {
        if (version < s_first)
            throw new RefusedToStartException($"This .NET runtime is {version}. Confab needs {s_first} or later, which fixes a vulnerability in its WebSockets (CVE-2026-62901).");
    }
}
