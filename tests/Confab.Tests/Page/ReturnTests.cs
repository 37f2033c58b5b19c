using System.Collections.Concurrent;
using Confab.Tests.Client;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Somebody was away: what was missed is found where one left off, whole and once.</summary>
public class ReturnTests(Chromium chromium) : PageTest(chromium)
{
    private bool _isCut;

    [Fact]
    public async Task What_was_read_without_a_connection_is_read_everywhere_also_after_a_reload()
    {
        await Post("Ben", "Before", "random");
        var isCut = false;
        var wire = Outlives(new Wire(() => isCut ? 1 : Server.EndPoint.Port));
        var ann = await Visit(new UriBuilder(wire.Chat) { Scheme = "http", Path = "" }.Uri, "Ann", "/rooms/general");
        ann.MayLoseTheNetwork = true;
        await ann.IsConnected();
        await ann.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");
        await Post("Ben", "To be read in the tunnel", "random");
        await Expect(ann.Room("random").Locator(".count")).ToBeVisibleAsync();
        await ann.Keeps("random", 1);
        isCut = true;
        wire.Cut();
        await Expect(ann.Page.Locator(".app.is-offline")).ToBeVisibleAsync();
        await ann.Room("random").ClickAsync();
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Room("random").Locator(".count")).ToHaveCountAsync(0);
        await Wait.Until("it to be kept", () => ann.Page.EvaluateAsync<bool>("""
            () => new Promise((resolve) => {
              const opening = indexedDB.open('confab');
              opening.onsuccess = () => {
                const reading = opening.result.transaction('rooms').objectStore('rooms').get('random');
                reading.onsuccess = () => { opening.result.close(); resolve(reading.result?.read === 2); };
              };
            })
            """));
        await ann.Page.ReloadAsync();
        await Expect(ann.Message("To be read in the tunnel")).ToBeVisibleAsync();
        isCut = false;
        await ann.Page.EvaluateAsync("() => dispatchEvent(new Event('online'))");
        await ann.IsConnected();
        var phone = await Visit("Ann", "/rooms/tech");
        await Wait.Until("the server to know", async () =>
        {
            await phone.IsConnected();
            if (await phone.Room("random").Locator(".count").CountAsync() == 0)
                return true;
            await phone.Page.ReloadAsync();
            return false;
        });
    }

    [Fact]
    public async Task What_is_unread_is_counted_in_full_after_a_reload_and_anew_after_reading_elsewhere()
    {
        await Post("Ben", "Before", "random");
        var (ann, wire) = await VisitByWire("/rooms/general");
        await Expect(ann.Room("random")).ToContainTextAsync("Ben: Before");
        await ann.IsConnected();
        for (var i = 1; i <= 120; i++)
            await Post("Ben", $"Message {i}", "random");
        await Expect(ann.Room("random").Locator(".count")).ToContainTextAsync("100+");

        // Somewhere else they are counted over HTTP, and nothing of the room itself is kept.
        var other = await Visit("Ann", "/rooms/general");
        await Expect(other.Room("random").Locator(".count")).ToContainTextAsync("100+");
        await other.Keeps("random", 0);
        await other.Page.ReloadAsync();
        await Expect(other.Room("random").Locator(".count")).ToContainTextAsync("100+");
        await other.Room("random").ClickAsync();
        await Expect(other.Page.Locator(".new")).ToBeInViewportAsync();
        await Expect(other.Message("Message 1").First).ToBeInViewportAsync();
        await other.Page.Keyboard.PressAsync("Escape");
        await other.Say("Read");

        wire.Cut();
        await Expect(ann.Room("random").Locator(".count")).ToHaveCountAsync(0);
        await Post("Ben", "After", "random");
        await Expect(ann.Room("random").Locator(".count .hidden")).ToHaveTextAsync("1 unread message");
    }

    [Fact]
    public async Task What_was_missed_stands_below_a_line_and_is_not_read_before_one_sees_its_end()
    {
        await Post("Ben", "Before");
        var (ann, wire) = await VisitByWire("/rooms/general");
        await Expect(ann.Message("Before")).ToBeVisibleAsync();
        await ann.IsConnected();
        await Cut(ann, wire);
        for (var i = 1; i <= 40; i++)
            await Post(i % 2 == 0 ? "Ben" : "Cleo", $"Missed {i}.");
        await Restore(ann);

        await Expect(ann.Message("Missed 40.")).ToBeAttachedAsync();
        await Expect(ann.Page.Locator(".new")).ToContainTextAsync("40 new since");
        await Expect(ann.Page.Locator(".new")).ToBeInViewportAsync();
        await Expect(ann.Message("Missed 40.")).Not.ToBeInViewportAsync();
        await Expect(ann.Room("general").Locator(".count .hidden")).ToHaveTextAsync("40 unread messages");
        await ann.Page.Keyboard.PressAsync("Escape");
        await ann.Button("Jump to the latest").ClickAsync();
        await Expect(ann.Message("Missed 40.")).ToBeInViewportAsync();
        await Expect(ann.Room("general").Locator(".count")).ToHaveCountAsync(0);

        // When nothing was missed, what comes next is read as before.
        await Cut(ann, wire);
        await Wait.Until("Ann to be gone", async () => (await Server.Room("general")).Number("present") == 0);
        await Restore(ann);
        await Wait.Until("Ann to be back", async () => (await Server.Room("general")).Number("present") == 1);
        await Post("Ben", "Live again");
        await Expect(ann.Message("Live again")).ToBeInViewportAsync();
        await Expect(ann.Room("general").Locator(".count")).ToHaveCountAsync(0);
        await Expect(ann.Page.Locator(".new")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Little_that_was_missed_is_seen_at_once_below_its_line()
    {
        for (var i = 1; i <= 30; i++)
            await Post("Ben", $"Before {i}.");
        var (ann, wire) = await VisitByWire("/rooms/general");
        await Expect(ann.Message("Before 30.")).ToBeInViewportAsync();
        await ann.IsConnected();
        await Cut(ann, wire);
        await Post("Ben", "Missed");
        await Restore(ann);
        await Expect(ann.Message("Missed")).ToBeInViewportAsync(new() { Ratio = 1 });
        await Expect(ann.Page.Locator(".new")).ToContainTextAsync("1 new since");
        await Expect(ann.Page.Locator(".new")).ToBeInViewportAsync();
        await Expect(ann.Room("general").Locator(".count")).ToHaveCountAsync(0);
        await Post("Ben", "Live again");
        await Expect(ann.Message("Live again")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task What_was_missed_does_not_take_one_along_to_its_end_when_it_comes_in_parts()
    {
        var (ann, wire) = await VisitByWire("/rooms/general");
        var (isHeld, held) = (true, new ConcurrentQueue<Action>());
        await ann.Page.RouteWebSocketAsync("**/chat", page =>
        {
            var server = page.ConnectToServer();
            server.OnMessage(frame =>
            {
                if (isHeld && frame.Text?.Contains("Missed", StringComparison.Ordinal) == true && !frame.Text.Contains("Missed 1.", StringComparison.Ordinal))
                    held.Enqueue(() => page.Send(frame.Text));
                else
                    page.Send(frame.Text!);
            });
        });
        await ann.Page.ReloadAsync();
        await ann.Say("Before");
        await Cut(ann, wire);
        for (var i = 1; i <= 40; i++)
            await Post("Ben", $"Missed {i}.");
        await Restore(ann);

        await Expect(ann.Message("Missed 1.")).ToBeInViewportAsync();
        await Wait.Until("39 frames to be held", () => held.Count == 39);
        isHeld = false;
        foreach (var send in held)
            send();
        await Expect(ann.Message("Missed 40.")).ToBeAttachedAsync();
        await Expect(ann.Page.Locator(".new")).ToBeInViewportAsync();
        await Expect(ann.Message("Missed 40.")).Not.ToBeInViewportAsync();
        await Expect(ann.Room("general").Locator(".count .hidden")).ToHaveTextAsync("40 unread messages");
    }

    [Fact]
    public async Task After_a_long_absence_what_was_missed_begins_where_one_left_off()
    {
        var (ann, wire) = await VisitByWire("/rooms/general");
        await ann.Say("Before");
        await Cut(ann, wire);
        await MuchHappens();
        await Restore(ann);
        await Expect(ann.Page.Locator(".new")).ToContainTextAsync("New since");
        await Expect(ann.Page.Locator(".new")).ToBeInViewportAsync();
        await Expect(ann.Message("Before")).ToBeInViewportAsync();
        await Expect(ann.Room("general").Locator(".count")).ToHaveTextAsync("100+100 unread messages and more");
    }

    [Fact]
    public async Task After_a_long_absence_a_room_of_which_nothing_was_read_begins_with_its_first_message_asked_for_once()
    {
        var (ann, wire) = await VisitByWire("/rooms/general");
        await Expect(ann.Page.GetByText("This is the start of #general")).ToBeVisibleAsync();
        await ann.IsConnected();
        await Cut(ann, wire);
        await MuchHappens();
        var asked = 0;
        ann.Page.Request += (_, request) => asked += request.Url.EndsWith("/messages?after=0&limit=25", StringComparison.Ordinal) ? 1 : 0;
        await Restore(ann);
        await Expect(ann.Page.Locator("#m1")).ToBeInViewportAsync();
        await Expect(ann.Page.Locator(".new")).ToBeInViewportAsync();
        // What is asked for next comes after all that was asked for at first.
        await ann.Page.Locator(".latest").ClickAsync();
        await Expect(ann.Page.Locator("#m310")).ToBeInViewportAsync();
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task After_a_long_absence_what_waited_to_be_sent_is_there_once()
    {
        var (ann, wire) = await VisitByWire("/rooms/general");
        await ann.IsConnected();
        await ann.Say("Before");
        await Cut(ann, wire);
        await ann.Write("It waited");
        await MuchHappens();
        await Restore(ann);
        await Expect(ann.Page.Locator(".new")).ToBeInViewportAsync();
        await ann.Page.Locator(".latest").ClickAsync();
        await Expect(ann.Page.Locator(".message[data-id]").Filter(new() { HasText = "It waited" })).ToHaveCountAsync(1);
        await Expect(ann.Page.Locator(".outgoing")).ToHaveCountAsync(0);
        await ann.Say("After");
        await Expect(ann.Message("It waited")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Without_a_network_a_room_opens_with_its_newest_messages_whatever_one_looked_at_before()
    {
        for (var i = 1; i <= 120; i++)
            await Post("Ben", $"Message {i}.");
        var (ann, wire) = await VisitByWire("/rooms/general/5");
        await Expect(ann.Message("Message 5.")).ToBeInViewportAsync();
        await ann.IsConnected();
        await ann.Room("random").ClickAsync();
        await Expect(ann.Page.GetByText("This is the start of #random")).ToBeVisibleAsync();
        await Cut(ann, wire);
        await ann.Room("general").ClickAsync();
        await Expect(ann.Message("Message 120.")).ToBeInViewportAsync();
        // What is older cannot be had now, which is said where it would be.
        await Expect(ann.Page.GetByText("could not be loaded")).Not.ToBeInViewportAsync();
    }

    [Fact]
    public async Task Without_a_network_a_thread_says_so_where_no_room_is_beside_it()
    {
        await Post("Ben", "Anybody?");
        var (ann, wire) = await VisitByWire("/rooms/general/1/thread");
        await ann.IsConnected();
        var box = ann.Page.Locator("#thread-composer");
        await Expect(box).ToBeVisibleAsync();
        await Cut(ann, wire);
        await box.FillAsync("On my way");
        await box.PressAsync("Enter");
        await Expect(ann.Page.Locator(".room .strip")).ToContainTextAsync("1 message will be sent");
        await Expect(ann.Page.Locator(".thread .strip")).ToBeHiddenAsync();
        await ann.Page.SetViewportSizeAsync(390, 844);
        await Expect(ann.Page.Locator(".thread .strip")).ToContainTextAsync("1 message will be sent");
        await Expect(ann.Page.Locator(".thread .strip")).ToBeVisibleAsync();
        await ann.Picture("thread-offline-phone");
    }

    [Fact]
    public async Task Without_a_network_one_gets_from_deep_in_the_history_to_the_latest()
    {
        for (var i = 1; i <= 120; i++)
            await Post("Ben", $"Message {i}.");
        var (ann, wire) = await VisitByWire("/rooms/general/5");
        await Expect(ann.Message("Message 5.")).ToBeInViewportAsync();
        await Expect(ann.Room("general")).ToContainTextAsync("Ben: Message 120.");
        await Cut(ann, wire);
        await ann.Button("Jump to the latest").ClickAsync();
        await Expect(ann.Message("Message 120.")).ToBeInViewportAsync();
        await Expect(ann.Message("Message 96.")).ToBeAttachedAsync();
    }

    // More than a page that comes back asks for.
    private async Task MuchHappens()
    {
        foreach (var some in Enumerable.Range(1, 310).Chunk(31))
            await Task.WhenAll(some.Select(i => Post("Ben", $"Meanwhile {i}")));
    }

    private async Task<(Person Ann, Wire Wire)> VisitByWire(string path)
    {
        var wire = Outlives(new Wire(() => _isCut ? 1 : Server.EndPoint.Port));
        var ann = await Visit(new UriBuilder(wire.Chat) { Scheme = "http", Path = "" }.Uri, "Ann", path);
        ann.MayLoseTheNetwork = true;
        return (ann, wire);
    }

    private async Task Cut(Person person, Wire wire)
    {
        _isCut = true;
        wire.Cut();
        await Expect(person.Page.Locator(".app.is-offline")).ToBeVisibleAsync();
    }

    // As a laptop that wakes up: the page tries at once.
    private async Task Restore(Person person)
    {
        _isCut = false;
        await person.Page.EvaluateAsync("() => dispatchEvent(new Event('online'))");
        await person.IsConnected();
    }

    [Fact]
    public async Task Whoever_goes_back_leaves_a_dialog_behind()
    {
        await Post("Ben", "Hello");
        var ann = await Visit("Ann", "/rooms/random");
        await ann.IsConnected();
        await ann.Room("general").ClickAsync();
        await Expect(ann.Message("Hello")).ToBeVisibleAsync();
        foreach (var open in new[] { () => ann.Page.Keyboard.PressAsync("Control+k"), () => ann.Press(ann.Page.Locator("#m1"), "More actions") })
        {
            await open();
            await Expect(ann.Dialog).ToBeVisibleAsync();
            await ann.Page.GoBackAsync();
            await Expect(ann.Dialog).ToHaveCountAsync(0);
            await ann.Page.GoForwardAsync();
            await Expect(ann.Message("Hello")).ToBeVisibleAsync();
            await Expect(ann.Dialog).ToHaveCountAsync(0);
        }
    }
}
