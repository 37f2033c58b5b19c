namespace Confab.Tests.Cli;

/// <summary>A directory for the files of one test.</summary>
public abstract class TempFolder : IDisposable
{
    protected DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("confab-test-");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public virtual void Dispose()
    {
        Folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string PathOf(string name) => Path.Combine(Folder.FullName, name);
}
