using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What is too long to scroll past.</summary>
public class FoldTests(Chromium chromium) : PageTest(chromium)
{
    private static readonly string s_lines = string.Join('\n', Enumerable.Range(1, 400).Select(line => $"This is line {line}."));

    [Theory]
    [InlineData("", "")]
    [InlineData("**All** of it:\n\n```\n", "\n```")]
    public async Task A_message_of_very_many_lines_is_folded_until_one_wants_all_of_it(string before, string after)
    {
        await Post("Cleo", "Hello");
        await Post("Ben", before + s_lines + after);
        var ann = await Visit("Ann", "/rooms/general");
        var (folded, all) = (ann.Page.Locator("#m2 .fold"), ann.Button("Show all"));
        await Expect(ann.Page.Locator("#m1")).ToBeInViewportAsync();
        await Expect(all).ToBeInViewportAsync();
        Assert.InRange(await folded.EvaluateAsync<double>("fold => fold.clientHeight / Number.parseFloat(getComputedStyle(fold).lineHeight)"), 18, 22);
        await ann.Picture("folded");
        await all.ClickAsync();
        await Expect(all).ToHaveCountAsync(0);
        await Expect(ann.Page.Locator("#m2 .body")).ToContainTextAsync("This is line 400.");
        await Expect(ann.Page.Locator("#m2 header")).ToBeInViewportAsync();
        Assert.True(await ann.Page.Locator("#m2 .body").EvaluateAsync<bool>("body => body.clientHeight > 5000"));
    }

    [Fact]
    public async Task Who_follows_a_link_to_a_long_message_or_into_it_sees_all_of_it()
    {
        await Post("Ben", $"**Lines**\n\n{s_lines}\n\nas said at https://shop.example/shelves");
        await Post("Ben", "```\n" + new string('x', 9_000) + "\n```");
        for (var i = 1; i <= 40; i++)
            await Post("Ben", $"Message {i}");
        var ann = await Visit("Ann", "/rooms/general/1");
        var all = ann.Button("Show all");
        await Expect(ann.Page.Locator("#m1")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator("#m1")).ToBeInViewportAsync();
        // The long line of code does not need to be folded.
        await Expect(all).ToHaveCountAsync(0);

        // The same by what the browser brings into sight.
        await ann.Open("/rooms/general");
        await Expect(ann.Page.Locator("#m42")).ToBeInViewportAsync();
        await Expect(all).ToHaveCountAsync(1);
        await ann.Page.Locator("#m1 .body a").FocusAsync();
        await Expect(all).ToHaveCountAsync(0);
        await Expect(ann.Page.Locator("#m1 .body a")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator("#m1 .body a")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task What_is_not_much_longer_than_what_would_be_shown_is_not_folded()
    {
        await Post("Ben", string.Join('\n', Enumerable.Range(1, 29)));
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Page.Locator("#m1 .body")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".fold")).ToHaveCountAsync(0);
    }
}
