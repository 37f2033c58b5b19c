using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What one sets, is so, and stays so.</summary>
public class SettingsTests(Chromium chromium) : PageTest(chromium)
{
    private const string Bar = "() => [...document.querySelectorAll('meta[name=theme-color]')].map(({ content }) => content)";

    [Fact]
    public async Task Theme_density_and_levels_are_kept()
    {
        var ann = await Visit("Ann", "/settings", options => options.ColorScheme = ColorScheme.Light);
        await Expect(ann.Page.Locator(".level")).ToHaveCountAsync(4);
        Assert.Equal(["#f1efe8", "#121514"], await ann.Page.EvaluateAsync<string[]>(Bar));
        await ann.Page.GetByLabel("Dark").CheckAsync();
        await ann.Page.GetByLabel("Compact").CheckAsync();
        await ann.Page.GetByLabel("Notify me about: #tech").SelectOptionAsync("all");
        await ann.Page.ReloadAsync();
        await Expect(ann.Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(23, 26, 25)");
        Assert.Equal(["#121514", "#121514"], await ann.Page.EvaluateAsync<string[]>(Bar));
        await Expect(ann.Page.Locator("html")).ToHaveAttributeAsync("data-density", "compact");
        await Expect(ann.Page.GetByLabel("Notify me about: #tech")).ToHaveValueAsync("all");
        await ann.Page.GetByLabel("System").CheckAsync();
        await Expect(ann.Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(251, 250, 246)");
        Assert.Equal(["#f1efe8", "#121514"], await ann.Page.EvaluateAsync<string[]>(Bar));

        await ann.Room("tech").ClickAsync();
        await ann.Button("Notifications of this room").ClickAsync();
        await Expect(ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "All messages" })).ToHaveAttributeAsync("aria-pressed", "true");
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Nothing" }).ClickAsync();
        await ann.Open("/settings");
        await Expect(ann.Page.GetByLabel("Notify me about: #tech")).ToHaveValueAsync("none");
    }

    [Fact]
    public async Task Another_name_is_one_s_own_in_every_room()
    {
        var (ann, ben) = (await Visit("Ann", "/rooms/general"), await Visit("Ben", "/rooms/general"));
        await ann.Say("I am Ann");
        await ann.Page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await ann.Page.GetByLabel("Name").FillAsync("Anna");
        await ann.Button("Save").ClickAsync();
        await Expect(ann.Page.Locator(".me b")).ToHaveTextAsync("Anna");
        await Expect(ben.Page.Locator(".side .person")).ToHaveTextAsync("ANAnna");
        await ann.Room("general").ClickAsync();
        await ann.Say("Now I am Anna");
        await Expect(ben.Message("Now I am").Locator("header b")).ToHaveTextAsync("Anna");
        await Expect(ben.Message("I am Ann").First.Locator("header b")).ToHaveTextAsync("Ann");
    }

    [Fact]
    public async Task The_page_can_be_installed_from_the_settings_though_the_browser_said_so_before()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await ann.IsConnected();
        await ann.Page.EvaluateAsync("() => { const event = new Event('beforeinstallprompt', { cancelable: true }); event.prompt = () => { window.isAsked = true; return Promise.resolve(); }; window.dispatchEvent(event); }");
        await ann.Page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await ann.Button("Install as an app").ClickAsync();
        Assert.True(await ann.Page.EvaluateAsync<bool>("() => window.isAsked"));
        await Expect(ann.Button("Install as an app")).ToHaveCountAsync(0);
    }
}
