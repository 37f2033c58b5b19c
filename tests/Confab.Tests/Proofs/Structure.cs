using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Confab.Tests.Proofs;

/// <summary>The house as ARCHITECTURE.md draws it, held against the source text: what a folder may speak of, and that its namespace is its name.</summary>
public sealed partial class Structure
{
    private static readonly string s_root = FindRoot();

    [Fact]
    public void A_namespace_is_its_folder()
    {
        var wrong =
            from file in Sources("src").Concat(Sources("tests"))
            let declared = NamespaceLine().Match(file.Text).Groups[1].Value
            let folder = Path.GetDirectoryName(file.Path)!.Split('/', 2)[1].Replace('/', '.')
            where declared != folder && Path.GetFileName(file.Path) is not ("Program.cs" or "StartupHook.cs")
            select $"{file.Path} says {declared}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Only_Storage_knows_SQLite() => AssertSilent("src/Confab.Server", except: "Storage/", SqliteWord());

    [Fact]
    public void Only_Cluster_knows_Orleans() => AssertSilent("src/Confab.Server", except: "Cluster/", OrleansWord());

    // The whole house, both ways: what stands here and is not used fails as well as what is used and does not stand here.
    [Fact]
    public void Folders_know_those_below_them()
    {
        string[] drawn =
        [
            "Access:",
            "Files: Access Hosting Messages Rooms Storage",
            "Followers: Access Hosting Messages Rooms Storage",
            "Hosting:",
            "Messages: Access Hosting Storage",
            "Operations: Access Hosting Messages Sockets Storage",
            "Page: Access Hosting",
            "Rooms: Access Hosting Messages Storage",
            "Search: Access Followers Hosting Messages Rooms Storage",
            "Sockets: Access Hosting Messages Rooms Storage",
            "Storage: Hosting",
        ];
        var built =
            from file in Sources("src/Confab.Server")
            let parts = file.Path.Split('/')
            where parts.Length > 3
            group file by parts[2] into folder
            let known = folder.SelectMany(file => ServerFolder().Matches(file.Text)).Select(match => match.Groups[1].Value).Where(name => name != folder.Key).Distinct().Order(StringComparer.Ordinal)
            orderby folder.Key
            select $"{folder.Key}: {string.Join(' ', known)}".TrimEnd();
        Assert.Equal(drawn, built);
    }

    [Fact]
    public void Nobody_below_speaks_of_those_above_by_half_a_name()
    {
        foreach (var folder in new[] { "Hosting", "Storage", "Access", "Messages" })
            AssertSilent($"src/Confab.Server/{folder}", except: null, HalfName());
    }

    [Fact]
    public void Only_the_door_lets_anybody_in() => AssertSilent("src/Confab.Server", except: "Rooms/Door.cs", NewVisit());

    [Fact]
    public void The_protocol_depends_on_nothing()
    {
        AssertSilent("src/Confab.Protocol", except: null, ServerWord());
        // An analyzer takes part in building it only.
        var references = XDocument.Load(Path.Combine(s_root, "src/Confab.Protocol/Confab.Protocol.csproj")).Descendants().Where(e => e.Name.LocalName.EndsWith("Reference", StringComparison.Ordinal));
        Assert.All(references, reference => Assert.Equal("all", reference.Attribute("PrivateAssets")?.Value));
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex("SQLitePCL|Sqlite")]
    private static partial Regex SqliteWord();

    [GeneratedRegex(@"new Visit\(")]
    private static partial Regex NewVisit();

    [GeneratedRegex(@"\bOrleans\b")]
    private static partial Regex OrleansWord();

    [GeneratedRegex(@"Confab\.Server\.([A-Z]\w+)(?=[.;])")]
    private static partial Regex ServerFolder();

    [GeneratedRegex(@"(?<![\w.])(Rooms|Search|Sockets|Operations|Cluster)\.[A-Z]")]
    private static partial Regex HalfName();

    [GeneratedRegex(@"Confab\.(Server|Client|Cli)\b|\bMicrosoft\.")]
    private static partial Regex ServerWord();

    private static void AssertSilent(string folder, string? except, Regex word)
    {
        var said =
            from file in Sources(folder)
            where except is null || !file.Path.StartsWith($"{folder}/{except}", StringComparison.Ordinal)
            from line in file.Text.Split('\n')
            let code = line.Trim()
            where !code.StartsWith("//", StringComparison.Ordinal) && word.IsMatch(WithoutTexts().Replace(code, "\"\""))
            select $"{file.Path}: {code}";
        Assert.Empty(said);
    }

    // What stands between quotes is told to people, or is a name of ours.
    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex WithoutTexts();

    private static IEnumerable<(string Path, string Text)> Sources(string folder) =>
        from path in Directory.EnumerateFiles(Path.Combine(s_root, folder), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(s_root, path).Replace('\\', '/')
        where !relative.Contains("/obj/", StringComparison.Ordinal) && !relative.Contains("/bin/", StringComparison.Ordinal)
        select (relative, File.ReadAllText(path));

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Confab.slnx")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run inside the source tree.");
        return directory.FullName;
    }
}
