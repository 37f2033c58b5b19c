using Confab.Tests.Proofs;
using Confab.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What one has missed.</summary>
public class UnreadTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task What_was_missed_is_counted_and_stands_below_a_line_that_stays()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Room("random")).ToBeVisibleAsync();
        await ann.IsConnected();
        await Post("Ben", "Before anything", "random");
        await Post("Ben", "@Ann are you there?", "random");
        await Post("Ben", "@Anna is not meant, nor is ann@example.org", "random");
        await Expect(ann.Room("random").Locator(".count .hidden")).ToHaveTextAsync("1 mention, 3 unread messages");
        await Expect(ann.Page.Locator(".rooms h2").First).ToHaveTextAsync("Catch up");
        await Expect(ann.Page).ToHaveTitleAsync("(1) #general · Confab");

        await ann.Room("random").ClickAsync();
        var line = ann.Page.Locator(".new");
        await Expect(line).ToContainTextAsync("3 new since");
        await Expect(ann.Room("random").Locator(".count")).ToHaveCountAsync(0);
        await Expect(ann.Page).ToHaveTitleAsync("#random · Confab");
        await Expect(ann.Message("@Ann are you")).ToHaveClassAsync(new System.Text.RegularExpressions.Regex(@"\bmentions\b"));
        await Expect(ann.Message("@Anna is not")).Not.ToHaveClassAsync(new System.Text.RegularExpressions.Regex(@"\bmentions\b"));
        await Post("Ben", "One more", "random");
        await Expect(ann.Message("One more")).ToBeVisibleAsync();
        Assert.Equal("Before anything", await line.EvaluateAsync<string>("line => line.nextElementSibling.querySelector('.body').innerText"));

        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(line).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Nothing_is_new_where_all_that_was_new_was_deleted()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await ann.IsConnected();
        await using var ben = await Server.Open();
        await ben.Join("random", "Ben");
        await ben.Request("1", """{"type":"message","room":"random","content":"Never mind","id":"1"}""");
        await Expect(ann.Room("random").Locator(".count")).ToBeVisibleAsync();
        await ann.Room("random").ClickAsync();
        await Expect(ann.Page.Locator(".new")).ToContainTextAsync("1 new since");
        await ben.Request("2", """{"type":"delete","room":"random","message":1,"id":"2"}""");
        await Expect(ann.Page.Locator("#m1")).ToContainTextAsync("This message was deleted.");
        await Expect(ann.Page.Locator(".new")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Who_scrolled_up_is_told_how_much_is_new_at_the_end_and_who_asks_for_them()
    {
        for (var i = 1; i <= 60; i++)
            await Post("Ben", $"Message {i}.");
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Message("Message 60.")).ToBeInViewportAsync();
        await ann.IsConnected();
        // A little is enough for what comes not to be seen.
        await ann.Feed.EvaluateAsync("feed => feed.scrollBy(0, -200)");
        await Expect(ann.Page.Locator(".latest")).ToHaveCountAsync(0);
        await Post("Ben", "One more");
        await Expect(ann.Page.Locator(".latest")).ToHaveTextAsync("Jump to the latest: 1 new");
        await Post("Dara", "@Ann, look");
        await Expect(ann.Page.Locator(".latest")).ToHaveTextAsync("Jump to the latest: 2 new, Dara mentioned you");
        await ann.Picture("pill");
        await Post("Ben", "@Ann, do");
        await Expect(ann.Page.Locator(".latest")).ToHaveTextAsync("Jump to the latest: 3 new, 2 mentions");
        await ann.Page.Locator(".latest").ClickAsync();
        await Expect(ann.Message("@Ann, do")).ToBeInViewportAsync();
        await Expect(ann.Page.Locator(".latest")).ToHaveCountAsync(0);
    }

    // The browser tells the page of scrolling with its next frame, and before that a message may come, or be drawn, or something may grow.
    [Theory]
    [InlineData("a message comes", "Jump to the latest: 1 new")]
    [InlineData("a message is drawn", null)]
    [InlineData("something grows", null)]
    public async Task Who_scrolled_up_is_not_taken_back_to_the_end_by_what_comes_before_the_browser_tells_of_it(string what, string? latest)
    {
        for (var i = 1; i <= 60; i++)
            await Post("Ben", $"Message {i}.");
        var ann = await Visit("Ann", "/rooms/general");
        await ann.Context.AddInitScriptAsync(HeardFirst);
        await ann.Page.ReloadAsync();
        await Expect(ann.Message("Message 60.")).ToBeInViewportAsync();
        await ann.IsConnected();
        await ann.Feed.EvaluateAsync("""
            (feed, what) => {
              const scroll = () => feed.scrollBy(0, -200);
              const grow = () => {
                scroll();
                feed.querySelector('#m60').style.minHeight = '200px';
              };
              window.heard = ({ type }) => {
                if (type !== 'message') return;
                if (what === 'a message comes') scroll();
                // In the frame that draws it, after the browser told of what was scrolled before.
                else requestAnimationFrame(what === 'a message is drawn' ? scroll : () => requestAnimationFrame(grow));
              };
            }
            """, what);
        await Post("Ben", "One more");
        await Expect(ann.Message("One more")).ToBeAttachedAsync();
        await ann.Page.EvaluateAsync("async () => { for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame); }");
        Assert.True(await ann.Feed.EvaluateAsync<double>("feed => feed.scrollHeight - feed.clientHeight - feed.scrollTop") >= 200);
        if (latest is not null)
            await Expect(ann.Page.Locator(".latest")).ToHaveTextAsync(latest);
    }

    [Fact]
    public async Task Escape_marks_everything_as_read_and_another_browser_of_the_same_name_knows()
    {
        var (ann, other) = (await Visit("Ann", "/rooms/general"), await Visit("Ann", "/rooms/general"));
        await Expect(other.Room("random")).ToBeVisibleAsync();
        await Task.WhenAll(ann.IsConnected(), other.IsConnected());
        for (var i = 1; i <= 60; i++)
            await Post("Ben", $"Message {i}", "random");
        foreach (var person in new[] { ann, other })
            await Expect(person.Room("random").Locator(".count .hidden")).ToHaveTextAsync("60 unread messages");

        // Too many for one look: they stay unread until one has seen the end, or says that one has.
        await ann.Room("random").ClickAsync();
        await Expect(ann.Page.Locator(".new")).ToBeInViewportAsync();
        await Expect(ann.Page.Locator("#m1")).ToBeInViewportAsync();
        await Expect(ann.Room("random").Locator(".count .hidden")).ToHaveTextAsync("60 unread messages");
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Room("random").Locator(".count")).ToHaveCountAsync(0);
        await ann.Say("Read"); // in the same connection: the server has taken the marker before

        await other.Page.ReloadAsync();
        await Expect(other.Message("This is the start")).ToHaveCountAsync(0);
        await Expect(other.Room("random")).ToContainTextAsync("You: Read");
        await Expect(other.Room("random").Locator(".count")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_is_read_in_one_browser_is_read_in_the_other_at_once_and_its_notification_goes()
    {
        var ann = await Visit("Ann", "/rooms/general", options => options.Permissions = ["notifications"]);
        await ann.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");
        await ann.Context.AddInitScriptAsync(Shown);
        await ann.Page.EvaluateAsync("() => { localStorage['confab.settings'] = JSON.stringify({ name: 'Ann', notifications: true }); }");
        await ann.Page.ReloadAsync();
        var other = await Visit("Ann", "/rooms/general");
        foreach (var person in new[] { ann, other })
        {
            await Expect(person.Room("random")).ToBeVisibleAsync();
            await person.IsConnected();
        }

        await Post("Ben", "@Ann are you there?", "random");
        await Post("Ben", "@Ann and here?", "tech");
        await Expect(ann.Page).ToHaveTitleAsync("(2) #general · Confab");
        await Wait.Until("two notifications", async () => (await Notifications(ann)).Length == 2);

        await other.Room("random").ClickAsync();
        await Expect(other.Message("@Ann are you there?")).ToBeVisibleAsync();
        await Expect(ann.Room("random").Locator(".count")).ToHaveCountAsync(0);
        await Expect(ann.Page).ToHaveTitleAsync("(1) #general · Confab");
        await Wait.Until("the notification to go", async () => (await Notifications(ann)).Length == 1);
        Assert.Equal(["tech"], await Notifications(ann));
        await Expect(ann.Room("tech").Locator(".count .hidden")).ToHaveTextAsync("1 mention, 1 unread message");
    }

    // What the system would show.
    private const string Shown = """
        window.shown = new Map();
        ServiceWorkerRegistration.prototype.showNotification = async (title, { tag, data }) => void window.shown.set(tag, data);
        ServiceWorkerRegistration.prototype.getNotifications = async (asked) =>
          [...window.shown].filter(([tag]) => tag === asked.tag).map(([tag, data]) => ({ tag, data, close: () => window.shown.delete(tag) }));
        """;

    private static Task<string[]> Notifications(Person person) => person.Page.EvaluateAsync<string[]>("() => [...window.shown.keys()].sort()");

    [Fact]
    public async Task What_comes_while_a_link_is_followed_is_not_left_out()
    {
        for (var i = 1; i <= 200; i++)
            await Post("Ben", $"Message {i}.");
        var ann = await Visit("Ann", "/rooms/general/5");
        await Expect(ann.Page.Locator("#m5")).ToBeInViewportAsync();
        await ann.IsConnected();
        var (isAsked, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await ann.Page.RouteAsync("**/messages?before=151*", async route =>
        {
            isAsked.TrySetResult();
            await goOn.Task;
            await route.ContinueAsync();
        });
        var after = ann.Page.WaitForResponseAsync(response => response.Url.Contains("?after=150", StringComparison.Ordinal));
        await ann.Page.EvaluateAsync("() => { history.pushState(null, '', '/rooms/general/150'); dispatchEvent(new PopStateEvent('popstate')); }");
        await isAsked.Task.WaitAsync(Person.Patience, TestContext.Current.CancellationToken);
        await (await after).FinishedAsync();
        await Post("Ben", "Meanwhile");
        await Expect(ann.Room("general")).ToContainTextAsync("Ben: Meanwhile");
        goOn.SetResult();
        await Expect(ann.Page.Locator("#m150")).ToBeInViewportAsync();
        await Expect(ann.Message("Meanwhile")).ToBeAttachedAsync();
    }

    [Fact]
    public async Task Large_messages_of_which_few_fit_into_a_page_are_counted_as_far_as_they_came_and_more()
    {
        await Post("Ben", "The first", "random");
        var ann = await Visit("Ann", "/rooms/random");
        await Expect(ann.Message("The first")).ToBeVisibleAsync();
        await ann.Say("Read"); // in the same connection: the server has taken the marker before
        await ann.Open("/rooms/general");
        for (var i = 1; i <= 30; i++)
            await Post("Ben", Scene.Large(i), "random");
        var other = await Visit("Ann", "/rooms/general");
        await Expect(other.Room("random").Locator(".count .hidden")).ToContainTextAsync("unread messages and more");
        await other.Room("random").ClickAsync();
        await Expect(other.Page.Locator("#m3")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task A_room_of_large_messages_of_which_few_fit_into_a_page_is_scrolled_to_both_ends()
    {
        for (var i = 1; i <= 60; i++)
            await Post("Ben", Scene.Large(i));
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Page.Locator("#m60")).ToBeAttachedAsync();
        Assert.Equal(Enumerable.Range(1, 60), await ScrollToBothEnds(ann, last: 60, by: 10_000));
    }

    [Fact]
    public async Task A_link_into_a_thousand_messages_lands_on_its_message_and_one_can_scroll_to_both_ends()
    {
        for (var i = 1; i <= 1000; i++)
            await Post(i % 7 < 3 ? "Ben" : "Cleo", i % 10 == 0 ? $"Message {i}\n\nwith more\n\nthan one line" : $"Message {i}");
        var ann = await Visit("Ann", "/rooms/general/42");
        var linked = ann.Page.Locator("#m42");
        await Expect(linked).ToBeInViewportAsync();
        await Expect(linked).ToBeFocusedAsync();

        Assert.Equal(Enumerable.Range(1, 1000), await ScrollToBothEnds(ann, last: 1000, by: 500));
        await Expect(ann.Page.Locator("#m1000")).ToBeInViewportAsync();
        await Expect(ann.Page.Locator("#m1")).ToHaveCountAsync(0);
    }

    /// <summary>Scrolls to the room's beginning, and on to its end.</summary>
    /// <returns>The messages that were seen. They never had a gap, and never were more than fit into the document.</returns>
    private static Task<int[]> ScrollToBothEnds(Person person, int last, int by) => person.Page.EvaluateAsync<int[]>("""
        async ([last, by]) => {
          const feed = document.querySelector('.feed');
          const seen = new Set();
          const until = performance.now() + 60_000;
          const frame = () => new Promise(requestAnimationFrame);
          const look = () => {
            const ids = [...feed.querySelectorAll('.message[data-id]')].map(({ dataset }) => Number(dataset.id));
            ids.forEach((id, index) => {
              if (index > 0 && id !== ids[index - 1] + 1) throw new Error(`${id} follows ${ids[index - 1]}`);
              seen.add(id);
            });
            if (ids.length > 450) throw new Error(`${ids.length} messages in the document`);
            return ids;
          };
          const scroll = async (by, isThere) => {
            while (!isThere(look())) {
              if (performance.now() > until) throw new Error(`Only ${look()}`);
              // Where nothing moves nothing is asked for: one goes a little down, and up again.
              if (by < 0 && feed.scrollTop === 0) {
                feed.scrollBy(0, 1);
                await frame();
              }
              feed.scrollBy(0, by);
              await frame();
              await frame();
            }
          };
          await scroll(-by, (ids) => ids[0] === 1 && feed.scrollTop === 0);
          await scroll(by, (ids) => ids.at(-1) === last && feed.scrollTop + feed.clientHeight >= feed.scrollHeight - 2);
          return [...seen].sort((a, b) => a - b);
        }
        """, new[] { last, by });
}
