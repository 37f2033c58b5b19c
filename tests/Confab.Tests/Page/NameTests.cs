using Confab.Tests.Client;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
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
        await Expect(ann.Page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToHaveTextAsync("The server does not accept this name.");
        await field.FillAsync("Bartholomew");
        await field.PressAsync("Enter");
        await Expect(ann.Page.GetByText("The server does not accept this name.")).ToBeVisibleAsync();
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
    public async Task What_waits_to_be_sent_stays_the_old_name_s_and_is_stored_once()
    {
        var isCut = false;
        var wire = Outlives(new Wire(() => isCut ? 1 : Server.EndPoint.Port));
        var ann = await Visit(new UriBuilder(wire.Chat) { Scheme = "http", Path = "" }.Uri, "Ann", "/rooms/general");
        ann.MayLoseTheNetwork = true;
        await ann.IsConnected();
        await ann.Say("Hello");

        // The first is stored, and its answer lost; the second is not sent before the name is another one.
        wire.HoldAnswers();
        await ann.Write("Under way");
        await Wait.Until("the message to be stored", async () => (await Log(Server.Http)).Length == 2);
        isCut = true;
        wire.Cut();
        await Expect(ann.Page.Locator(".app.is-offline")).ToBeVisibleAsync();
        await ann.Write("Waiting");
        await ann.Page.GetByLabel("Settings").First.ClickAsync();
        await ann.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("Anna");
        await ann.Button("Save").ClickAsync();
        await Expect(ann.Page.Locator(".me b")).ToHaveTextAsync("Anna");
        isCut = false;
        await ann.Page.EvaluateAsync("() => dispatchEvent(new Event('online'))");
        await ann.Room("general").ClickAsync();
        await Expect(ann.Page.Locator(".outgoing")).ToHaveCountAsync(0);
        await ann.IsConnected();
        await ann.Say("Here I am");
        Assert.Equal(
            ["Ann: Hello", "Ann: Under way", "Ann: Waiting", "Anna: Here I am"],
            (await Log(Server.Http)).Select(message => $"{message.Text("username")}: {message.Text("content")}"));
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
