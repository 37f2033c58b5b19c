using System.Diagnostics;

namespace Confab.Tests.Support;

/// <summary>A disk under a server in a process of its own that fails when it is told to: what it is to fail at lies as empty files in a folder.</summary>
internal sealed class FaultyDisk : IDisposable
{
    /// <summary>Names the folder to the server's process.</summary>
    public const string Variable = "CONFAB_TEST_FAULTS";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("confab-faults-");

    /// <summary>From now on these fail, on the threads of this name.</summary>
    /// <param name="thread">The thread's name: <c>confab-log</c> or <c>confab-read</c>.</param>
    /// <param name="operation"><c>read</c>, <c>write</c> or <c>sync</c>.</param>
    /// <param name="files">Of the database (<c>db</c>), of its write-ahead log (<c>wal</c>).</param>
    public void Fail(string thread, string operation, params string[] files)
    {
        foreach (var file in files)
            File.Create(Path.Combine(_folder.FullName, NameOf(thread, operation, file))).Dispose();
    }

    /// <summary>From now on nothing fails.</summary>
    public void Heal()
    {
        foreach (var fault in _folder.EnumerateFiles())
            fault.Delete();
    }

    public void PutUnder(ProcessStartInfo start)
    {
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(FaultyDisk).Assembly.Location;
        start.Environment[Variable] = _folder.FullName;
    }

    public static string NameOf(string thread, string operation, string file) => $"{thread}.{operation}.{file}";

    public void Dispose() => _folder.Delete(recursive: true);
}
