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
    public void Only_Storage_knows_SQLite() => AssertSilent("src/Confab.Server", except: "Storage", SqliteWord());

    [Fact]
    public void Only_Cluster_knows_Orleans() => AssertSilent("src/Confab.Server", except: "Cluster", OrleansWord());

    [Fact]
    public void Rooms_know_no_socket() => AssertSilent("src/Confab.Server/Rooms", except: null, SocketsWord());

    [Fact]
    public void Nobody_on_a_message_s_way_knows_that_it_can_be_searched_for()
    {
        foreach (var folder in new[] { "Rooms", "Messages", "Sockets", "Storage" })
            AssertSilent($"src/Confab.Server/{folder}", except: null, SearchFolder());
    }

    [Fact]
    public void Messages_know_neither_rooms_nor_sockets() => AssertSilent("src/Confab.Server/Messages", except: null, RoomsOrSocketsWord());

    [Fact]
    public void Storage_knows_nobody_above_it() => AssertSilent("src/Confab.Server/Storage", except: null, AboveStorageWord());

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

    [GeneratedRegex(@"\bOrleans\b")]
    private static partial Regex OrleansWord();

    [GeneratedRegex(@"Server\.Search\b")]
    private static partial Regex SearchFolder();

    [GeneratedRegex(@"\bSockets\b")]
    private static partial Regex SocketsWord();

    [GeneratedRegex(@"Server\.(Rooms|Search)\b|\bRooms\.\w|\bSockets\b")]
    private static partial Regex RoomsOrSocketsWord();

    [GeneratedRegex(@"Server\.(Rooms|Messages|Search|Cluster)\b|\b(Rooms|Messages|Cluster)\.\w|\bSockets\b")]
    private static partial Regex AboveStorageWord();

    [GeneratedRegex(@"Confab\.(Server|Client|Cli)\b|\bMicrosoft\.")]
    private static partial Regex ServerWord();

    private static void AssertSilent(string folder, string? except, Regex word)
    {
        var said =
            from file in Sources(folder)
            where except is null || !file.Path.StartsWith($"{folder}/{except}/", StringComparison.Ordinal)
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
