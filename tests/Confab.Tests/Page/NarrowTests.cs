using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Small screens, large letters, and what people ask of their system.</summary>
public class NarrowTests(Chromium chromium) : PageTest(chromium)
{
    // What reaches over the right edge and cannot be scrolled to in a box of its own, as a wide table can.
    private const string TooWide = """
        () => [...document.querySelectorAll('body *')].filter((element) => {
          const box = element.getBoundingClientRect();
          if (box.width === 0 || box.height === 0 || element.closest('.hidden, .skip, pre, table, svg') || !element.checkVisibility()) return false;
          return box.right > innerWidth + 1 || box.left < -1;
        }).map((element) => `${element.outerHTML.slice(0, 120)} ${JSON.stringify(element.getBoundingClientRect())}`)
        """;

    private const string LongWord = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihungsurkundenausstellungsbehörde";

    [Fact]
    public async Task On_a_phone_one_goes_from_the_list_into_a_room_and_back()
    {
        await Post("Ben", "Hello");
        var ann = await Visit("Ann", "/", OnAPhone);
        await Expect(ann.Room("general")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".room")).ToBeHiddenAsync();
        await ann.Room("general").TapAsync();
        await Expect(ann.Message("Hello")).ToBeVisibleAsync();
        await Expect(ann.Room("general")).ToBeHiddenAsync();
        await Expect(ann.Composer).Not.ToBeFocusedAsync(); // no keyboard jumps up
        await ann.Say("Hello from the bus");
        await ann.Page.GetByRole(AriaRole.Link, new() { Name = "Back to the rooms" }).TapAsync();
        await Expect(ann.Room("general")).ToBeVisibleAsync();
        await Expect(ann.Room("general")).ToContainTextAsync("You: Hello from the bus");
        foreach (var (tab, address) in new[] { ("You", "/settings"), ("Search", "/search"), ("Home", "/") })
        {
            await ann.Page.Locator(".tabs").GetByRole(AriaRole.Link, new() { Name = tab }).TapAsync();
            await Expect(ann.Page).ToHaveURLAsync(address);
        }
    }

    [Theory]
    [InlineData(390, 844, 1)]
    [InlineData(320, 640, 1)]
    [InlineData(720, 450, 2)] // 1,440 px wide, at 200 %
    public async Task Nothing_is_wider_than_the_screen(int width, int height, float zoom)
    {
        await MakeRoom(LongWord[..60], LongWord);
        await Scene.Talk(Server.Http);
        await Post(LongWord[..60], LongWord + LongWord);
        await Post("Ben", $"https://example.org/{new string('x', 300)}\n\n| {string.Join(" | ", Enumerable.Repeat("column", 12))} |\n{string.Concat(Enumerable.Repeat("|---", 12))}|\n\n```\n{new string('y', 300)}\n```\n\n`{new string('z', 200)}`");
        var ann = await Visit("Ann", "/", options =>
        {
            options.ViewportSize = new() { Width = width, Height = height };
            options.DeviceScaleFactor = zoom;
        });
        await Expect(ann.Room("general")).ToBeVisibleAsync();
        await IsNarrow(ann, "list");
        foreach (var path in new[] { "/rooms/general", $"/rooms/{LongWord[..60]}", "/search?q=shelves", "/settings", "/rooms/general/3/thread" })
        {
            await ann.Open(path);
            await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            if (path == "/rooms/general")
                await Expect(ann.Messages).ToHaveCountAsync(10);
            await IsNarrow(ann, path);
        }

        await ann.Open("/rooms/general");
        await ann.Composer.FillAsync(LongWord + LongWord);
        await IsNarrow(ann, "composer");
        foreach (var key in new[] { "Control+k", "Control+/" })
        {
            await ann.Page.Keyboard.PressAsync(key);
            await Expect(ann.Dialog).ToBeVisibleAsync();
            await IsNarrow(ann, key);
            await ann.Page.Keyboard.PressAsync("Escape");
            await Expect(ann.Dialog).ToHaveCountAsync(0);
        }

        await ann.Picture($"narrow-{width}");
    }

    [Fact]
    public async Task Nothing_moves_where_that_is_not_wanted()
    {
        var ann = await Visit("Ann", "/rooms/general", options => options.ReducedMotion = ReducedMotion.Reduce);
        var ben = await Visit("Ben", "/rooms/general");
        await ann.IsConnected();
        await ben.IsConnected();
        await ben.Composer.PressSequentiallyAsync("Hm");
        await Expect(ann.Page.Locator(".typing")).ToHaveTextAsync("Ben is typing");
        await ann.Page.Keyboard.PressAsync("Control+k");
        await Expect(ann.Dialog).ToBeVisibleAsync();
        Assert.Empty(await ann.Page.EvaluateAsync<string[]>("() => document.getAnimations().filter(({ playState }) => playState === 'running').map(({ animationName, effect }) => `${animationName} ${effect.target.className}`)"));
    }

    [Fact]
    public async Task In_forced_colours_everything_is_still_there()
    {
        await Scene.Talk(Server.Http);
        var ann = await Visit("Ann", "/rooms/general", options => options.ForcedColors = ForcedColors.Active);
        await Expect(ann.Messages).ToHaveCountAsync(8);
        await ann.Messages.Last.FocusAsync();
        await Expect(ann.Page.Locator(".actions")).ToBeVisibleAsync();
        await ann.Picture("forced-colours");
        foreach (var bordered in new[] { "form.composer", ".reactions button", ".send", ".avatar", ".actions", ".body pre", "a.card, .picture" })
            await Expect(ann.Page.Locator(bordered).First).ToHaveCSSAsync("border-top-style", "solid");
        await Expect(ann.Page.Locator(".message.mentions")).ToHaveCSSAsync("outline-style", "solid");
        await Expect(ann.Page.Locator(".rooms [aria-current]")).ToHaveCSSAsync("outline-style", "solid");
        await Post("Ben", "@Ann, here, too", "random");
        await Expect(ann.Room("random").Locator(".count")).ToHaveCSSAsync("border-top-style", "solid");
        // A label that is stuck is read above what scrolls past it, and what is drawn only with colour is not all there is to know a link by.
        Assert.NotEqual("rgba(0, 0, 0, 0)", await ann.Page.Locator(".day").First.EvaluateAsync<string>("day => getComputedStyle(day).backgroundColor"));
        await Expect(ann.Page.Locator(".body a").First).ToHaveCSSAsync("text-decoration-line", "underline");
        await ann.Page.Keyboard.PressAsync("Control+k");
        await Expect(ann.Dialog.Locator("[aria-selected=true]")).ToHaveCSSAsync("outline-style", "solid");
        await Expect(ann.Dialog).ToHaveCSSAsync("border-top-style", "solid");
        // What has the focus shows it, and what is pressed that it is.
        await Expect(ann.Dialog.GetByRole(AriaRole.Combobox)).ToHaveCSSAsync("outline-style", "solid");
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Dialog).ToHaveCountAsync(0);
        await ann.Composer.FocusAsync();
        await Expect(ann.Page.Locator("form.composer")).ToHaveCSSAsync("outline-style", "solid");
        await ann.Page.Locator(".reactions [aria-pressed=false]").First.ClickAsync();
        await Expect(ann.Page.Locator(".reactions [aria-pressed=true]").First).ToHaveCSSAsync("outline-style", "solid");
        await ann.Feed.EvaluateAsync("feed => feed.scrollTo(0, 0)");
        await Post("Ben", new string('\n', 20) + "More");
        await Expect(ann.Page.Locator(".latest")).ToHaveCSSAsync("border-top-style", "solid");
        await ann.Picture("forced-colours-pill");
    }

    [Fact]
    public async Task At_two_hundred_per_cent_everything_can_be_reached()
    {
        await Scene.Talk(Server.Http);
        var ann = await Visit("Ann", "/rooms/general", options => options.ViewportSize = new() { Width = 640, Height = 400 });
        await Expect(ann.Messages).ToHaveCountAsync(8);
        await Expect(ann.Composer).ToBeFocusedAsync();
        // A long draft leaves something of what it answers.
        await ann.Composer.FillAsync(string.Join('\n', Enumerable.Range(1, 40)));
        await IsWhole(ann.Page.Locator(".room .send"));
        await IsNarrow(ann, "a long draft");
        Assert.True((await ann.Feed.BoundingBoxAsync())!.Height > 60);
        await ann.Composer.FillAsync("");
        foreach (var key in new[] { "Control+k", "Control+/" })
        {
            await ann.Page.Keyboard.PressAsync(key);
            await ReachesAll("dialog");
            await IsNarrow(ann, key);
            await ann.Page.Keyboard.PressAsync("Escape");
            await Expect(ann.Dialog).ToHaveCountAsync(0);
        }

        await ann.Button("Emoji").ClickAsync();
        await Expect(ann.Dialog.Locator(".emoji-grid button").Nth(300)).ToBeAttachedAsync();
        await ReachesAll("dialog");
        await ann.Dialog.Locator(".emoji-grid button").Nth(300).FocusAsync();
        await Expect(ann.Dialog.Locator(".emoji-grid button").Nth(300)).ToBeInViewportAsync(new() { Ratio = 1 });
        await ann.Page.Keyboard.PressAsync("Escape");
        foreach (var (path, place) in new[] { ("/settings", ".page-body"), ("/search?q=shelves", ".page-body"), ("/rooms/general/1/thread", ".thread-feed"), ("/", ".rooms") })
        {
            await ann.Open(path);
            await Expect(ann.Page.Locator(place)).ToBeVisibleAsync();
            await ReachesAll(place);
            await IsNarrow(ann, path);
        }

        await ann.Picture("zoomed");

        async Task ReachesAll(string place)
        {
            Assert.True((await ann.Page.Locator(place).BoundingBoxAsync())!.Height > 100, place);
            // What comes late may push it away again.
            await Wait.Until($"the end of {place} to be in sight", () => ann.Page.Locator(place).EvaluateAsync<bool>("""
                (place) => {
                  const last = [...place.querySelectorAll('button, a, select, input, .person, .message, dd')].at(-1);
                  last?.scrollIntoView({ block: 'end' });
                  const { left, bottom } = last?.getBoundingClientRect() ?? {};
                  return last?.contains(document.elementFromPoint(left + 4, bottom - 4)) === true;
                }
                """));
        }

        async Task IsWhole(ILocator element) => await Expect(element).ToBeInViewportAsync(new() { Ratio = 1 });
    }

    private static void OnAPhone(BrowserNewContextOptions options)
    {
        options.ViewportSize = new() { Width = 390, Height = 844 };
        (options.HasTouch, options.IsMobile) = (true, true);
    }

    private static async Task IsNarrow(Person person, string what)
    {
        var tooWide = await person.Page.EvaluateAsync<string[]>(TooWide);
        Assert.True(tooWide.Length == 0, $"{what}: {string.Join('\n', tooWide)}");
        Assert.True(await person.Page.EvaluateAsync<bool>("() => document.scrollingElement.scrollWidth <= innerWidth"), what);
    }
}
