using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Finding what was said.</summary>
public class SearchTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task Mentions_are_what_others_said_to_one_and_not_every_message_with_the_name_in_it()
    {
        await Post("Ann", "Hello"); // a name that nobody has means nobody
        await Post("Ben", "@Ann, are you there?", "tech");
        await Post("Ann", "A note to @Ann herself", "tech");
        for (var i = 1; i <= 30; i++)
            await Post("Cleo", $"Ann said so, {i}", "tech");
        await IsFound("Ann", 20);
        var ann = await Visit("Ann", "/", options => options.ViewportSize = new() { Width = 390, Height = 844 });
        await ann.Page.Locator(".tabs").GetByRole(AriaRole.Link, new() { Name = "Mentions" }).ClickAsync();
        await Expect(ann.Page.Locator(".result-text")).ToHaveTextAsync("@Ann, are you there?");
        await Expect(ann.Button("More")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_is_still_being_typed_is_not_asked_for()
    {
        await Post("Ben", "The biscuits are in the tin", "tech");
        await IsFound("biscuits", 1);
        var asked = new List<string>();
        var ann = await Visit("Ann", "/settings");
        ann.Page.Request += (_, request) => asked.Add(request.Url);
        await ann.Page.Clock.InstallAsync();
        await ann.Open("/search");
        var box = ann.Page.GetByRole(AriaRole.Searchbox);
        foreach (var typed in new[] { "biscuits before:2", "biscuits before:2999-1", "biscuits before:2999-13-01", "biscuits before:2999-02-30", "biscuits has:li" })
        {
            await box.FillAsync(typed);
            await ann.Page.Clock.RunForAsync(1_000);
        }

        await box.FillAsync("biscuits before:2999-12-01");
        await ann.Page.Clock.RunForAsync(1_000);
        await Expect(ann.Page.Locator(".results mark")).ToHaveTextAsync("biscuits");
        Assert.EndsWith("?q=biscuits+before%3A2999-12-01&zone=Europe%2FBerlin", Assert.Single(asked, url => url.Contains("/api/search", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_is_added_once_however_often_it_is_asked_for()
    {
        for (var i = 1; i <= 50; i++)
            await Post("Ben", $"biscuit {i}");
        await IsFound("biscuit", 20);
        var ann = await Visit("Ann", "/search?q=biscuit");
        await Expect(ann.Page.Locator(".results li")).ToHaveCountAsync(20);
        await ann.Button("More").DblClickAsync();
        await Expect(ann.Page.Locator(".results li")).ToHaveCountAsync(40);
        await ann.Button("More").ClickAsync();
        await Expect(ann.Page.Locator(".results li")).ToHaveCountAsync(50);
        Assert.Distinct(await ann.Page.Locator(".results a").EvaluateAllAsync<string[]>("all => all.map(({ href }) => href)"));
    }

    [Theory]
    [InlineData(205)]
    [InlineData(215)]
    [InlineData(225)]
    public async Task What_is_typed_while_it_is_looked_for_stays(int millisecondsBetween)
    {
        var ann = await Visit("Ann", "/search");
        var box = ann.Page.GetByRole(AriaRole.Searchbox);
        await box.PressSequentiallyAsync("the quick brown fox", new() { Delay = millisecondsBetween });
        await Expect(ann.Page).ToHaveURLAsync("/search?q=the+quick+brown+fox");
        await Expect(box).ToHaveValueAsync("the quick brown fox");
    }

    [Fact]
    public async Task Ctrl_K_leads_to_what_was_said_with_the_words_marked()
    {
        var sought = await Post("Ben", "The biscuits are in the tin", "tech");
        for (var i = 0; i < 80; i++)
            await Post("Cleo", $"Something else {i}", "tech");
        await IsFound("biscuits", 1);
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await ann.Page.Keyboard.PressAsync("Control+k");
        var field = ann.Dialog.GetByRole(AriaRole.Combobox);
        await Expect(field).ToBeFocusedAsync();
        await field.FillAsync("biscuit tin");
        await Expect(ann.Dialog.GetByRole(AriaRole.Option, new() { Selected = true })).ToHaveTextAsync("Search for “biscuit tin”");
        await field.PressAsync("Enter");
        await Expect(ann.Page).ToHaveURLAsync("/search?q=biscuit+tin");
        await Expect(ann.Page.GetByText("No results.")).ToBeVisibleAsync();

        await Expect(ann.Page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await ann.Page.GetByRole(AriaRole.Searchbox).FillAsync("biscuits from:Ben");
        await Expect(ann.Page.Locator(".results mark")).ToHaveTextAsync("biscuits");
        await ann.Page.Locator(".results a").ClickAsync();
        await Expect(ann.Page).ToHaveURLAsync($"/rooms/tech/{sought}");
        await Expect(ann.Page.Locator($"#m{sought}")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator($"#m{sought}")).ToBeInViewportAsync();
        await ann.Page.GoBackAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("biscuits from:Ben");
        await Expect(ann.Page.Locator(".results mark")).ToHaveTextAsync("biscuits");
    }

    [Fact]
    public async Task Mentions_are_found_again_after_the_words_were_cleared()
    {
        await Post("Ann", "Hello"); // a name that nobody has means nobody
        await Post("Ben", "@Ann, are you there?", "tech");
        await IsFound("Ann", 1);
        var ann = await Visit("Ann", "/", options => options.ViewportSize = new() { Width = 390, Height = 844 });
        var tab = ann.Page.Locator(".tabs").GetByRole(AriaRole.Link, new() { Name = "Mentions" });
        await tab.ClickAsync();
        await Expect(ann.Page.Locator(".result-text")).ToHaveCountAsync(1);
        await ann.Page.GetByRole(AriaRole.Searchbox).FillAsync("");
        await Expect(ann.Page.Locator(".result-text")).ToHaveCountAsync(0);
        await tab.ClickAsync();
        await Expect(ann.Page.Locator(".result-text")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Mentions_are_found_again_while_words_that_are_not_asked_for_yet_are_typed()
    {
        await Post("Ann", "Hello"); // a name that nobody has means nobody
        await Post("Ben", "@Ann, are you there?", "tech");
        await IsFound("Ann", 1);
        var ann = await Visit("Ann", "/", options => options.ViewportSize = new() { Width = 390, Height = 844 });
        var tab = ann.Page.Locator(".tabs").GetByRole(AriaRole.Link, new() { Name = "Mentions" });
        await tab.ClickAsync();
        await Expect(ann.Page.Locator(".result-text")).ToHaveCountAsync(1);
        await ann.Page.GetByRole(AriaRole.Searchbox).FillAsync("before:20");
        await tab.ClickAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("\"@Ann\"");
        await Expect(ann.Page.Locator(".result-text")).ToHaveCountAsync(1);
    }

    [Theory]
    [InlineData("before:yesterday", "“before:” is followed by a day, as in before:2026-11-30.")]
    [InlineData("After:2026-13-45 tin", "“after:” is followed by a day, as in after:2026-11-30.")]
    [InlineData("after:\"2026\" tin", "“after:” is followed by a day, as in after:2026-11-30.")]
    [InlineData("has:cheese", "“has:” is followed by link or file.")]
    [InlineData("from: Ben", "“from:” is followed by a name, as in from:Ann or from:\"Ann Smith\".")]
    [InlineData("tin in: ", "“in:” is followed by a room, as in in:general.")]
    public async Task An_operator_that_cannot_be_is_named_and_what_belongs_there(string query, string sentence)
    {
        var ann = await Visit("Ann", "/search");
        var (box, told) = (ann.Page.GetByRole(AriaRole.Searchbox), ann.Page.Locator(".page-body").GetByRole(AriaRole.Alert));
        await box.FillAsync(query);
        await Expect(told).ToHaveTextAsync(sentence);
        await ann.Page.ReloadAsync();
        await Expect(told).ToHaveTextAsync(sentence);
        await box.FillAsync("tin");
        await Expect(told).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_is_not_typed_to_its_end_is_told_with_Enter_and_what_is_right_is_not()
    {
        await Post("Ann Smith", "The \"from:\" of a letter", "tech");
        await IsFound("letter", 1);
        var ann = await Visit("Ann", "/search");
        var (box, told) = (ann.Page.GetByRole(AriaRole.Searchbox), ann.Page.Locator(".page-body").GetByRole(AriaRole.Alert));
        await box.FillAsync("letter from:\"Ann Smith\" after:\"2020-02-29\" \"from:\"");
        await Expect(ann.Page.Locator(".results li")).ToHaveCountAsync(1);
        await box.FillAsync("letter before:2026-1");
        await Expect(told).ToHaveCountAsync(0);
        await box.PressAsync("Enter");
        await Expect(told).ToContainTextAsync("“before:” is followed by a day");
        await box.FillAsync(string.Join(' ', Enumerable.Range(0, 17).Select(i => $"w{i}")));
        await Expect(told).ToHaveTextAsync("A search takes at most 16 words and 256 characters.");
        ann.Expect("400");
    }

    private Task IsFound(string words, int times) => Wait.Until("it to be found", async () =>
        (await Server.Http.GetFromJsonAsync<JsonElement>($"/api/search?q={words}", TestContext.Current.CancellationToken)).GetProperty("results").GetArrayLength() == times);
}
