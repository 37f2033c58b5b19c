using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Every view, as it looks and as axe-core judges it; the pictures go to <c>artifacts/screens</c>.</summary>
public class ViewTests(Chromium chromium) : PageTest(chromium)
{
    private const int DesktopWidth = 1440, PhoneWidth = 390;

    private readonly List<string> _violations = [];
    private string _look = "";

    protected override string[]? Options => null;

    [Theory]
    [InlineData(ColorScheme.Light, DesktopWidth)]
    [InlineData(ColorScheme.Dark, DesktopWidth)]
    [InlineData(ColorScheme.Light, PhoneWidth)]
    [InlineData(ColorScheme.Dark, PhoneWidth)]
    public async Task No_view_has_anything_that_keeps_somebody_out(ColorScheme scheme, int width)
    {
        var server = Outlives(await ChildServer.Start(ChildServer.NewDirectory(), "--name=Fernhill", "--Confab:Limits:ContentBytes=400", "--Confab:Files:MaxBytes=200000", "--Confab:Files:MaxPerMessage=2"));
        var isPhone = width == PhoneWidth;
        _look = $"{(isPhone ? "phone" : "desktop")}-{scheme.ToString().ToLowerInvariant()}";
        void Like(BrowserNewContextOptions options)
        {
            options.ColorScheme = scheme;
            options.ViewportSize = new() { Width = width, Height = isPhone ? 844 : 900 };
            (options.HasTouch, options.IsMobile) = (isPhone, isPhone);
        }

        var place = server.Http.BaseAddress!;
        var visitor = await Visit(place, name: null, "/", Like);
        await See(visitor, "welcome");
        await visitor.Button("Start talking").ClickAsync();
        await See(visitor, "welcome-refused");

        var ann = await Visit(place, "Ann", "/rooms/random", Like);
        await Expect(ann.Page.GetByText("This is the start of #random")).ToBeVisibleAsync();
        await ann.IsConnected();
        await See(ann, "empty");
        await Scene.Talk(server.Http);
        await Scene.Post(server.Http, "Tom Oyelaran", "Does anybody read this?", "tech");
        await ann.Page.EvaluateAsync("() => document.fonts.ready.then(() => true)");
        if (isPhone)
        {
            await ann.Page.Locator(".back").ClickAsync();
            await Expect(ann.Room("tech").Locator(".count")).ToBeVisibleAsync();
            await See(ann, "list");
        }

        await ann.Room("general").ClickAsync();
        await Expect(ann.Page.Locator(".new")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".hljs-keyword").First).ToBeAttachedAsync();
        await See(ann, "conversation-new");
        await ann.Messages.Last.ScrollIntoViewIfNeededAsync();
        await Expect(ann.Button("Show hall.png").Locator("img")).ToHaveJSPropertyAsync("complete", true);
        await See(ann, "conversation");
        await ann.Messages.Last.FocusAsync();
        await Expect(ann.Page.Locator(".actions")).ToBeVisibleAsync();
        await See(ann, "actions");
        await ann.Button("Pin").ClickAsync();
        await InDialog(ann, "pins", () => ann.Button("1 pinned").ClickAsync(), () => Expect(ann.Dialog.GetByRole(AriaRole.Link)).ToHaveCountAsync(1));
        await ann.Messages.Last.FocusAsync();
        await ann.Button("Reply").Last.ClickAsync();
        await ann.Composer.FillAsync("@");
        await Expect(ann.Page.GetByRole(AriaRole.Listbox)).ToBeVisibleAsync();
        await See(ann, "reply-and-mention");
        await ann.Composer.FillAsync("");
        await ann.Composer.PressAsync("Escape");

        await InDialog(ann, "jump", () => ann.Page.Keyboard.PressAsync("Control+k"));
        await InDialog(ann, "keys", () => ann.Page.Keyboard.PressAsync("Control+/"));
        await InDialog(ann, "emoji", () => ann.Button("Emoji").ClickAsync(), () => Expect(ann.Page.Locator(".emoji-all button").First).ToBeVisibleAsync());
        await InDialog(ann, "lightbox", () => ann.Button("Show hall.png").ClickAsync(), () => Expect(ann.Page.Locator("img.full")).ToHaveJSPropertyAsync("complete", true));
        await InDialog(ann, "level", () => ann.Button("Notifications of this room").ClickAsync());
        if (isPhone)
        {
            await InDialog(ann, "about", () => ann.Button("About this room").ClickAsync());
            await InDialog(ann, "topic", () => ann.Button("About this room").ClickAsync(), () => ann.Button("Add a topic").ClickAsync());
            await ann.Page.Locator(".back").ClickAsync();
            await InDialog(ann, "room", () => ann.Button("New room").ClickAsync());
            await ann.Room("general").ClickAsync();
        }
        else
        {
            await InDialog(ann, "people", () => ann.Page.Locator(".people").ClickAsync());
            await InDialog(ann, "topic", () => ann.Button("Add a topic").ClickAsync());
            await InDialog(ann, "room", () => ann.Button("New room").ClickAsync());
        }

        await ann.Page.Locator(".stem").ClickAsync();
        await Expect(ann.Page.Locator(".thread .message")).ToHaveCountAsync(2);
        await Expect(ann.Page.Locator(".thread-count")).ToHaveTextAsync("1 reply");
        await ann.Page.Locator(".thread .message").Last.FocusAsync();
        await See(ann, "thread");
        if (!isPhone)
        {
            await ann.Page.SetViewportSizeAsync(1000, 800);
            await See(ann, "thread-over");
            await ann.Page.SetViewportSizeAsync(width, 900);
        }

        await ann.Button("Close thread").ClickAsync();
        await Expect(ann.Page.Locator(".thread")).ToHaveCountAsync(0);
        await ann.Message("Then I come").FocusAsync();
        await InDialog(ann, "more", () => ann.Button("More actions").ClickAsync());
        await InDialog(ann, "delete", () => ann.Button("More actions").ClickAsync(), () => ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync());

        // White space to the server, but not to the page, so that it is sent and refused.
        await ann.Composer.FillAsync("\u0085");
        await ann.Button("Send").ClickAsync();
        await Expect(ann.Page.Locator(".failed")).ToContainTextAsync("Not sent: there is nothing in it");
        await ann.Composer.FillAsync(new string('x', 401));
        await Expect(ann.Page.Locator(".composer .over")).ToHaveTextAsync("1 byte too many");
        await Expect(ann.Button("Send")).ToHaveAttributeAsync("aria-disabled", "true");
        await ann.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "list.txt", MimeType = "text/plain", Buffer = [65, 66] });
        await Expect(ann.Page.Locator(".uploads small")).ToBeVisibleAsync();
        await ann.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "film.bin", MimeType = "application/octet-stream", Buffer = new byte[200_001] });
        await Expect(ann.Page.Locator(".uploads .bad")).ToBeVisibleAsync();
        await See(ann, "failed-and-upload");
        await ann.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "more.txt", MimeType = "text/plain", Buffer = [65, 66] });
        await Expect(ann.Page.Locator(".toast")).ToBeVisibleAsync();
        await ann.Page.Locator(".dock").EvaluateAsync("dock => { const data = new DataTransfer(); data.items.add(new File(['a'], 'a.txt')); dock.dispatchEvent(new DragEvent('dragover', { bubbles: true, cancelable: true, dataTransfer: data })); }");
        await Expect(ann.Page.Locator(".room .drop")).ToBeVisibleAsync();
        await See(ann, "toast-and-drop");

        await Wait.Until("the search to find it", async () => (await server.Http.GetStringAsync(new Uri("/api/search?q=shelves", UriKind.Relative), TestContext.Current.CancellationToken)).Contains("Thursday", StringComparison.Ordinal));
        await ann.Open("/search?q=shelves");
        await Expect(ann.Page.Locator(".results mark").First).ToBeVisibleAsync();
        await See(ann, "search");
        await ann.Page.GetByRole(AriaRole.Searchbox).FillAsync("nobody said this");
        await Expect(ann.Page.GetByText("No results.")).ToBeVisibleAsync();
        await See(ann, "search-empty");
        await ann.Open("/settings");
        await Expect(ann.Page.GetByText("Notify me about")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".level")).ToHaveCountAsync(4);
        await See(ann, "settings");
        await ann.Open("/rooms/nowhere");
        await Expect(ann.Page.GetByText("There is no room nowhere.")).ToBeVisibleAsync();
        await See(ann, "missing");

        await ann.Open("/rooms/general");
        await Expect(ann.Page.Locator(".failed")).ToBeVisibleAsync();
        ann.MayLoseTheNetwork = visitor.MayLoseTheNetwork = true;
        await server.Kill();
        await Expect(ann.Page.Locator(".strip")).ToBeVisibleAsync();
        await ann.Write("Then nobody hears this for now");
        await Expect(ann.Page.Locator(".strip")).ToContainTextAsync("will be sent");
        await See(ann, "offline");
        Assert.True(_violations.Count == 0, string.Join('\n', _violations));
    }

    private async Task InDialog(Person person, string name, Func<Task> open, Func<Task>? isReady = null)
    {
        await open();
        await Expect(person.Dialog).ToBeVisibleAsync();
        if (isReady is not null)
            await isReady();
        await See(person, name);
        await person.Page.Keyboard.PressAsync("Escape");
        await Expect(person.Dialog).ToHaveCountAsync(0);
    }

    private async Task See(Person person, string name)
    {
        await person.Picture($"{name}-{_look}");
        _violations.AddRange((await person.Violations()).Select(violation => $"{name}-{_look}: {violation}"));

        Assert.Equal(0, await person.Page.EvaluateAsync<int>("() => document.scrollingElement.scrollLeft + Math.max(0, document.scrollingElement.scrollWidth - innerWidth)"));
    }
}
