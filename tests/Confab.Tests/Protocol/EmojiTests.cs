using System.Text;
using System.Text.RegularExpressions;
using Confab.Protocol;
using Confab.Tests.Support;

namespace Confab.Tests.Protocol;

/// <summary>A reaction is one emoji in its fully-qualified form.</summary>
public partial class EmojiTests
{
    /// <summary>Every emoji, fully qualified.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. File.ReadLines(Repository.PathOf("src/Confab.Protocol/emoji.txt")).Where(line => !line.StartsWith("# ", StringComparison.Ordinal))];

    public static TheoryData<string, string> Reactions => Vectors.Where(v => v.File == "emoji");

    [Theory]
    [MemberData(nameof(Reactions))]
    public void A_reaction_has_the_form_that_its_vector_says(string file, string name)
    {
        var vector = Vectors.Find(file, name).Json;
        Assert.Equal(vector.GetProperty("stored").GetString(), FormOf(vector.GetProperty("given").GetString()!));
    }

    [Fact]
    public void Every_emoji_is_its_own_form_and_that_of_its_other_spellings()
    {
        Assert.InRange(All.Count, 3_900, 5_000);
        Assert.Equal(All.Count, All.Select(emoji => emoji.Replace("\uFE0F", "", StringComparison.Ordinal)).Distinct().Count());
        foreach (var emoji in All)
        {
            Assert.Equal(emoji, FormOf(emoji));
            Assert.All(SpellingsOf(emoji), spelling => Assert.Equal(emoji, FormOf(spelling)));
        }
    }

    [Fact]
    public void The_page_offers_each_emoji_in_its_one_form()
    {
        var source = string.Concat(
            [.. Directory.EnumerateFiles(Repository.PathOf("src/Confab.Server/wwwroot/assets"), "emoji-*.js").Select(File.ReadAllText), File.ReadAllText(Repository.PathOf("js/web/src/parts/quick.ts"))]);
        var offered = Offered().Matches(source).Select(match => match.Groups[1].Value).ToArray();
        Assert.InRange(offered.Length, 3_500, 6_000);
        Assert.All(offered, emoji => Assert.Equal(emoji, FormOf(emoji)));
    }

    [Fact]
    public void Nothing_is_allocated_for_an_emoji()
    {
        byte[][] emoji = [.. new[] { "👍", "❤", "❤️", "👩🏽‍🚀" }.Select(Encoding.UTF8.GetBytes)];
        foreach (var one in emoji)
            Assert.True(Emoji.TryQualify(one, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var one in emoji)
            Emoji.TryQualify(one, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>The emoji without one or more of its variation selectors: unqualified, or minimally qualified.</summary>
    internal static IEnumerable<string> SpellingsOf(string emoji)
    {
        var places = Enumerable.Range(0, emoji.Length).Where(at => emoji[at] == '\uFE0F').ToArray();
        for (var left = 1; left < 1 << places.Length; left++)
            yield return string.Concat(emoji.Where((_, at) => Array.IndexOf(places, at) is var place && (place < 0 || (left >> place & 1) == 0)));
    }

    // In the picker's lists, and in the row that is at hand.
    [GeneratedRegex("(?:\"emoji\":\"|(?<=[[ ])')([^a-z\"']+)[\"'](?!;)")]
    private static partial Regex Offered();

    private static string? FormOf(string text) => Emoji.TryQualify(Encoding.UTF8.GetBytes(text), out var form) ? Encoding.UTF8.GetString(form) : null;
}
