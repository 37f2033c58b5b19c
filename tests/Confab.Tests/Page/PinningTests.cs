using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What a room keeps in sight.</summary>
public class PinningTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task What_one_pins_everybody_sees_until_somebody_takes_it_down()
    {
        await Post("Ben", "The key is under the mat");
        await Post("Ben", "Tea at four");
        var (ann, ben) = (await Visit("Ann", "/rooms/general"), await Visit("Ben", "/rooms/general"));
        var (mine, his) = (ann.Page.Locator("#m1"), ben.Page.Locator("#m1"));
        await ann.IsConnected();
        await mine.FocusAsync();
        await ann.Page.Keyboard.PressAsync("p");
        await Expect(his.Locator(".pinned")).ToHaveTextAsync("Pinned");
        await Expect(ben.Page.Locator("#m2 .pinned")).ToHaveCountAsync(0);
        await Expect(mine).ToBeFocusedAsync();
        await ben.Press(ben.Page.Locator("#m2"), "Pin");
        await Expect(ann.Button("2 pinned")).ToBeVisibleAsync();

        await ben.Page.ReloadAsync();
        await ben.Button("2 pinned").ClickAsync();
        var links = ben.Dialog.GetByRole(AriaRole.Link);
        await Expect(links).ToHaveCountAsync(2);
        await Expect(links.First).ToContainTextAsync("The key is under the mat");
        await links.First.PressAsync("Enter");
        await Expect(ben.Dialog).ToHaveCountAsync(0);
        await Expect(ben.Page).ToHaveURLAsync("/rooms/general/1");
        await Expect(his).ToBeFocusedAsync();

        await ben.Page.Keyboard.PressAsync("p");
        await Expect(mine.Locator(".pinned")).ToHaveCountAsync(0);
        await Expect(ann.Button("1 pinned")).ToBeVisibleAsync();
        await ben.Press(ben.Page.Locator("#m2"), "More actions");
        await ben.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await ben.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(ann.Page.Locator("#m2")).ToContainTextAsync("This message was deleted.");
        await Expect(ann.Page.Locator(".pins")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_pinned_message_from_long_ago_is_listed_and_found()
    {
        for (var i = 1; i <= 120; i++)
            await Post("Ben", $"Message {i}");
        var ann = await Visit("Ann", "/rooms/general/1", options => options.ViewportSize = new() { Width = 390, Height = 844 });
        await ann.Page.Locator("#m1").FocusAsync();
        await ann.Page.Keyboard.PressAsync("p");
        await Expect(ann.Page.Locator("#m1 .pinned")).ToBeVisibleAsync();
        await ann.Open("/rooms/general");
        await Expect(ann.Message("Message 120")).ToBeInViewportAsync();
        await Expect(ann.Page.Locator("#m1")).ToHaveCountAsync(0);
        await ann.Button("1 pinned").ClickAsync();
        await ann.Dialog.GetByRole(AriaRole.Link).Filter(new() { HasText = "Message 1" }).ClickAsync();
        await Expect(ann.Page.Locator("#m1")).ToBeInViewportAsync();
        await ann.Picture("pinned-narrow");
    }
}
