using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What was written and not sent is there when one comes back: to the room, after a reload, and beside another window.</summary>
public class DraftTests(Chromium chromium) : PageTest(chromium)
{
    private const string Room = "/rooms/general";

    [Fact]
    public async Task An_edit_under_way_and_what_is_answered_stay_when_one_leaves_the_room_and_loads_the_page_anew()
    {
        await Post("Ann", "Tea at four?");
        await Post("Ben", "Which room?");
        var ann = await Visit("Ann", Room);
        await ann.IsConnected();
        await ann.Composer.FillAsync("A draft");
        await ann.Press(ann.Message("Which room?"), "Reply");
        await ann.Press(ann.Message("Tea at four?"), "Edit");
        await Expect(ann.Composer).ToHaveValueAsync("Tea at four?");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await ann.Composer.FillAsync("Tea at five?");
        await ann.Room("random").ClickAsync();
        await Expect(ann.Composer).ToHaveValueAsync("");
        await ann.Room("general").ClickAsync();
        await Expect(ann.Page.Locator(".composer .mode")).ToContainTextAsync("Editing your message");
        await Expect(ann.Composer).ToHaveValueAsync("Tea at five?");
        await ann.Page.ReloadAsync();
        await Expect(ann.Page.Locator(".composer .mode")).ToContainTextAsync("Editing your message");
        await Expect(ann.Composer).ToHaveValueAsync("Tea at five?");
        await ann.IsConnected();
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Message("Tea at five?").Locator(".edited")).ToBeVisibleAsync();

        await Expect(ann.Composer).ToHaveValueAsync("A draft");
        await Expect(ann.Page.Locator(".composer .mode")).ToContainTextAsync("Replying to BenWhich room?");
        await ann.Page.ReloadAsync();
        await Expect(ann.Page.Locator(".composer .mode")).ToContainTextAsync("Replying to BenWhich room?");
        await ann.Room("random").ClickAsync();
        await ann.Room("general").ClickAsync();
        await Expect(ann.Page.Locator(".composer .mode")).ToContainTextAsync("Replying to BenWhich room?");
        await Expect(ann.Composer).ToHaveValueAsync("A draft");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Message("A draft").Locator(".quote")).ToContainTextAsync("Which room?");
    }

    [Fact]
    public async Task Words_for_a_message_that_was_deleted_meanwhile_go_into_the_box()
    {
        await Post("Ann", "Tea at four?");
        await Post("Ann", "Or not?");
        var (ann, other) = (await Visit("Ann", Room), await Visit("Ann", Room));
        await ann.IsConnected();
        await ann.Composer.FillAsync("A draft");
        await ann.Press(ann.Message("Tea at four?"), "Edit");
        await ann.Composer.FillAsync("Tea at five, in the hall?");
        await Delete("Tea at four?");
        await Expect(ann.Page.Locator(".toast")).ToContainTextAsync("The message was deleted meanwhile. Your text for it is in the message box.");
        await Expect(ann.Page.Locator(".composer .mode")).ToHaveCountAsync(0);
        await Expect(ann.Composer).ToHaveValueAsync("A draft\nTea at five, in the hall?");
        await ann.Button("Close").ClickAsync();
        await ann.Composer.FillAsync("");

        // Also if one is elsewhere.
        await ann.Press(ann.Message("Or not?"), "Edit");
        await ann.Composer.FillAsync("Or rather not?");
        await ann.Room("random").ClickAsync();
        await Delete("Or not?");
        await Expect(ann.Page.Locator(".toast")).ToContainTextAsync("The message was deleted meanwhile.");
        await ann.Room("general").ClickAsync();
        await Expect(ann.Composer).ToHaveValueAsync("Or rather not?");

        async Task Delete(string text)
        {
            await other.Press(other.Message(text), "More actions");
            await other.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
            await other.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        }
    }

    [Fact]
    public async Task An_edit_that_the_server_refuses_since_the_message_is_gone_comes_back_into_the_box()
    {
        await Post("Ann", "Tea at four?");
        var ann = await Visit("Ann", "/settings");
        await ann.Page.RouteWebSocketAsync("**/chat", page =>
        {
            var server = page.ConnectToServer();
            // As if it came a moment too late.
            page.OnMessage(frame => server.Send(frame.Text!.Contains("\"edit\"", StringComparison.Ordinal) ? frame.Text.Replace("\"message\":1", "\"message\":77", StringComparison.Ordinal) : frame.Text));
            server.OnMessage(frame => page.Send(frame.Text!));
        });
        await ann.Open(Room);
        await ann.Press(ann.Message("Tea at four?"), "Edit");
        await ann.Composer.FillAsync("Tea at five?");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Page.Locator(".toast")).ToContainTextAsync("The message was deleted meanwhile.");
        await Expect(ann.Composer).ToHaveValueAsync("Tea at five?");
    }

    [Fact]
    public async Task Files_that_were_not_sent_survive_a_reload_also_those_that_were_not_uploaded()
    {
        var ann = await Visit("Ann", Room);
        await ann.IsConnected();
        await ann.Page.WaitForFunctionAsync("() => navigator.serviceWorker.controller !== null");
        await Pick("first.txt");
        await Expect(ann.Page.Locator(".uploads small")).ToHaveTextAsync("2 bytes");
        ann.MayLoseTheNetwork = true;
        await ann.Page.RouteAsync("**/files?name=second**", _ => Task.CompletedTask);
        await Pick("second.txt");
        await Expect(ann.Page.GetByRole(AriaRole.Progressbar)).ToBeVisibleAsync();
        await ann.Page.UnrouteAsync("**/files?name=second**");
        await ann.Page.ReloadAsync();
        await Expect(ann.Page.Locator(".uploads b")).ToHaveTextAsync(["first.txt", "second.txt"]);
        await Expect(ann.Page.Locator(".uploads small")).ToHaveTextAsync(["2 bytes", "2 bytes"]);

        // Also for whoever closes the window and opens another one; once it is there, it is not uploaded again.
        var window = await ann.Context.NewPageAsync();
        await ann.Page.CloseAsync();
        await window.GotoAsync(Room);
        await Expect(window.Locator(".uploads b")).ToHaveTextAsync(["first.txt", "second.txt"]);
        await window.Locator("textarea#composer").FillAsync("Both");
        await window.Locator("textarea#composer").PressAsync("Enter");
        await Expect(window.Locator(".message[data-id] a.card b")).ToHaveTextAsync(["first.txt", "second.txt"]);
        await Expect(window.Locator(".uploads")).ToHaveCountAsync(0);
        await window.ReloadAsync();
        await Expect(window.Locator(".message[data-id] a.card b")).ToHaveTextAsync(["first.txt", "second.txt"]);
        await Expect(window.Locator(".uploads")).ToHaveCountAsync(0);

        Task Pick(string name) => ann.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/plain", Buffer = [65, 66] });
    }

    [Fact]
    public async Task What_another_window_writes_or_sends_takes_no_draft_away_but_the_same_one()
    {
        var ann = await Visit("Ann", Room);
        await ann.IsConnected();
        await ann.Composer.FillAsync("A long thought");
        var window = await ann.Context.NewPageAsync();
        await window.GotoAsync(Room);
        var box = window.Locator("textarea#composer");
        await Expect(box).ToHaveValueAsync("A long thought");
        await box.FillAsync("");
        await box.FillAsync("Something quick");
        await box.PressAsync("Enter");
        await Expect(ann.Message("Something quick")).ToBeVisibleAsync();
        await Expect(box).ToHaveValueAsync("");
        await Expect(ann.Composer).ToHaveValueAsync("A long thought");
        await ann.Page.ReloadAsync();
        await Expect(ann.Composer).ToHaveValueAsync("A long thought");
        await window.ReloadAsync();
        await Expect(window.Locator(".message")).ToHaveCountAsync(1);
        await Expect(box).ToHaveValueAsync("");

        // A new window has the draft, too. What it sends of it is sent.
        var third = await ann.Context.NewPageAsync();
        await third.GotoAsync(Room);
        await Expect(third.Locator("textarea#composer")).ToHaveValueAsync("A long thought");
        await third.Locator("textarea#composer").PressAsync("Enter");
        await Expect(ann.Message("A long thought")).ToBeVisibleAsync();
        await Expect(ann.Composer).ToHaveValueAsync("");
    }

    [Fact]
    public async Task Two_windows_that_edit_one_message_tell_each_other()
    {
        await Post("Ann", "Tea at four?");
        var ann = await Visit("Ann", Room);
        var window = await ann.Context.NewPageAsync();
        await window.GotoAsync(Room);
        await ann.IsConnected();
        await ann.Press(ann.Message("Tea at four?"), "Edit");
        await Expect(ann.Page.Locator(".composer .mode")).ToHaveTextAsync("Editing your message");
        await window.Locator("textarea#composer").FocusAsync();
        await window.Keyboard.PressAsync("ArrowUp");
        await Expect(window.Locator(".composer .mode")).ToContainTextAsync("Another window is editing it, too.");
        await Expect(ann.Page.Locator(".composer .mode")).ToContainTextAsync("Another window is editing it, too.");
        await ann.Picture("edited-twice");
        await ann.Page.SetViewportSizeAsync(390, 844);
        await ann.Picture("edited-twice-phone");
        await ann.Page.SetViewportSizeAsync(1440, 900);
        await window.Keyboard.PressAsync("Escape");
        await Expect(ann.Page.Locator(".composer .mode")).ToHaveTextAsync("Editing your message");
        await window.Keyboard.PressAsync("ArrowUp");
        await Expect(ann.Page.Locator(".composer .mode")).ToContainTextAsync("Another window is editing it, too.");
        await ann.Composer.FillAsync("Tea at five?");
        await ann.Composer.PressAsync("Enter");
        await Expect(window.Locator(".composer .mode")).ToContainTextAsync("Another window has changed it meanwhile.");
        await window.CloseAsync();
    }

    [Fact]
    public async Task What_another_window_has_sent_is_not_shown_as_being_sent()
    {
        var ann = await Visit("Ann", Room);
        await ann.IsConnected();
        // It is in the store when the page begins, and gone when the client looks: another window was quicker.
        await ann.Page.EvaluateAsync("""
            () => new Promise((resolve) => {
              const opening = indexedDB.open('confab');
              opening.onsuccess = () => {
                const writing = opening.result.transaction('outbox', 'readwrite');
                writing.objectStore('outbox').add({ type: 'message', id: 'x', room: 'general', content: 'Once', username: 'Ann' });
                writing.oncomplete = () => { opening.result.close(); resolve(true); };
              };
            })
            """);
        await ann.Page.AddInitScriptAsync("""
            const { getAll } = IDBObjectStore.prototype;
            let readings = 0;
            IDBObjectStore.prototype.getAll = function (...given) {
              return this.name === 'outbox' && readings++ > 0 ? getAll.call(this, IDBKeyRange.only(-1)) : getAll.apply(this, given);
            };
            """);
        await ann.Page.ReloadAsync();
        await Expect(ann.Message("Once").And(ann.Page.Locator("[data-id]"))).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".outgoing")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_refused_message_that_one_window_discards_is_gone_in_the_other()
    {
        var ann = await Visit("Ann", Room);
        await ann.IsConnected();
        await ann.Page.EvaluateAsync("""
            () => new Promise((resolve) => {
              const opening = indexedDB.open('confab');
              opening.onsuccess = () => {
                const writing = opening.result.transaction('failed', 'readwrite');
                writing.objectStore('failed').add({ id: 'x', room: 'general', content: 'Refused', attachments: [], code: 'too_long', at: 1 });
                writing.oncomplete = () => { opening.result.close(); resolve(true); };
              };
            })
            """);
        await ann.Page.ReloadAsync();
        var window = await ann.Context.NewPageAsync();
        await window.GotoAsync(Room);
        await Expect(window.Locator(".failed")).ToContainTextAsync("Refused");
        await Expect(ann.Page.Locator(".failed")).ToContainTextAsync("Refused");
        await ann.Button("Discard").ClickAsync();
        await Expect(window.Locator(".failed")).ToHaveCountAsync(0);
    }
}
