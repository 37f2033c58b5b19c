using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What a finger does.</summary>
public class TouchTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task A_long_press_brings_in_words_what_can_be_done_with_a_message_and_a_tap_does_not()
    {
        await Post("Ben", "Hello");
        await Post("Ann", "Hello, Ben", replyTo: 1);
        await Post("Ben", "How are you?");
        var ann = await Visit("Ann", "/rooms/general", OnAPhone);
        var touches = await ann.Context.NewCDPSessionAsync(ann.Page);
        await Press("#m1");
        await Expect(ann.Dialog.Locator(".menu button")).ToHaveTextAsync(["Add a reaction", "Reply", "Open thread", "Pin", "Copy text", "Copy link"]);
        Assert.Equal(844, Math.Round((await ann.Dialog.BoundingBoxAsync())!.Y + (await ann.Dialog.BoundingBoxAsync())!.Height));
        await ann.Picture("sheet-phone");
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "React with 👍" }).TapAsync();
        await Expect(ann.Page.Locator("#m1 .reactions")).ToBeVisibleAsync();
        await Expect(ann.Dialog).ToHaveCountAsync(0);

        // A tap brings nothing.
        await ann.Message("How are").Locator(".body").TapAsync();
        await Expect(ann.Message("How are")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator("dialog, .actions")).ToHaveCountAsync(0);

        await Press("#m2");
        await Entry("Edit").TapAsync();
        await Expect(ann.Composer).ToHaveValueAsync("Hello, Ben");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await ann.Button("Stop").TapAsync();
        await Press("#m3");
        await Entry("Add a reaction").TapAsync();
        await ann.Dialog.Locator(".emoji-grid button").First.TapAsync();
        await Expect(ann.Page.Locator("#m3 .reactions")).ToBeVisibleAsync();

        await Press("#m1");
        await Entry("Open thread").TapAsync();
        await Expect(ann.Page.Locator(".thread-count")).ToHaveTextAsync("1 reply");
        await Press("#t2");
        await Expect(ann.Dialog.Locator(".menu button")).ToHaveTextAsync(["Add a reaction", "Edit", "Pin", "Copy text", "Copy link", "Delete"]);
        await Entry("Delete").TapAsync();
        await Entry("Delete").TapAsync();
        await Expect(ann.Page.Locator("#t2")).ToContainTextAsync("This message was deleted.");

        ILocator Entry(string name) => ann.Dialog.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

        async Task Press(string message)
        {
            await Expect(ann.Page.Locator(message)).ToBeVisibleAsync();
            var box = (await ann.Page.Locator(message).Locator(".body").BoundingBoxAsync())!;
            await Touch("touchStart", [new { x = box.X + 5, y = box.Y + 5 }]);
            await Expect(ann.Dialog).ToBeVisibleAsync();
            await Touch("touchEnd", []);
            await ann.Page.EvaluateAsync("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
            await Expect(ann.Dialog).ToBeVisibleAsync();
        }

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
