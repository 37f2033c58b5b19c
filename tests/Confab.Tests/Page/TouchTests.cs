using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What a finger does.</summary>
public class TouchTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task A_long_press_brings_what_can_be_done_with_a_message_and_a_tap_does_not()
    {
        await Post("Ben", "Hello");
        await Post("Ben", "How are you?");
        var ann = await Visit("Ann", "/rooms/general", OnAPhone);
        var actions = ann.Page.Locator(".actions");
        await Expect(ann.Message("Hello")).ToBeVisibleAsync();
        var box = (await ann.Message("Hello").Locator(".body").BoundingBoxAsync())!;
        var touches = await ann.Context.NewCDPSessionAsync(ann.Page);
        await Touch("touchStart", [new { x = box.X + 5, y = box.Y + 5 }]);
        await Expect(actions).ToBeVisibleAsync();
        await Touch("touchEnd", []);
        await ann.Message("How are").Locator(".body").EvaluateAsync("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
        await Expect(actions).ToBeVisibleAsync();
        await ann.Page.Locator("#m1 .actions").GetByRole(AriaRole.Button, new() { Name = "React with 👍" }).TapAsync();
        await Expect(ann.Page.Locator("#m1 .reactions")).ToBeVisibleAsync();

        // A tap elsewhere takes them away, and brings no others.
        await ann.Message("How are").Locator(".body").TapAsync();
        await Expect(ann.Message("How are")).ToBeFocusedAsync();
        await Expect(actions).ToHaveCountAsync(0);

        Task Touch(string type, object[] points) => touches.SendAsync("Input.dispatchTouchEvent", new() { ["type"] = type, ["touchPoints"] = points });
    }

    [Fact]
    public async Task On_a_phone_the_title_of_a_room_shows_its_topic_and_who_is_here()
    {
        await Post("Ben", "Hello");
        var (ann, ben) = (await Visit("Ann", "/rooms/general", OnAPhone), await Visit("Ben", "/rooms/general"));
        await Expect(ann.Message("Hello")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".title small")).ToHaveTextAsync("2 people here now");
        await ann.Button("About this room").TapAsync();
        await Expect(ann.Dialog.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToHaveTextAsync("#general");
        await Expect(ann.Dialog.Locator(".person")).ToHaveTextAsync([new Regex("Ann$"), new Regex("Ben$")]);
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Add a topic" }).TapAsync();
        await ann.Dialog.GetByLabel("Topic").FillAsync("Shelves and books");
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).TapAsync();
        await Expect(ann.Dialog).ToHaveCountAsync(0);
        await Expect(ann.Button("About this room")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator(".title small")).ToHaveTextAsync("2 people here now · Shelves and books");
        await Expect(ben.Page.Locator(".bar .topic")).ToContainTextAsync("Shelves and books");
        await ann.Button("About this room").TapAsync();
        await Expect(ann.Dialog.GetByText("Shelves and books")).ToBeVisibleAsync();
    }

    private static void OnAPhone(BrowserNewContextOptions options)
    {
        options.ViewportSize = new() { Width = 390, Height = 844 };
        (options.HasTouch, options.IsMobile) = (true, true);
    }
}
