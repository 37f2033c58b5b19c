using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Everything can be done without a pointer.</summary>
public class KeyTests(Chromium chromium) : PageTest(chromium)
{
    [Theory]
    [InlineData("к", "л")] // Russian
    [InlineData("ρ", "κ")] // Greek
    public async Task Where_a_layout_has_other_letters_the_place_of_a_key_counts(string r, string k)
    {
        await Post("Ben", "Hello");
        var ann = await Visit("Ann", "/rooms/general");
        await ann.Page.Locator("#m1").FocusAsync();
        var keyboard = await ann.Context.NewCDPSessionAsync(ann.Page);
        await Press(r, "KeyR", 0);
        await Expect(ann.Page.Locator(".mode")).ToContainTextAsync("Replying to Ben");
        await Press(k, "KeyK", 2);
        await Expect(ann.Dialog).ToBeVisibleAsync();

        async Task Press(string key, string code, int modifiers)
        {
            await keyboard.SendAsync("Input.dispatchKeyEvent", new() { ["type"] = "rawKeyDown", ["key"] = key, ["code"] = code, ["modifiers"] = modifiers });
            await keyboard.SendAsync("Input.dispatchKeyEvent", new() { ["type"] = "keyUp", ["key"] = key, ["code"] = code, ["modifiers"] = modifiers });
        }
    }

    [Fact]
    public async Task The_list_of_keys_names_those_that_are_proved_here()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await ann.Page.Keyboard.PressAsync("Control+/");
        await Expect(ann.Dialog).ToBeVisibleAsync();
        var listed = await ann.Dialog.Locator("dd > span").EvaluateAllAsync<string[]>("all => all.map(one => [...one.querySelectorAll('kbd')].map(key => key.textContent).join('+'))");
        Assert.Equal(["Ctrl+K", "Alt+↑", "Alt+↓", "Alt+Shift+↑", "Alt+Shift+↓", "↑", "↑", "↓", "k", "j", "r", "t", "e", "+", "p", "Home", "End", "Esc", "F6", "Ctrl+/"], listed);
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Composer).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Keys_lead_from_room_to_room_and_from_region_to_region()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await ann.IsConnected();
        await Expect(ann.Room("tech")).ToBeVisibleAsync();
        await Press(ann, "Alt+ArrowDown");
        await Expect(ann.Page).ToHaveURLAsync("/rooms/random");
        await Press(ann, "Alt+ArrowUp");
        await Expect(ann.Page).ToHaveURLAsync("/rooms/general");
        await Post("Ben", "Hello", "tech");
        await Expect(ann.Room("tech").Locator(".count")).ToBeVisibleAsync();
        await Press(ann, "Alt+Shift+ArrowDown");
        await Expect(ann.Page).ToHaveURLAsync("/rooms/tech");
        await Post("Ben", "Hello", "random");
        await Expect(ann.Room("random").Locator(".count")).ToBeVisibleAsync();
        await Press(ann, "Alt+Shift+ArrowUp");
        await Expect(ann.Page).ToHaveURLAsync("/rooms/random");
        await Expect(ann.Composer).ToBeFocusedAsync();

        foreach (var region in new[] { ann.Room("random"), ann.Feed, ann.Composer })
        {
            await Press(ann, "F6");
            await Expect(region).ToBeFocusedAsync();
        }

        await Press(ann, "Shift+F6");
        await Expect(ann.Feed).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Keys_lead_from_message_to_message_and_do_what_can_be_done_there()
    {
        for (var i = 1; i <= 120; i++)
            await Post("Ben", $"Message {i}");
        await Post("Ann", "Mine");
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Message("Mine")).ToBeInViewportAsync();
        await Expect(ann.Composer).ToBeFocusedAsync();
        await Press(ann, "ArrowUp");
        await Expect(ann.Composer).ToHaveValueAsync("Mine");
        await Press(ann, "Escape");
        await Expect(ann.Composer).ToHaveValueAsync("");

        await Press(ann, "Shift+F6");
        await Expect(ann.Feed).ToBeFocusedAsync();
        foreach (var (key, id) in new[] { ("ArrowUp", 121), ("ArrowUp", 120), ("k", 119), ("j", 120), ("ArrowDown", 121) })
        {
            await Press(ann, key);
            await Expect(ann.Page.Locator($"#m{id}")).ToBeFocusedAsync();
            await Expect(ann.Page.Locator($"#m{id} .actions")).ToBeVisibleAsync();
        }

        await Press(ann, "e");
        await Expect(ann.Composer).ToHaveValueAsync("Mine");
        await Expect(ann.Page.Locator(".composer .mode")).ToContainTextAsync("Editing your message");
        await Press(ann, "Escape");
        await Press(ann, "Shift+F6");
        await Press(ann, "k");
        await Press(ann, "k");
        await Expect(ann.Page.Locator("#m120")).ToBeFocusedAsync();
        await Press(ann, "r");
        await Expect(ann.Page.Locator(".composer .mode")).ToContainTextAsync("Replying to Ben");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await Press(ann, "Escape");
        await Press(ann, "Shift+F6");
        await Press(ann, "k");
        await Expect(ann.Page.Locator("#m121")).ToBeFocusedAsync();
        await Press(ann, "+");
        await Expect(ann.Page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await Press(ann, "Escape");
        await Expect(ann.Page.Locator("#m121")).ToBeFocusedAsync();

        await Press(ann, "Home");
        await Expect(ann.Page.Locator("#m1")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator("#m1")).ToBeInViewportAsync();
        await Press(ann, "End");
        await Expect(ann.Page.Locator("#m121")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator("#m121")).ToBeInViewportAsync();
        await Press(ann, "Escape");
        await Expect(ann.Composer).ToBeFocusedAsync();
    }

    [Fact]
    public async Task What_plays_or_scrolls_keeps_its_own_arrows()
    {
        await Post("Ben", "Before");
        await Post("Ben", "```\nlet it = 'be';\n```");
        var ann = await Visit("Ann", "/rooms/general");
        var code = ann.Page.Locator("#m2 pre");
        await code.FocusAsync();
        foreach (var key in new[] { "ArrowUp", "ArrowDown", "Home", "End" })
        {
            await Press(ann, key);
            await Expect(code).ToBeFocusedAsync();
        }

        await Press(ann, "Escape");
        await Expect(ann.Composer).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Everything_is_reached_with_Tab()
    {
        await Post("Ben", "Hello");
        var ann = await Visit("Ann", "/rooms/general");
        await ann.Page.Locator("#m1").FocusAsync();
        await Expect(ann.Page.Locator("#m1 .actions")).ToBeVisibleAsync();
        Assert.Equal(
            [
                "React with 👍", "React with ❤️", "React with 🎉", "Add a reaction", "Reply", "Open thread", "Pin", "More actions",
                "Message general", "Attach a file", "Emoji", "Mention someone", "Code block", "Send",
            ],
            await Tab(ann, 14));
        await ann.Page.ReloadAsync();
        await ann.IsConnected();
        await Expect(ann.Composer).ToBeFocusedAsync();
        await ann.Page.EvaluateAsync("() => document.activeElement.blur()");
        await ann.Page.Locator(".skip").FocusAsync();
        Assert.Equal(
            [
                "New room", "Jump or search", "general", "random", "tech", "Settings",
                "About this room", "Add a topic", "Who is here", "Notifications of this room", "Search in this room", "Messages in general", "Message general",
            ],
            await Tab(ann, 13));
        await ann.Page.Locator(".skip").FocusAsync();
        await Press(ann, "Enter");
        await Expect(ann.Composer).ToBeFocusedAsync();
    }

    [Fact]
    public async Task The_focus_is_never_lost()
    {
        await Post("Ann", "Hello");
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Composer).ToBeFocusedAsync();
        foreach (var button in new[] { ann.Button("New room"), ann.Button("Jump or search"), ann.Button("Add a topic"), ann.Page.Locator(".people"), ann.Button("Notifications of this room"), ann.Button("Emoji") })
        {
            await button.FocusAsync();
            await Press(ann, "Enter");
            await Expect(ann.Dialog).ToBeVisibleAsync();
            await Press(ann, "Escape");
            await Expect(ann.Dialog).ToHaveCountAsync(0);
            await Expect(button).ToBeFocusedAsync();
        }

        await ann.Composer.FocusAsync();
        await Press(ann, "Control+k");
        await Expect(ann.Dialog).ToBeVisibleAsync();
        await Press(ann, "Escape");
        await Expect(ann.Dialog).ToHaveCountAsync(0);
        await Expect(ann.Composer).ToBeFocusedAsync();

        // A room that becomes unread moves up in the list.
        await ann.Room("tech").FocusAsync();
        await Post("Ben", "Hello", "tech");
        await Expect(ann.Page.Locator(".rooms ul").First).ToContainTextAsync("tech");
        await Expect(ann.Page.Locator(".rooms ul").First).Not.ToContainTextAsync("general");
        await Expect(ann.Room("tech")).ToBeFocusedAsync();

        // What was deleted has no button any more that the focus could go back to.
        await ann.Page.Locator("#m1").FocusAsync();
        await ann.Page.Locator("#m1").GetByRole(AriaRole.Button, new() { Name = "More actions" }).FocusAsync();
        await Press(ann, "Enter");
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).PressAsync("Enter");
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).PressAsync("Enter");
        await Expect(ann.Page.Locator("#m1")).ToContainTextAsync("This message was deleted.");
        await Expect(ann.Page.Locator("#m1")).ToBeFocusedAsync();
    }

    private static Task Press(Person person, string key) => person.Page.Keyboard.PressAsync(key);

    // By its name, or what it says first.
    private static async Task<List<string>> Tab(Person person, int times)
    {
        var names = new List<string>();
        for (var i = 0; i < times; i++)
        {
            await Press(person, "Tab");
            names.Add(await person.Page.EvaluateAsync<string>("() => { const { activeElement: at } = document; return (at.ariaLabel ?? at.querySelector('.name')?.firstChild.data ?? at.innerText).split(/[:\\n]/)[0].trim(); }"));
        }

        return names;
    }
}
