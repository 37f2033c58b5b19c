using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>A room that is done with: archived, read, found again, and brought back.</summary>
public class ArchiveTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task A_room_is_archived_for_everybody_and_brought_back()
    {
        await Post("Ben", "The last words", "random");
        var (ann, ben) = (await Visit("Ann", "/rooms/random"), await Visit("Ben", "/rooms/general"));
        await Expect(ann.Message("The last words")).ToBeVisibleAsync();
        await Expect(ben.Room("random")).ToBeVisibleAsync();
        await ann.Button("About this room").ClickAsync();
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Archive this room" }).ClickAsync();
        await Expect(ann.Dialog).ToContainTextAsync("Archive #random?");
        await ann.Picture("archive");
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Archive", Exact = true }).ClickAsync();

        // Out of the list, at once and everywhere; who is there reads on, and has nothing to write with.
        await Expect(ben.Room("random")).ToHaveCountAsync(0);
        await Expect(ann.Room("random")).ToHaveCountAsync(0);
        await Expect(ann.Page.Locator(".archived")).ToContainTextAsync("This room is archived.");
        await Expect(ann.Message("The last words")).ToBeVisibleAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Textbox)).ToHaveCountAsync(0);
        await ann.Message("The last words").HoverAsync();
        await Expect(ann.Button("Open thread")).ToBeVisibleAsync();
        foreach (var name in new[] { "Reply", "Pin", "Add a reaction" })
            await Expect(ann.Button(name)).ToHaveCountAsync(0);
        await ann.Picture("archived");

        await ann.Button("Bring it back").ClickAsync();
        await Expect(ben.Room("random")).ToBeVisibleAsync();
        await ann.Say("And further ones");
        await Expect(ben.Room("random")).ToContainTextAsync("And further ones");
    }

    [Fact]
    public async Task An_archived_room_is_found_by_its_link_also_by_who_comes_new_and_in_the_settings()
    {
        await Post("Ben", "The last words", "random");
        await Server.Http.DeleteAsync("/api/rooms/random", TestContext.Current.CancellationToken);
        var ann = await Visit("Ann", "/rooms/random/1");
        await Expect(ann.Message("The last words")).ToBeVisibleAsync();
        await Expect(ann.Button("Bring it back")).ToBeVisibleAsync();
        await Expect(ann.Room("random")).ToHaveCountAsync(0);

        await ann.Page.ReloadAsync();
        await Expect(ann.Button("Bring it back")).ToBeVisibleAsync();
        await ann.Open("/settings");
        await ann.Page.GetByRole(AriaRole.Heading, new() { Name = "Archived rooms" }).ScrollIntoViewIfNeededAsync();
        await ann.Picture("archived-list");
        await ann.Page.GetByRole(AriaRole.Link, new() { Name = "#random" }).ClickAsync();
        await Expect(ann.Page).ToHaveURLAsync("/rooms/random");

        // And by its name, by whoever comes new.
        var cleo = await Visit("Cleo", "/rooms/general");
        await cleo.IsConnected();
        await cleo.Page.Keyboard.PressAsync("Control+k");
        await Expect(cleo.Dialog.GetByRole(AriaRole.Option)).ToHaveCountAsync(2);
        await cleo.Page.Keyboard.TypeAsync("rand");
        await Expect(cleo.Dialog.GetByRole(AriaRole.Option).First).ToHaveTextAsync("#randomarchived");
        await cleo.Page.Keyboard.PressAsync("Enter");
        await Expect(cleo.Button("Bring it back")).ToBeVisibleAsync();

        // Whom nobody told: not in the list after the next look at it.
        var ben = await Visit("Ben", "/rooms/general", options => options.ViewportSize = new() { Width = 390, Height = 844 });
        await ben.Open("/rooms/random");
        await Expect(ben.Button("Bring it back")).ToBeVisibleAsync();
        await ben.Picture("archived-narrow");
    }
}
