using System.Text.RegularExpressions;
using Confab.Tests.Support;

namespace Confab.Tests.Docs;

/// <summary>A link from one document of the repository to another leads to something.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Every_link_leads_to_a_file_and_to_a_heading_in_it()
    {
        string[] folders = ["", "docs", "docs/decisions", "protocol", "js/client", "src/Confab.Client", "bench", "bench/load"];
        var links =
            from folder in folders
            from file in Directory.EnumerateFiles(Repository.PathOf(folder), "*.md")
            from match in Link().Matches(File.ReadAllText(file))
            let target = match.Groups["path"].Value is { Length: > 0 } path ? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, path)) : file
            select (From: file, To: target, Heading: match.Groups["heading"].Value);
        var broken = links.Where(link => !Path.Exists(link.To) || (link.Heading.Length > 0 && !Headings(link.To).Contains(link.Heading))).ToArray();
        Assert.Empty(broken);
        Assert.True(links.Count() > 50);
    }

    // As GitHub names them: a second heading of the same words gets a number.
    private static HashSet<string> Headings(string file)
    {
        var text = File.ReadAllText(file);
        var headings = Anchor().Matches(text).Select(match => match.Groups[1].Value).ToHashSet();
        foreach (Match match in Heading().Matches(text))
        {
            var name = Sign().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-');
            for (var n = 0; !headings.Add(n == 0 ? name : $"{name}-{n}"); n++)
                continue;
        }

        return headings;
    }

    [GeneratedRegex(@"\]\((?![a-z]+:)(?<path>[^)#\s]*)(#(?<heading>[^)]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("<a id=\"(.*?)\">")]
    private static partial Regex Anchor();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Sign();
}
