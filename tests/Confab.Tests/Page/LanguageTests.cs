using System.Globalization;
using System.Text.RegularExpressions;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>The page in another language than the one it was written in.</summary>
public partial class LanguageTests(Chromium chromium) : PageTest(chromium)
{
    // Everything that is shown or said: texts, names, titles and placeholders, a line each.
    private const string Words = """
        () => [
          ...document.body.innerText.split('\n'),
          ...[...document.querySelectorAll('*')].flatMap((element) => ['aria-label', 'title', 'placeholder', 'alt'].map((name) => element.getAttribute(name) ?? '')),
          ...[...document.querySelectorAll('.hidden, .skip, option')].map(({ textContent }) => textContent),
        ].map((line) => line.trim()).filter(Boolean)
        """;

    [Fact]
    public void Every_text_has_its_translation_with_the_same_gaps()
    {
        var (english, german) = (Catalogue("en"), Catalogue("de"));
        Assert.True(english.Count > 150);
        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), german.Keys.Order(StringComparer.Ordinal));
        Assert.All(english, text => Assert.Equal(Gaps(text.Value), Gaps(german[text.Key])));

        static IEnumerable<string> Gaps(string text) => Gap().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task In_German_no_English_is_left_and_dates_are_German()
    {
        var (english, german) = (Catalogue("en"), Catalogue("de"));
        var foreign = english.Where(text => german[text.Key] != text.Value && !german.ContainsValue(text.Value)).SelectMany(text => Texts(text.Value)).ToHashSet();
        await Scene.Talk(Server.Http);
        var ann = await Visit(name: null, "/rooms/general", options => options.Locale = "de-DE");
        await Expect(ann.Page.Locator("html")).ToHaveAttributeAsync("lang", "de");
        await IsGerman();
        await ann.Page.GetByRole(AriaRole.Textbox).FillAsync("Ann");
        await ann.Page.Keyboard.PressAsync("Enter");
        await Expect(ann.Page.Locator(".day h2")).ToHaveTextAsync("Heute");
        await Expect(ann.Messages.First.Locator("time")).ToHaveAttributeAsync("title", GermanMoment());
        await ann.Messages.Last.FocusAsync();
        await Expect(ann.Page.Locator(".actions")).ToBeVisibleAsync();
        await IsGerman();
        foreach (var key in new[] { "Control+k", "Control+/" })
        {
            await ann.Page.Keyboard.PressAsync(key);
            await Expect(ann.Dialog).ToBeVisibleAsync();
            await IsGerman();
            await ann.Page.Keyboard.PressAsync("Escape");
            await Expect(ann.Dialog).ToHaveCountAsync(0);
        }

        foreach (var path in new[] { "/rooms/random", "/settings", "/search?q=shelves", "/rooms/nowhere" })
        {
            await ann.Open(path);
            await Expect(ann.Page.Locator("main h1, main h2").First).ToBeVisibleAsync();
            await IsGerman();
        }

        await ann.Open("/rooms/general/3/thread");
        await Expect(ann.Page.Locator(".thread-count")).ToHaveTextAsync("1 Antwort");
        await IsGerman();
        await ann.Open("/settings");
        await ann.Page.Locator("select").First.SelectOptionAsync("en");
        await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Settings");
        await Expect(ann.Page.Locator("html")).ToHaveAttributeAsync("lang", "en");

        async Task IsGerman() => Assert.DoesNotContain(await ann.Page.EvaluateAsync<string[]>(Words), foreign.Contains);
    }

    [Theory]
    [InlineData("en-US", @"^[678]:\d\d\sPM$")]
    [InlineData("de-DE", @"^(18|19|20):\d\d$")]
    public async Task A_time_of_day_is_written_as_the_readers_language_writes_it(string language, string time)
    {
        await Post("Bob", "Good evening");
        // Where it is about seven in the evening now: an hour earlier or later if the clock strikes meanwhile. Etc/GMT+5 is five hours west.
        var west = TimeProvider.System.GetUtcNow().Hour - 19;
        west = west < -14 ? west + 24 : west;
        var ann = await Visit("Ann", "/rooms/general", options => (options.Locale, options.TimezoneId) = (language, string.Create(CultureInfo.InvariantCulture, $"Etc/GMT{west:+0;-0;+0}")));
        await Expect(ann.Message("Good evening").Locator("time")).ToHaveTextAsync(new Regex(time));
    }

    // 'key': 'text', or 'key': plural('one', 'other'), on one line.
    private static Dictionary<string, string> Catalogue(string language) =>
        Entry().Matches(File.ReadAllText(Repository.PathOf($"js/web/src/locales/{language}.ts")))
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    private static IEnumerable<string> Texts(string entry) => Quoted().Matches(entry).Select(match => match.Groups[1].Value).Where(text => !text.Contains('{', StringComparison.Ordinal));

    // A long text begins on the next line.
    [GeneratedRegex(@"^\s+'([\w.]+)':\s*(.+),$", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Gap();

    [GeneratedRegex(@"^(?:\w+tag|Mittwoch), \d+\. \w+ \d{4} um \d\d:\d\d$")]
    private static partial Regex GermanMoment();
}
