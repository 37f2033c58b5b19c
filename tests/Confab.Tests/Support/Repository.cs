namespace Confab.Tests.Support;

/// <summary>Where the working copy lies that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string s_root = FindRoot();

    public static string PathOf(string relative) => Path.Combine(s_root, relative);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Confab.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("The tests run from within the repository.");
    }
}
