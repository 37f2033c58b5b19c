using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What one types, inserts or pastes becomes what one meant.</summary>
public class WritingTests(Chromium chromium) : PageTest(chromium)
{
    private const string Room = "/rooms/general";

    [Fact]
    public async Task After_a_click_on_a_message_one_writes_and_nothing_is_edited_or_pinned()
    {
        await Post("Ann", "Shall we?");
        var ann = await Visit("Ann", Room);
        await ann.Message("Shall we?").Locator(".body").ClickAsync();
        await Expect(ann.Composer).Not.ToBeFocusedAsync();
        await ann.Page.Keyboard.TypeAsync("yes please +1, just reply");
        await Expect(ann.Composer).ToHaveValueAsync("yes please +1, just reply");
        await Expect(ann.Dialog).ToHaveCountAsync(0);
        await Expect(ann.Page.Locator(".composer .mode")).ToHaveCountAsync(0);
        await ann.Page.Keyboard.PressAsync("Enter");
        await Expect(ann.Message("yes please")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".pinned")).ToHaveCountAsync(0);

        // Keys that lead to a message arm its letters again.
        await ann.Message("Shall we?").Locator(".body").ClickAsync();
        await ann.Page.Keyboard.PressAsync("ArrowDown");
        await ann.Page.Keyboard.PressAsync("ArrowUp");
        await Expect(ann.Page.Locator("#m1")).ToBeFocusedAsync();
        await ann.Page.Keyboard.PressAsync("p");
        await Expect(ann.Page.Locator("#m1 .pinned")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_browser_undoes_what_was_inserted_and_brings_back_what_was_sent()
    {
        var ann = await Visit("Ann", Room);
        await ann.IsConnected();
        await ann.Composer.ClickAsync();
        await ann.Page.Keyboard.TypeAsync("Hello there");
        for (var i = 0; i < 5; i++)
            await ann.Page.Keyboard.PressAsync("ArrowLeft");
        await ann.Button("Mention someone").ClickAsync();
        await Expect(ann.Composer).ToHaveValueAsync("Hello @there");
        await Undo();
        await Expect(ann.Composer).ToHaveValueAsync("Hello there");
        await ann.Button("Emoji").ClickAsync();
        await ann.Dialog.GetByRole(AriaRole.Searchbox).FillAsync("party popper");
        await Expect(ann.Page.Locator(".emoji-all button").First).ToHaveTextAsync("🎉");
        await ann.Page.Keyboard.PressAsync("Enter");
        await Expect(ann.Dialog).ToHaveCountAsync(0);
        await Expect(ann.Composer).ToHaveValueAsync("Hello 🎉there");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await Undo();
        await Expect(ann.Composer).ToHaveValueAsync("Hello there");
        await ann.Button("Code block").ClickAsync();
        await Expect(ann.Composer).ToHaveValueAsync("Hello \n```\n\n```\nthere");
        await Undo();
        await Expect(ann.Composer).ToHaveValueAsync("Hello there");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Message("Hello there")).ToBeVisibleAsync();
        await Expect(ann.Composer).ToHaveValueAsync("");
        await Undo();
        await Expect(ann.Composer).ToHaveValueAsync("Hello there");

        // What was written in one room is not undone in another.
        await ann.Room("random").ClickAsync();
        await Expect(ann.Composer).ToHaveValueAsync("");
        await ann.Composer.ClickAsync();
        await Undo();
        await Expect(ann.Composer).ToHaveValueAsync("");

        Task Undo() => ann.Page.Keyboard.PressAsync("Control+z");
    }

    [Theory]
    [InlineData("let x", 0, 5, "```\nlet x\n```", 9)]
    [InlineData("See let x here", 4, 9, "See \n```\nlet x\n```\n here", 14)]
    [InlineData("See\nlet x\nhere", 4, 10, "See\n```\nlet x\n```\nhere", 13)]
    [InlineData("a ``` b", 0, 7, "````\na ``` b\n````", 12)]
    [InlineData("", 0, 0, "```\n\n```", 4)]
    public async Task The_code_button_puts_fences_around_what_is_chosen_and_the_caret_inside(string text, int from, int to, string expected, int caret)
    {
        var ann = await Visit("Ann", Room);
        await ann.Composer.FillAsync(text);
        await ann.Composer.EvaluateAsync("(box, [from, to]) => box.setSelectionRange(from, to)", new[] { from, to });
        await ann.Button("Code block").ClickAsync();
        await Expect(ann.Composer).ToHaveValueAsync(expected);
        await Expect(ann.Composer).ToBeFocusedAsync();
        Assert.Equal([caret, caret], await ann.Composer.EvaluateAsync<int[]>("box => [box.selectionStart, box.selectionEnd]"));
    }

    [Fact]
    public async Task Enter_begins_a_new_line_in_a_block_of_code_and_sends_after_it()
    {
        var ann = await Visit("Ann", Room);
        await ann.Composer.ClickAsync();
        foreach (var line in new[] { "Look:", "" })
        {
            await ann.Page.Keyboard.TypeAsync(line);
            await ann.Page.Keyboard.PressAsync("Shift+Enter");
        }

        foreach (var line in new[] { "```js", "let it = 'be';", "```" })
        {
            await ann.Page.Keyboard.TypeAsync(line);
            if (line != "```")
                await ann.Page.Keyboard.PressAsync("Enter");
        }

        await Expect(ann.Composer).ToHaveValueAsync("Look:\n\n```js\nlet it = 'be';\n```");
        await ann.Page.Keyboard.PressAsync("Enter");
        await Expect(ann.Message("let it").Locator("pre")).ToHaveTextAsync("let it = 'be';");
        await Expect(ann.Composer).ToHaveValueAsync("");
        await ann.Composer.FillAsync("```\nopen");
        await ann.Page.Keyboard.PressAsync("Control+Enter");
        await Expect(ann.Message("open")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task On_a_touch_screen_Enter_begins_a_new_line_and_the_button_sends()
    {
        var ann = await Visit("Ann", Room, options => (options.HasTouch, options.IsMobile, options.ViewportSize) = (true, true, new() { Width = 390, Height = 844 }));
        await ann.Composer.TapAsync();
        await ann.Page.Keyboard.TypeAsync("One");
        await ann.Page.Keyboard.PressAsync("Enter");
        await ann.Page.Keyboard.TypeAsync("Two");
        await Expect(ann.Composer).ToHaveValueAsync("One\nTwo");
        await Expect(ann.Composer).ToHaveAttributeAsync("enterkeyhint", "enter");
        await ann.Button("Send").TapAsync();
        await Expect(ann.Message("One")).ToBeVisibleAsync();
        await Expect(ann.Composer).ToHaveValueAsync("");
        await Expect(ann.Composer).ToBeFocusedAsync();
    }

    [Fact]
    public async Task An_Enter_that_ends_a_composition_does_nothing_else()
    {
        var ann = await Visit("Ann", Room);
        await Post("Ben", "Hello");
        await Expect(ann.Message("Hello")).ToBeVisibleAsync();
        // Chromium's order: the key is pressed while words are composed.
        var browser = await ann.Context.NewCDPSessionAsync(ann.Page);
        await ann.Composer.ClickAsync();
        await browser.SendAsync("Input.imeSetComposition", new() { ["text"] = "にほん", ["selectionStart"] = 3, ["selectionEnd"] = 3 });
        await Expect(ann.Composer).ToHaveValueAsync("にほん");
        await Enter(ann.Composer, "isComposing: true");
        await browser.SendAsync("Input.insertText", new() { ["text"] = "日本" });
        await Expect(ann.Composer).ToHaveValueAsync("日本");
        // Safari's order: it is told of when the words are there.
        await Enter(ann.Composer, "keyCode: 229");
        await ann.Composer.FillAsync("@B");
        await Expect(ann.Page.Locator(".suggestions")).ToBeVisibleAsync();
        await Enter(ann.Composer, "keyCode: 229");
        await Expect(ann.Composer).ToHaveValueAsync("@B");
        await ann.Composer.FillAsync("日本");

        await ann.Page.Keyboard.PressAsync("Control+k");
        await ann.Dialog.GetByRole(AriaRole.Combobox).FillAsync("random");
        await Enter(ann.Dialog.GetByRole(AriaRole.Combobox), "keyCode: 229");
        await Expect(ann.Dialog).ToBeVisibleAsync();
        await ann.Page.Keyboard.PressAsync("Escape");
        await ann.Button("Emoji").ClickAsync();
        await ann.Dialog.GetByRole(AriaRole.Searchbox).FillAsync("heart");
        await Expect(ann.Page.Locator(".emoji-all button").First).ToHaveTextAsync("❤️");
        await Enter(ann.Dialog.GetByRole(AriaRole.Searchbox), "keyCode: 229");
        await Expect(ann.Dialog).ToBeVisibleAsync();
        await ann.Button("Close").ClickAsync();

        await Expect(ann.Page).ToHaveURLAsync(Room);
        await Expect(ann.Composer).ToHaveValueAsync("日本");
        await Expect(ann.Messages).ToHaveCountAsync(1);
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Message("日本")).ToBeVisibleAsync();

        static Task Enter(ILocator box, string how) =>
            box.EvaluateAsync($"box => void box.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Enter', bubbles: true, cancelable: true, {how} }}))");
    }

    [Fact]
    public async Task Cells_become_a_table_also_if_a_picture_comes_with_them_and_other_words_stay_words()
    {
        var ann = await Visit("Ann", Room);
        await ann.IsConnected();
        const string Html = "<html><style>td { color: red }</style><body><table style='color: red'><tr><td>what</td><td>cm | in</td></tr><tr><td>height<br>outside</td><td>190</td></tr><tr><td colspan=2>both</td></tr></table></body></html>";
        await Paste("what\tcm | in\nheight\t190\n", Html, hasPicture: true);
        await Expect(ann.Composer).ToHaveValueAsync("| what | cm \\| in |\n| --- | --- |\n| heightoutside | 190 |\n| both |  |\n");
        await Expect(ann.Page.Locator(".uploads li")).ToHaveCountAsync(0);
        await ann.Composer.PressAsync("Control+z");
        await Expect(ann.Composer).ToHaveValueAsync("");

        await ann.Composer.FillAsync("Here:");
        await Paste("a\tb\r\n1\t2\r\n");
        await Expect(ann.Composer).ToHaveValueAsync("Here:\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Messages.Locator("table td")).ToHaveTextAsync(["1", "2"]);

        // A word processor adds a picture, too; what is in code, is one cell or is indented is no table.
        await Paste("Plain words", "<p>Plain <b>words</b></p>", hasPicture: true);
        await Expect(ann.Composer).ToHaveValueAsync("Plain words");
        await ann.Composer.FillAsync("");
        await Paste("190", "<table><tr><td>190</td></tr></table>", hasPicture: true);
        await Expect(ann.Composer).ToHaveValueAsync("190");
        await ann.Composer.FillAsync("```\n");
        Assert.False(await Paste("a\tb\n1\t2"));
        await ann.Composer.FillAsync("");
        Assert.False(await Paste("\tif (x)\n\treturn;"));
        Assert.False(await Paste("Just words"));

        // A picture alone is a file.
        await Paste("", "<img src='x.png'>", hasPicture: true);
        await Expect(ann.Page.Locator(".uploads li")).ToHaveCountAsync(1);

        Task<bool> Paste(string text, string html = "", bool hasPicture = false) => ann.Composer.EvaluateAsync<bool>("""
            (box, [text, html, hasPicture]) => {
              const clipboardData = new DataTransfer();
              if (text) clipboardData.setData('text/plain', text);
              if (html) clipboardData.setData('text/html', html);
              const png = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), (sign) => sign.charCodeAt(0));
              if (hasPicture) clipboardData.items.add(new File([png], 'image.png', { type: 'image/png' }));
              box.focus();
              return !box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
            }
            """, new object[] { text, html, hasPicture });
    }

    [Fact]
    public async Task An_emoji_is_found_by_its_name_first_and_taken_with_Enter_in_the_form_of_the_quick_ones()
    {
        await Post("Ben", "Hello");
        var ann = await Visit("Ann", Room);
        await ann.Press(ann.Message("Hello"), "React with 👍");
        await Expect(ann.Page.Locator("#m1 .reactions button")).ToHaveCountAsync(1);
        foreach (var (sought, found) in new[] { ("heart", "❤️"), ("thumbs up", "👍"), ("rocket", "🚀"), ("tada", "🎉"), ("dog", "🐕") })
        {
            await ann.Press(ann.Message("Hello"), "Add a reaction");
            await ann.Dialog.GetByRole(AriaRole.Searchbox).FillAsync(sought);
            await Expect(ann.Page.Locator(".emoji-all button").First).ToHaveTextAsync(found);
            await ann.Button("Close").ClickAsync();
            await Expect(ann.Dialog).ToHaveCountAsync(0);
        }

        // What the picker takes is what the quick button took: it goes.
        await ann.Press(ann.Message("Hello"), "Add a reaction");
        await ann.Dialog.GetByRole(AriaRole.Searchbox).FillAsync("thumbs up");
        await Expect(ann.Page.Locator(".emoji-all button").First).ToHaveTextAsync("👍");
        await ann.Page.Keyboard.PressAsync("Enter");
        await Expect(ann.Dialog).ToHaveCountAsync(0);
        await Expect(ann.Page.Locator("#m1 .reactions")).ToHaveCountAsync(0);
    }
}
