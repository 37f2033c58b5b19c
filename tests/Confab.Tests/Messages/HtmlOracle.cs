using System.Text;
using System.Text.RegularExpressions;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Confab.Server.Messages;
using Ganss.Xss;

namespace Confab.Tests.Messages;

/// <summary>
/// What the HTML of a message may hold, judged by a parser and a sanitizer that know nothing of ours: a browser's reading of it has no
/// element, attribute or address but the allowed ones, and the sanitizer finds nothing to take away.
/// </summary>
internal static partial class HtmlOracle
{
    // As PROTOCOL.md says it.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["a"] = ["href", "rel", "target"],
        ["blockquote"] = [],
        ["br"] = [],
        ["code"] = ["class"],
        ["del"] = [],
        ["em"] = [],
        ["hr"] = [],
        ["li"] = [],
        ["ol"] = ["start"],
        ["p"] = [],
        ["pre"] = [],
        ["strong"] = [],
        ["table"] = [],
        ["tbody"] = [],
        ["td"] = ["align"],
        ["th"] = ["align"],
        ["thead"] = [],
        ["tr"] = [],
        ["ul"] = [],
    };

    private static readonly HtmlSanitizer s_sanitizer = new(new HtmlSanitizerOptions
    {
        AllowedTags = new HashSet<string>(s_allowed.Keys),
        AllowedAttributes = new HashSet<string>(s_allowed.Values.SelectMany(attributes => attributes)),
        AllowedSchemes = new HashSet<string> { "http", "https", "mailto" },
        UriAttributes = new HashSet<string> { "href" },
    });

    public static string Render(string markdown) => Encoding.UTF8.GetString(MessageHtml.Read(Encoding.UTF8.GetBytes(markdown)).Html);

    /// <summary>Renders a text and holds what came out to everything that is promised of it.</summary>
    public static string RenderSafely(string markdown)
    {
        var html = Render(markdown);
        var body = new HtmlParser().ParseDocument($"<body>{html}").Body!;
        foreach (var element in body.QuerySelectorAll("*"))
            CheckElement(element, markdown);
        Assert.Equal(body.ChildNodes.ToHtml(HtmlSanitizer.DefaultOutputFormatter), s_sanitizer.Sanitize(html));
        return html;
    }

    private static void CheckElement(IElement element, string markdown)
    {
        Assert.True(s_allowed.TryGetValue(element.LocalName, out var allowed), $"<{element.LocalName}> came from {markdown}");
        Assert.All(element.Attributes, attribute => Assert.Contains(attribute.Name, allowed!));
        switch (element.LocalName)
        {
            case "a":
                Assert.Matches(Address(), element.GetAttribute("href"));
                Assert.Equal(("nofollow noopener noreferrer", "_blank"), (element.GetAttribute("rel"), element.GetAttribute("target")));
                Assert.Null(element.ParentElement!.Closest("a"));
                break;
            case "code" when element.HasAttribute("class"):
                Assert.Matches(Language(), element.ClassName);
                break;
            case "td" or "th" when element.HasAttribute("align"):
                Assert.Matches("^(left|center|right)$", element.GetAttribute("align"));
                break;
            case "ol" when element.HasAttribute("start"):
                Assert.Matches(Digits(), element.GetAttribute("start"));
                break;
        }
    }

    [GeneratedRegex("^(https?://|mailto:)[^\\s\"<>]+$")]
    private static partial Regex Address();

    [GeneratedRegex("^language-[a-z0-9+#-]{1,32}$")]
    private static partial Regex Language();

    [GeneratedRegex("^[0-9]{1,9}$")]
    private static partial Regex Digits();
}
