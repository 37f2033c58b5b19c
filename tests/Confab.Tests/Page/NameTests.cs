using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Under which name one is there.</summary>
public class NameTests(Chromium chromium) : PageTest(chromium)
{
    protected override string[] Options => ["--Confab:Limits:UsernameChars=8"];

    [Fact]
    public async Task A_name_that_the_server_refuses_can_be_given_anew_and_nothing_is_lost()
    {
        await Post("Ben", "Hello");
        var ann = await Visit(name: null, "/rooms/general");
        var field = ann.Page.GetByRole(Microsoft.Playwright.AriaRole.Textbox);
        await field.FillAsync("\u2800");
        await field.PressAsync("Enter");
        await Expect(ann.Page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToHaveTextAsync("The server does not take this name.");
        await field.FillAsync("Bartholomew");
        await field.PressAsync("Enter");
        await Expect(ann.Page.GetByText("The server does not take this name.")).ToBeVisibleAsync();
        await Expect(ann.Page).ToHaveURLAsync("/settings");

        // What is copied along and seen by nobody is left out.
        await ann.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("\u200EAn\u200Bn\uFEFF ");
        await ann.Button("Save").ClickAsync();
        await Expect(ann.Page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Ann");
        await ann.Room("general").ClickAsync();
        await Expect(ann.Message("Hello")).ToBeVisibleAsync();
        await ann.IsConnected();
        await ann.Say("Here I am");
        await Expect(ann.Room("tech")).ToBeVisibleAsync();
        Assert.Equal("Ann", (await Log(Server.Http))[^1].GetProperty("username").GetString());
    }

    [Fact]
    public async Task A_new_name_holds_in_the_other_windows_of_the_browser()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await ann.IsConnected();
        await Expect(ann.Page.Locator(".bar .people span").Last).ToHaveTextAsync("1");
        await ann.Say("As Ann");
        var settings = await ann.Context.NewPageAsync();
        await settings.GotoAsync("/settings");
        await settings.GetByLabel("Name", new() { Exact = true }).FillAsync("Anna");
        await settings.Locator(".app:not(.is-offline)").WaitForAsync();
        await settings.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(ann.Page.Locator(".me b")).ToHaveTextAsync("Anna");
        await ann.Say("As Anna");
        Assert.Equal(["Ann", "Anna"], (await Log(Server.Http)).Select(message => message.GetProperty("username").GetString()!));
        await ann.Page.Locator(".people").ClickAsync();
        await Expect(ann.Dialog.Locator("li > span:last-child")).ToHaveTextAsync(["Anna"]);
    }
}
