using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What one takes out of the page.</summary>
public class CopyTests(Chromium chromium) : PageTest(chromium)
{
    private const string Marked = "The *plan*:\n\n- one\n- `two`\n\n| what | cm |\n|---|---|\n| height | 190 |";

    private const string Select = """
        (element, isWhole) => {
          const range = document.createRange();
          if (isWhole) range.selectNodeContents(element);
          else range.selectNode(element.querySelector('em'));
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }
        """;

    [Fact]
    public async Task Copying_whole_messages_gives_their_Markdown_and_copying_some_words_the_words()
    {
        await Post("Ben", Marked);
        await Post("Ben", "And **that** is all");
        var ann = await Visit("Ann", "/rooms/general", MayPaste);
        var body = ann.Message("plan").Locator(".body");
        await Expect(body.Locator("table")).ToBeVisibleAsync();
        Assert.Equal(Marked, await Copied(body, isWhole: true));
        Assert.Equal("plan", await Copied(body, isWhole: false));
        Assert.Equal($"{Marked}\n\nAnd **that** is all", await Copied(ann.Feed.Locator(".days"), isWhole: true));

        async Task<string> Copied(ILocator what, bool isWhole)
        {
            await ann.Composer.FillAsync("");
            await ann.Composer.EvaluateAsync("composer => composer.blur()");
            await what.EvaluateAsync(Select, isWhole);
            await ann.Page.Keyboard.PressAsync("Control+c");
            return await Paste(ann);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // as over plain HTTP from another machine
    public async Task A_text_and_a_link_are_copied(bool hasClipboard)
    {
        var id = await Post("Ben", Marked);
        var ann = await Visit("Ann", "/rooms/general", MayPaste);
        if (!hasClipboard)
        {
            await ann.Context.AddInitScriptAsync("delete Navigator.prototype.clipboard;");
            await ann.Page.ReloadAsync();
        }

        Assert.Equal(hasClipboard, await ann.Page.EvaluateAsync<bool>("() => navigator.clipboard !== undefined"));
        foreach (var (button, expected) in new[] { ("Copy text", Marked), ("Copy link", new Uri(Server.Address, $"/rooms/general/{id}").ToString()) })
        {
            await ann.Press(ann.Messages.First, "More actions");
            await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
            await Expect(ann.Dialog).ToHaveCountAsync(0);
            await Expect(ann.Page.GetByRole(AriaRole.Status).And(ann.Page.Locator(".told"))).ToHaveTextAsync(button == "Copy text" ? "Text copied." : "Link copied.");
            await ann.Composer.FillAsync("");
            Assert.Equal(expected, await Paste(ann));
        }
    }

    private static async Task<string> Paste(Person person)
    {
        await person.Composer.FocusAsync();
        await person.Page.Keyboard.PressAsync("Control+v");
        await Expect(person.Composer).Not.ToHaveValueAsync("");
        return await person.Composer.InputValueAsync();
    }

    private static void MayPaste(BrowserNewContextOptions options) => options.Permissions = ["clipboard-read", "clipboard-write"];
}
