using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Proofs;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Finding what was said.</summary>
public class SearchTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task Ctrl_K_leads_to_what_was_said_with_the_words_marked()
    {
        var sought = await Post("Ben", "The biscuits are in the tin", "tech");
        for (var i = 0; i < 80; i++)
            await Post("Cleo", $"Something else {i}", "tech");
        await Wait.Until("it to be found", async () =>
            (await Server.Http.GetFromJsonAsync<JsonElement>("/api/search?q=biscuits", TestContext.Current.CancellationToken)).GetProperty("results").GetArrayLength() == 1);

        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await ann.Page.Keyboard.PressAsync("Control+k");
        var field = ann.Dialog.GetByRole(AriaRole.Combobox);
        await Expect(field).ToBeFocusedAsync();
        await field.FillAsync("biscuit tin");
        await Expect(ann.Dialog.GetByRole(AriaRole.Option, new() { Selected = true })).ToHaveTextAsync("Search for “biscuit tin”");
        await field.PressAsync("Enter");
        await Expect(ann.Page).ToHaveURLAsync("/search?q=biscuit+tin");
        await Expect(ann.Page.GetByText("Nothing was found.")).ToBeVisibleAsync();

        await Expect(ann.Page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await ann.Page.GetByRole(AriaRole.Searchbox).FillAsync("biscuits from:Ben");
        await Expect(ann.Page.Locator(".results mark")).ToHaveTextAsync("biscuits");
        await ann.Page.Locator(".results a").ClickAsync();
        await Expect(ann.Page).ToHaveURLAsync($"/rooms/tech/{sought}");
        await Expect(ann.Page.Locator($"#m{sought}")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator($"#m{sought}")).ToBeInViewportAsync();
        await ann.Page.GoBackAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("biscuits from:Ben");
        await Expect(ann.Page.Locator(".results mark")).ToHaveTextAsync("biscuits");
    }
}
