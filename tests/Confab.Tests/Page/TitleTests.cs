using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Buttons that show no words say what they do.</summary>
public class TitleTests(Chromium chromium) : PageTest(chromium)
{
    // What can be pressed and shows a drawing, and nothing else that says what it is for; the buttons of the emoji show what they do.
    private const string Mute = """
        () => [...document.querySelectorAll('button, a, [role=button]')]
          .filter((button) => button.checkVisibility({ visibilityProperty: true }) && button.querySelector('svg.icon'))
          .filter((button) => {
            const shown = button.cloneNode(true);
            for (const unseen of shown.querySelectorAll('.hidden, svg, .avatar, .count, .narrow-only')) unseen.remove();
            return !/\p{L}/u.test(shown.textContent) || button.matches('.send, .pins');
          })
          .map((button) => [button.title, button.getAttribute('aria-label') ?? button.textContent.trim(), button.outerHTML])
        """;

    [Fact]
    public async Task Every_button_that_shows_a_sign_has_a_name_and_says_it_to_a_pointer_that_rests_there()
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var sent = await Post("Ann", "Hello");
        await Post("Ben", "Hello, Ann", replyTo: sent);
        var ann = await Visit("Ann", $"/rooms/general/{sent}/thread");
        await ann.IsConnected();
        await ann.Page.Locator("input[type=file]").First.SetInputFilesAsync(new FilePayload { Name = "a.txt", MimeType = "text/plain", Buffer = [65] });
        await Expect(ann.Page.Locator(".uploads small")).ToBeVisibleAsync();
        await ann.Press(ann.Page.Locator($"#m{sent}"), "Pin");
        await Expect(ann.Page.Locator(".pins")).ToBeVisibleAsync();
        await ann.Page.Locator($"#m{sent}").HoverAsync();
        await Look();
        await ann.Press(ann.Page.Locator($"#m{sent}"), "Reply");
        await Look();
        await ann.Page.Locator($"#m{sent}").HoverAsync();
        await ann.Button("More actions").ClickAsync();
        await Look();
        await ann.Page.SetViewportSizeAsync(390, 844);
        await Look();
        foreach (var path in new[] { "/rooms/general", "/search", "/settings", "/" })
        {
            await ann.Open(path);
            await ann.IsConnected();
            await Expect(ann.Page.Locator("h1").First).ToBeVisibleAsync();
            await Look();
        }

        Assert.Superset(
            new HashSet<string>
            {
                "Reply (R)", "Open thread (T)", "Edit (E)", "Unpin (P)", "Add a reaction (+)", "More actions", "Close thread (Esc)", "Close (Esc)", "Stop (Esc)", "Send (Enter)",
                "Attach a file", "Emoji", "Mention someone (@)", "Code block", "Remove a.txt", "New room", "Settings", "Search in this room", "Notifications of this room", "1 pinned",
                "Back to the rooms",
            },
            seen);

        async Task Look()
        {
            foreach (var button in await ann.Page.EvaluateAsync<string[][]>(Mute))
            {
                Assert.True(button[0].Length > 0 && button[1].Length > 0 && button[0].StartsWith(button[1], StringComparison.Ordinal), $"\"{button[0]}\" \"{button[1]}\": {button[2]}");
                seen.Add(button[0]);
            }
        }
    }

    [Fact]
    public async Task In_German_the_keys_are_called_as_they_are_there()
    {
        var ann = await Visit("Ann", "/rooms/general", options => options.Locale = "de-DE");
        await Expect(ann.Page.Locator(".room .send")).ToHaveAttributeAsync("title", "Senden (Eingabe)");
    }
}
