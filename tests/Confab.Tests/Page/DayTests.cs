using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What depends on when something was said.</summary>
public class DayTests(Chromium chromium) : PageTest(chromium)
{
    // In Berlin, an hour later.
    private readonly Calendar _time = new();

    protected override string[]? Options => null;

    [Fact]
    public async Task Messages_of_one_author_within_five_minutes_are_a_group_and_each_day_has_a_label_that_stays()
    {
        var server = Outlives(await TestServer.Start(_time));
        foreach (var (name, text, after) in new[] { ("Ben", "A", 0), ("Ben", "B", 299), ("Ben", "C", 301), ("Cleo", "D", 1), ("Ben", "E", 1) })
        {
            _time.Now += TimeSpan.FromSeconds(after);
            await Scene.Post(server.Http, name, text);
        }

        _time.Now += TimeSpan.FromDays(1);
        for (var i = 0; i < 60; i++)
            await Scene.Post(server.Http, "Ben", $"The next day {i}");
        var ann = await Visit(server.Address, "Ann", "/settings", options => options.ViewportSize = new() { Width = 1000, Height = 500 });
        await ann.Page.Clock.SetFixedTimeAsync(_time.Now.UtcDateTime);
        await ann.Open("/rooms/general/2");
        await Expect(ann.Page.Locator("#m2")).ToBeFocusedAsync();
        var leading = await ann.Page.Locator(".feed .message.leads").EvaluateAllAsync<string[]>("all => all.slice(0, 5).map(({ id }) => id)");
        Assert.Equal(["m1", "m3", "m4", "m5", "m6"], leading);
        await Expect(ann.Page.Locator(".feed .day")).ToHaveTextAsync(["Yesterday", "Today"]);

        // The label of what one reads stands at the top, whatever was scrolled past.
        await ann.Page.Locator("#m26").ScrollIntoViewIfNeededAsync();
        await Expect(ann.Page.Locator("#m6")).Not.ToBeInViewportAsync();
        await ann.Page.WaitForFunctionAsync("() => Math.abs([...document.querySelectorAll('.day')].at(-1).getBoundingClientRect().top - document.querySelector('.feed').getBoundingClientRect().top) < 1");
    }

    [Fact]
    public async Task At_midnight_today_becomes_yesterday()
    {
        var server = Outlives(await TestServer.Start(_time));
        await Scene.Post(server.Http, "Ben", "Good morning");
        var ann = await Visit(server.Address, "Ann", "/settings");
        await ann.Page.Clock.InstallAsync(new() { TimeDate = new DateTime(2026, 11, 22, 22, 59, 0, DateTimeKind.Utc) });
        await ann.Open("/rooms/general");
        await Expect(ann.Page.Locator(".feed .day")).ToHaveTextAsync("Today");
        await ann.Page.Clock.FastForwardAsync("01:01");
        await Expect(ann.Page.Locator(".feed .day")).ToHaveTextAsync("Yesterday");
        _time.Now += TimeSpan.FromHours(15) + TimeSpan.FromMinutes(1);
        await Scene.Post(server.Http, "Ben", "Good night");
        await Expect(ann.Page.Locator(".feed .day")).ToHaveTextAsync(["Yesterday", "Today"]);
    }

    [Fact]
    public async Task What_is_new_is_new_since_the_last_message_that_was_read()
    {
        var server = Outlives(await TestServer.Start(_time));
        var ann = await Visit(server.Address, "Ann", "/settings");
        await ann.Page.Clock.SetFixedTimeAsync(new DateTime(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc));
        _time.Now += TimeSpan.FromMinutes(14);
        await ann.Open("/rooms/general");
        await ann.Say("Read");
        await ann.Room("random").ClickAsync();
        _time.Now += TimeSpan.FromMinutes(30);
        await Scene.Post(server.Http, "Ben", "New");
        await Scene.Post(server.Http, "Cleo", "Newer");
        await Expect(ann.Room("general").Locator(".count .hidden")).ToHaveTextAsync("2 unread messages");
        await ann.Room("general").ClickAsync();
        await Expect(ann.Page.Locator(".new span")).ToHaveTextAsync("2 new since 09:14");
        await Expect(ann.Room("general").Locator(".count")).ToHaveCountAsync(0);

        // Of another day, the day is said, too.
        await ann.Room("random").ClickAsync();
        _time.Now += TimeSpan.FromDays(1);
        await ann.Page.Clock.SetFixedTimeAsync(new DateTime(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc));
        await Scene.Post(server.Http, "Ben", "Newest");
        await Expect(ann.Room("general").Locator(".count .hidden")).ToHaveTextAsync("1 unread message");
        await ann.Page.ReloadAsync();
        await ann.IsConnected();
        await ann.Room("general").ClickAsync();
        await Expect(ann.Page.Locator(".new span")).ToHaveTextAsync("1 new since 22 Nov 2026, 09:44");
    }

    [Fact]
    public async Task A_thread_says_when_it_was_answered_last()
    {
        var server = Outlives(await TestServer.Start(_time));
        await Scene.Post(server.Http, "Ben", "Tea?");
        await Scene.Post(server.Http, "Cleo", "Yes", replyTo: 1);
        var ann = await Visit(server.Address, "Ann", "/settings");
        await ann.Page.Clock.SetFixedTimeAsync(new DateTime(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc));
        await ann.Open("/rooms/general");
        await Expect(ann.Page.Locator("#m1 .stem small")).ToHaveTextAsync("last at 09:00");
        _time.Now += TimeSpan.FromMinutes(14);
        await Scene.Post(server.Http, "Dara", "With milk", replyTo: 1);
        await Expect(ann.Page.Locator("#m1 .stem small")).ToHaveTextAsync("last at 09:14");
        await ann.Page.Clock.SetFixedTimeAsync(new DateTime(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc));
        await ann.Page.ReloadAsync();
        await Expect(ann.Page.Locator("#m1 .stem small")).ToHaveTextAsync("last on 22 Nov 2026");
    }

    // The server's clock stands where the test puts it; its timers run.
    private sealed class Calendar : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
