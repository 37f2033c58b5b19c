using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Views whose code comes when they are wanted.</summary>
public class LaterTests(Chromium chromium) : PageTest(chromium)
{
    [Theory]
    [InlineData("Settings", "/settings", "h1")]
    [InlineData("Search", "/search", "h1")]
    [InlineData("ThreadPane", "/rooms/general/1/thread", ".thread h2")]
    public async Task A_view_whose_code_did_not_come_is_tried_again_where_one_is(string view, string path, string heading)
    {
        await Post("Ben", "Hello");
        var ann = await Visit("Ann", "/rooms/general", options => options.ServiceWorkers = ServiceWorkerPolicy.Block);
        (ann.MayWarn, ann.MayLoseTheNetwork) = ("Service Worker registration blocked", true);
        await Expect(ann.Message("Hello")).ToBeVisibleAsync();
        await ann.IsConnected();
        await ann.Page.RouteAsync($"**/assets/{view}-*.js", route => route.AbortAsync());
        await ann.Page.EvaluateAsync("path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }", path);
        await Expect(ann.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This part of the page could not be loaded.");
        await ann.Button("Try again").ClickAsync();
        await Expect(ann.Button("Try again")).ToBeVisibleAsync();
        await ann.Page.UnrouteAsync($"**/assets/{view}-*.js");
        await ann.Button("Try again").ClickAsync();
        await Expect(ann.Page.Locator(heading).Last).ToBeVisibleAsync();
        await Expect(ann.Button("Try again")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_dialog_whose_code_did_not_come_is_tried_again_too()
    {
        var ann = await Visit("Ann", "/rooms/general", options => options.ServiceWorkers = ServiceWorkerPolicy.Block);
        (ann.MayWarn, ann.MayLoseTheNetwork) = ("Service Worker registration blocked", true);
        await ann.IsConnected();
        await ann.Page.RouteAsync("**/assets/EmojiPicker-*.js", route => route.AbortAsync());
        await ann.Button("Emoji").ClickAsync();
        await Expect(ann.Dialog).ToContainTextAsync("This part of the page could not be loaded.");
        await ann.Picture("not-loaded");
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Dialog).ToHaveCountAsync(0);
        await ann.Page.UnrouteAsync("**/assets/EmojiPicker-*.js");
        await ann.Button("Emoji").ClickAsync();
        await Expect(ann.Dialog.GetByRole(AriaRole.Searchbox)).ToBeVisibleAsync();
    }
}
