using System.Text.Json;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Nothing that somebody says becomes more than words in somebody else's browser.</summary>
public class SafetyTests(Chromium chromium) : PageTest(chromium)
{
    // What stands in a message's words: PROTOCOL.md's list, and what the page adds to mark mentions and colour code.
    private const string Strange = """
        (bodies) => {
          const allowed = {
            A: ['href', 'rel', 'target'], BLOCKQUOTE: ['dir'], BR: [], CODE: ['class', 'dir'], DEL: [], EM: [], HR: [], LI: ['dir'], OL: ['start', 'dir'], P: ['dir'], PRE: ['tabindex', 'dir'],
            SPAN: ['class'], STRONG: [], TABLE: ['dir'], TBODY: [], TD: ['align', 'dir'], TH: ['align', 'dir'], THEAD: [], TR: [], UL: ['dir'],
          };
          const isStrange = (element) =>
            !(element.tagName in allowed) ||
            element.getAttributeNames().some((name) => !allowed[element.tagName].includes(name)) ||
            (element.tagName === 'A' && !/^(https?|mailto):$/.test(element.protocol)) ||
            (element.tagName === 'SPAN' && !/^(mention|mention mine|(hljs|language)-[\w -]+)$/.test(element.className));
          return bodies.flatMap((body) => [...body.querySelectorAll('*')].filter(isStrange).map((element) => element.outerHTML));
        }
        """;

    private const string Ran = "window.__xss = 1";

    protected override string[] Options => ["--limits=off"];

    private static IEnumerable<string> Probes =>
        from line in File.ReadLines(Repository.PathOf("tests/Confab.Tests/Messages/xss.txt")).Distinct()
        let probe = line.Replace("\\\\", "\u0001").Replace("\\n", "\n").Replace("\\t", "\t").Replace('\u0001', '\\')
        select probe.Replace("alert(1)", $"(alert(1),{Ran.Replace(" ", "", StringComparison.Ordinal)})", StringComparison.Ordinal);

    [Fact]
    public async Task No_probe_that_is_sent_becomes_more_than_words()
    {
        var (ann, ben) = (await Visit("Ann"), await Visit("Ben"));
        await ann.IsConnected();
        var probes = Probes.ToList();
        Assert.True(probes.Count >= 100);
        foreach (var probe in probes)
            await ann.Write(probe);
        await ann.Say("That was all");
        await Expect(ben.Message("That was all")).ToBeVisibleAsync();
        foreach (var person in new[] { ann, ben })
        {
            await Expect(person.Page.Locator(".feed .message[data-id]")).ToHaveCountAsync(probes.Count + 1);
            Assert.Empty(await person.Page.Locator(".feed .body").EvaluateAllAsync<string[]>(Strange));
            await Expect(person.Feed.Locator("script, style, iframe, object, embed, form, img, video, svg *:not(path)")).ToHaveCountAsync(0);
            await Expect(person.Page.Locator("body > *")).ToHaveCountAsync(2); // the page, and what it says without JavaScript
            Assert.False(await HasRun(person));
        }
    }

    [Fact]
    public async Task Neither_does_a_name_a_topic_a_room_or_a_file()
    {
        const string Evil = "\"><img src=x onerror=alert(1)><b onclick=alert(1)>";
        await MakeRoom(Evil, Evil);
        using var upload = await Server.Http.PostAsync(new Uri($"/api/rooms/general/files?name={Uri.EscapeDataString(Evil)}", UriKind.Relative), new ByteArrayContent([1, 2, 3]), TestContext.Current.CancellationToken);
        var file = JsonDocument.Parse(await upload.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("id").GetString()!;
        await Scene.Post(Server.Http, Evil, $"Hello @{Evil}", attachments: [file]);
        await Post(Evil, Evil, Evil);
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Message("Hello").Locator("header b")).ToHaveTextAsync(Evil);
        await Expect(ann.Message("Hello").Locator(".card b")).ToContainTextAsync("onerror");
        await ann.Room("onerror").First.ClickAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync($"#{Evil}");
        await ann.Say("I was here");
        await ann.Open("/search?q=hello");
        await Expect(ann.Page.Locator(".results b")).ToHaveTextAsync(Evil);
        await ann.Open($"/search?q={Uri.EscapeDataString(Evil)}");
        await Expect(ann.Page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync(Evil);
        await Expect(ann.Page.Locator("img, b[onclick]")).ToHaveCountAsync(0);
        Assert.False(await HasRun(ann));
    }

    [Fact]
    public async Task The_page_may_run_its_own_scripts_only_and_makes_HTML_in_one_place()
    {
        var ann = await Visit(name: null);
        var answer = await ann.Page.ReloadAsync();
        var policy = (await answer!.HeaderValueAsync("content-security-policy"))!.Split(';', StringSplitOptions.TrimEntries);
        Assert.Equal(
            [
                "base-uri 'self'", "connect-src 'self'", "default-src 'none'", "form-action 'none'", "frame-ancestors 'none'", "img-src 'self' blob: data:", "manifest-src 'self'",
                "media-src 'self' blob:", "require-trusted-types-for 'script'", "script-src 'self'", "style-src 'self'", "trusted-types confab", "worker-src 'self'",
            ],
            policy.Order(StringComparer.Ordinal));
        Assert.Equal("no-referrer", await answer.HeaderValueAsync("referrer-policy"));
        Assert.Equal("nosniff", await answer.HeaderValueAsync("x-content-type-options"));

        // The browser holds the page to it; what it says of that on the console is expected here.
        Assert.Equal("TypeError", await ann.Page.EvaluateAsync<string>("() => { try { document.body.innerHTML = '<b>x</b>'; return 'taken'; } catch (error) { return error.name; } }"));
        Assert.Equal("TypeError", await ann.Page.EvaluateAsync<string>("() => { try { trustedTypes.createPolicy('other', {}); return 'taken'; } catch (error) { return error.name; } }"));
        Assert.Equal("TypeError", await ann.Page.EvaluateAsync<string>("(ran) => { try { document.body.setAttribute('onclick', ran); return 'taken'; } catch (error) { return error.name; } }", Ran));
        Assert.Equal("blocked", await ann.Page.EvaluateAsync<string>("""
            () => new Promise((resolve) => {
              addEventListener('securitypolicyviolation', (event) => event.effectiveDirective === 'img-src' && resolve('blocked'));
              const picture = new Image();
              picture.onload = () => resolve('loaded');
              picture.src = 'https://elsewhere.example/x.png';
            })
            """));
        Assert.False(await HasRun(ann));
        Assert.Equal(5, ann.Expect("request: https://elsewhere.example/", "'TrustedHTML'", "'TrustedScript'", "TrustedTypePolicy", "Content Security Policy").Count);
    }

    private static Task<bool> HasRun(Person person) => person.Page.EvaluateAsync<bool>("() => '__xss' in window");
}
