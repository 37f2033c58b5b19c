using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Links in what people say, and where a click on one leads.</summary>
public class LinkTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task A_link_to_a_message_here_is_followed_in_place_and_any_other_leads_to_a_tab_of_its_own()
    {
        await MakeRoom("tea");
        await Post("Ben", "The kettle is on", "tea");
        await Post("Ben", $"请看{Server.Address}rooms/tea/1，谢谢");
        await Post("Ben", $"{Server.Address}docs and https://example.org/rooms/general");
        var ann = await Visit("Ann", "/rooms/general");
        var (here, elsewhere) = (ann.Message("请看").Locator(".body a"), ann.Message("docs").Locator(".body a"));
        await Expect(here).ToHaveTextAsync($"{Server.Address}rooms/tea/1");
        Assert.Equal(["_blank", "_blank"], await elsewhere.EvaluateAllAsync<string[]>("(links) => links.map((link) => link.target)"));

        await ann.Page.EvaluateAsync("() => { window.stays = true; }");
        // With a key or the middle button it is the browser's, as everywhere.
        foreach (var options in new[] { new LocatorClickOptions { Modifiers = [KeyboardModifier.Control] }, new LocatorClickOptions { Button = MouseButton.Middle } })
        {
            var tab = await ann.Page.Context.RunAndWaitForPageAsync(() => here.ClickAsync(options));
            await Expect(tab).ToHaveURLAsync($"{Server.Address}rooms/tea/1");
            await tab.CloseAsync();
            await Expect(ann.Page).ToHaveURLAsync("/rooms/general");
        }

        await here.ClickAsync();
        await Expect(ann.Page).ToHaveURLAsync("/rooms/tea/1");
        await Expect(ann.Message("The kettle is on")).ToBeVisibleAsync();
        Assert.True(await ann.Page.EvaluateAsync<bool>("() => window.stays === true"));
        Assert.Single(ann.Page.Context.Pages);
    }
}
