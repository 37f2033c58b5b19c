using System.Text;
using AngleSharp.Html.Parser;
using Confab.Server.Messages;

namespace Confab.Tests.Messages;

/// <summary>What Markdown becomes, element by element, and that plain text stays what it is.</summary>
public class MessageHtmlTests
{
    private const string Link = "rel=\"nofollow noopener noreferrer\" target=\"_blank\"";

    [Theory]
    [InlineData("*a*", "<p><em>a</em></p>")]
    [InlineData("_a_ b", "<p><em>a</em> b</p>")]
    [InlineData("**a**", "<p><strong>a</strong></p>")]
    [InlineData("***a***", "<p><em><strong>a</strong></em></p>")]
    [InlineData("~~a~~", "<p><del>a</del></p>")]
    [InlineData("`a < b`", "<p><code>a &lt; b</code></p>")]
    [InlineData("*a*\nb", "<p><em>a</em><br>b</p>")]
    [InlineData("*a*  \nb\\\nc", "<p><em>a</em><br>b<br>c</p>")]
    [InlineData("*a*\n\nb", "<p><em>a</em></p><p>b</p>")]
    [InlineData("```\na <b>\n\n  c\n```", "<pre><code>a &lt;b&gt;\n\n  c\n</code></pre>")]
    [InlineData("```C#\na\n```", "<pre><code class=\"language-c#\">a\n</code></pre>")]
    [InlineData("~~~c++ x=1\na\n~~~", "<pre><code class=\"language-c++\">a\n</code></pre>")]
    [InlineData("```c.d\na\n```", "<pre><code>a\n</code></pre>")]
    [InlineData("```abcdefghijklmnopqrstuvwxyz0123456\na\n```", "<pre><code>a\n</code></pre>")]
    [InlineData("    a\n     b", "<pre><code>a\n b\n</code></pre>")]
    [InlineData("> a\n> b\n\nc", "<blockquote><p>a<br>b</p></blockquote><p>c</p>")]
    [InlineData("- a\n- b", "<ul><li>a</li><li>b</li></ul>")]
    [InlineData("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>")]
    [InlineData("- a\n  - b", "<ul><li>a<ul><li>b</li></ul></li></ul>")]
    [InlineData("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>")]
    [InlineData("7) a", "<ol start=\"7\"><li>a</li></ol>")]
    [InlineData("- [ ] a\n- [x] b", "<ul><li>[ ] a</li><li>[x] b</li></ul>")]
    [InlineData("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>")]
    [InlineData("# a *b*", "<p><strong>a <em>b</em></strong></p>")]
    [InlineData("###### a", "<p><strong>a</strong></p>")]
    [InlineData("a\n===", "<p><strong>a</strong></p>")]
    [InlineData("|a|b|\n|-|:-:|\n|1|*2*|", "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td><em>2</em></td></tr></tbody></table>")]
    [InlineData("a|b\n-|-", "<table><thead><tr><th>a</th><th>b</th></tr></thead></table>")]
    [InlineData("a \\*b\\*", "<p>a *b*</p>")]
    [InlineData("&copy; &lt;b&gt; &amp;", "<p>© &lt;b&gt; &amp;</p>")]
    [InlineData("<b>*a*</b>", "<p>&lt;b&gt;<em>a</em>&lt;/b&gt;</p>")]
    [InlineData("*a* @ann #b \"c\"", "<p><em>a</em> @ann #b \"c\"</p>")]
    [InlineData("*a* 👋 字 ä", "<p><em>a</em> 👋 字 ä</p>")]
    public void An_element_is_written_as_promised(string markdown, string html) => Assert.Equal(html, HtmlOracle.RenderSafely(markdown));

    [Theory]
    [InlineData("[a *b*](http://x.example/y?z=1&w=2)", "<p><a href=\"http://x.example/y?z=1&amp;w=2\" {0}>a <em>b</em></a></p>")]
    [InlineData("[a](HTTPS://X.example \"title\")", "<p><a href=\"https://x.example/\" {0}>a</a></p>")]
    [InlineData("[a](mailto:a@x.example)", "<p><a href=\"mailto:a@x.example\" {0}>a</a></p>")]
    [InlineData("[](http://x.example)", "<p><a href=\"http://x.example/\" {0}>http://x.example/</a></p>")]
    [InlineData("[a][1]\n\n[1]: http://x.example", "<p><a href=\"http://x.example/\" {0}>a</a></p>")]
    [InlineData("<http://x.example/a>", "<p><a href=\"http://x.example/a\" {0}>http://x.example/a</a></p>")]
    [InlineData("<a@x.example>", "<p><a href=\"mailto:a@x.example\" {0}>a@x.example</a></p>")]
    [InlineData("see https://x.example/a_b_c.", "<p>see <a href=\"https://x.example/a_b_c\" {0}>https://x.example/a_b_c</a>.</p>")]
    [InlineData("www.x.example", "<p><a href=\"https://www.x.example/\" {0}>www.x.example</a></p>")]
    [InlineData("mailto:a@x.example", "<p><a href=\"mailto:a@x.example\" {0}>mailto:a@x.example</a></p>")]
    [InlineData("![a cat](http://x.example/cat.png)", "<p><a href=\"http://x.example/cat.png\" {0}>a cat</a></p>")]
    [InlineData("![](http://x.example/cat.png)", "<p><a href=\"http://x.example/cat.png\" {0}>http://x.example/cat.png</a></p>")]
    [InlineData("[![a cat](http://x.example/cat.png)](http://x.example)", "<p><a href=\"http://x.example/\" {0}>a cat</a></p>")]
    public void A_link_says_that_it_leads_away(string markdown, string html) =>
        Assert.Equal(html.Replace("{0}", Link, StringComparison.Ordinal), HtmlOracle.RenderSafely(markdown));

    // What is a link is between the brackets ⟦ and ⟧; where it leads is only said where that is not what was typed.
    [Theory]
    [InlineData("⟦http://wiki/page⟧")]
    [InlineData("⟦http://localhost:9292/rooms/general/12⟧")]
    [InlineData("see ⟦http://[::1]:9292/x⟧.")]
    [InlineData("⟦HTTPS://Example.org/A⟧", "https://example.org/A")]
    [InlineData("请看⟦https://example.org/a⟧，谢谢")]
    [InlineData("请看⟦https://example.org/a⟧这个")]
    [InlineData("⟦https://example.org/a⟧。⟦https://example.org/b⟧、⟦https://example.org/c⟧！")]
    [InlineData("⟦https://example.org/a⟧에서")]
    [InlineData("ดู⟦https://example.org/a⟧ครับ")]
    [InlineData("（⟦https://example.org/a⟧）")]
    [InlineData("「⟦https://example.org/a⟧」と『⟦https://example.org/b⟧』")]
    [InlineData("⟦https://example.org/a⟧（官网）")]
    [InlineData("地址：⟦https://example.org/a⟧")]
    [InlineData("\"⟦https://example.org/a⟧\" 'so: ⟦https://example.org/b⟧'")]
    [InlineData("“⟦https://example.org/a⟧” «⟦https://example.org/b⟧» „⟦https://example.org/c⟧“")]
    [InlineData("url=⟦https://example.org/a⟧ or url:⟦https://example.org/b⟧")]
    [InlineData("(⟦https://example.org/a⟧)b [⟦https://example.org/c⟧] {⟦https://example.org/d⟧}")]
    [InlineData("⟦https://example.org/a⟧, ⟦https://example.org/b⟧; ⟦https://example.org/c⟧: ⟦https://example.org/d⟧! ⟦https://example.org/e⟧?")]
    [InlineData("⟦https://example.org/a⟧…")]
    [InlineData("⟦https://example.org/a⟧👍")]
    [InlineData("(⟦https://en.wikipedia.org/wiki/Tea_(drink)⟧)")]
    [InlineData("⟦https://example.org/a?b=1&c=(2)#d_e_f⟧")]
    [InlineData("⟦https://example.org/a?b=[1]&x={y}⟧", "https://example.org/a?b=[1]&x=%7By%7D")]
    [InlineData("⟦https://example.org/%E6%9D%B1?q=a%20b⟧")]
    [InlineData("⟦https://例え.テスト/パス?q=値#片⟧", "https://例え.テスト/%E3%83%91%E3%82%B9?q=%E5%80%A4#%E7%89%87")]
    [InlineData("⟦https://abc株式会社.example/⟧")]
    [InlineData("⟦https://bücher.example/straße⟧", "https://bücher.example/stra%C3%9Fe")]
    [InlineData("⟦https://ja.wikipedia.org/wiki/東京⟧", "https://ja.wikipedia.org/wiki/%E6%9D%B1%E4%BA%AC")]
    [InlineData("⟦https://example.org/__init__.py⟧ and ⟦https://example.org/*a*b⟧")]
    [InlineData("⟦https://example.org/a⟧ ⟦https://example.org/b⟧", "https://example.org/a", "https://example.org/b")]
    [InlineData("⟦https://web.archive.org/web/2020/https://example.org/⟧")]
    [InlineData("⟦Www.Example.org⟧", "https://www.example.org/")]
    [InlineData("请看⟦www.example.org/a⟧。", "https://www.example.org/a")]
    [InlineData("⟦ana@example.org⟧", "mailto:ana@example.org")]
    [InlineData("<⟦ana@example.org⟧>, ⟦a_b.c+d@sub.example.org⟧.", "mailto:ana@example.org", "mailto:a_b.c+d@sub.example.org")]
    [InlineData("请写信给⟦ana@example.org⟧谢谢", "mailto:ana@example.org")]
    [InlineData("E-Mail:⟦ana@example.org⟧：好", "mailto:ana@example.org")]
    [InlineData("⟦MAILTO:ana@example.org?subject=Tea⟧)", "mailto:ana@example.org?subject=Tea")]
    public void An_address_is_a_link_with_what_belongs_to_it(string marked, params string[] targets)
    {
        var body = new HtmlParser().ParseDocument(HtmlOracle.RenderSafely(marked.Replace("⟦", "").Replace("⟧", ""))).Body!;
        var links = body.QuerySelectorAll("a");
        var typed = links.Select(link => link.TextContent).ToList();
        Assert.Equal(targets.Length > 0 ? targets : typed, links.Select(link => link.GetAttribute("href")));
        foreach (var link in links)
            link.TextContent = $"⟦{link.TextContent}⟧";
        // Around a mail address the brackets are markup.
        Assert.Equal(marked.Replace("<⟦", "⟦").Replace("⟧>", "⟧"), body.TextContent);
    }

    [Theory]
    [InlineData("xhttp://a.example git+https://a.example")]
    [InlineData("http:// https://. http:/a")]
    [InlineData("http://a.example:99999/")]
    [InlineData("@ann ann@ ann@bob pkg@1.2.3 a@b.c_d .@a.org")]
    [InlineData("git@github.com:org/repo.git ssh://git@github.com/a")]
    [InlineData("www. www.. ww.a.b")]
    public void What_only_looks_like_an_address_is_no_link(string text) => Assert.Equal("", HtmlOracle.Render(text));

    [Theory]
    [InlineData("[a *b*](javascript:x)", "<p>a <em>b</em></p>")]
    [InlineData("[a](/b)", "<p>a</p>")]
    [InlineData("[a](//b)", "<p>a</p>")]
    [InlineData("[a](ftp://b)", "<p>a</p>")]
    [InlineData("[a](file:///b)", "<p>a</p>")]
    [InlineData("![a](data:x)", "<p>a</p>")]
    [InlineData("<javascript:x>", "<p>javascript:x</p>")]
    public void A_link_that_leads_where_none_may_is_its_text(string markdown, string html) => Assert.Equal(html, HtmlOracle.RenderSafely(markdown));

    // The last two are what the load generators say.
    [Theory]
    [InlineData("Hello, Ann! How are you? (Fine.)\n10:30, or 2 of us; 50% + 3 = x")]
    [InlineData("~/bin & a < b * c_d [x] \\o/ |")]
    [InlineData("~T0000000000049367443,00000,00112144~ the quick brown fox jumps over the lazy dog")]
    [InlineData("abcdefghijklmnopqrstuvwxyz")]
    public void Plain_words_do_not_even_reach_the_parser(string text) => Assert.False(Markup.MayBeIn(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("hi")]
    [InlineData("Hello, Ann! How are you? (Fine.)")]
    [InlineData("one\ntwo\n\nthree")]
    [InlineData("one  \ntwo")]
    [InlineData("at 10:30, or 2 of us; 50% + 3 = x")]
    [InlineData("snake_case_name and a * b")]
    [InlineData("1 < 2 & 3 > 2")]
    [InlineData("<b>not bold</b>")]
    [InlineData("a|b")]
    [InlineData("~/bin")]
    [InlineData("[x] [] [y](")]
    [InlineData("#general")]
    [InlineData("-5 degrees")]
    [InlineData("ftp://a.example")]
    [InlineData("note: this")]
    [InlineData("👋 字 ä \u0001 \"quoted\" 'so'")]
    [InlineData("#")]
    [InlineData(">")]
    [InlineData("-")]
    [InlineData("[a]: http://b.example")]
    [InlineData("    ")]
    public void What_says_no_more_than_its_text_has_no_html(string text) => Assert.Equal("", HtmlOracle.Render(text));
}
