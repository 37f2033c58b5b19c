using System.Text.RegularExpressions;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Rooms are made, named and found.</summary>
public partial class RoomTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task A_room_is_made_gets_a_topic_and_is_jumped_to()
    {
        var (ann, ben) = (await Visit("Ann", "/rooms/general"), await Visit("Ben", "/rooms/general"));
        await ann.IsConnected();
        await ann.Button("New room").ClickAsync();
        await ann.Dialog.GetByLabel("Name").FillAsync("general");
        await ann.Dialog.GetByLabel("Topic").FillAsync("What is cooked");
        await ann.Button("Create").ClickAsync();
        await Expect(ann.Dialog.GetByRole(AriaRole.Alert)).ToHaveTextAsync("A room with this name, or one that looks the same, already exists. It may be archived.");
        ann.Expect("409");
        await ann.Dialog.GetByLabel("Name").FillAsync("a/b");
        await ann.Button("Create").ClickAsync();
        await Expect(ann.Dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("cannot contain “/”");
        ann.Expect("400");
        await ann.Dialog.GetByLabel("Name").FillAsync("Küche");
        await ann.Button("Create").ClickAsync();
        await Expect(ann.Page).ToHaveURLAsync(Kitchen());
        await Expect(ann.Page.Locator(".bar .topic")).ToContainTextAsync("What is cooked");
        await Expect(ann.Composer).ToBeFocusedAsync();
        await ann.Say("Soup");

        // A room that nobody made can be made where one looks for it, unless it cannot be.
        await ben.Open("/rooms/a%2Fb");
        await ben.Button("Create").ClickAsync();
        await Expect(ben.Page.GetByText("cannot contain “/”")).ToBeVisibleAsync();
        ben.Expect("400");
        await ben.Open("/rooms/garden");
        await ben.Button("Create").ClickAsync();
        await Expect(ben.Page.GetByRole(AriaRole.Heading, new() { Name = "This is the start of #garden" })).ToBeVisibleAsync();
        await ben.Page.Keyboard.PressAsync("Control+k");
        await ben.Dialog.GetByRole(AriaRole.Combobox).FillAsync("kuch");
        await Expect(ben.Dialog.GetByRole(AriaRole.Option, new() { Selected = true })).ToContainTextAsync("Küche");
        await ben.Page.Keyboard.PressAsync("Enter");
        await Expect(ben.Page).ToHaveURLAsync(Kitchen());
        await Expect(ben.Message("Soup")).ToBeVisibleAsync();

        await ben.Page.Locator(".bar .topic").ClickAsync();
        await ben.Dialog.GetByLabel("Topic").FillAsync("What is eaten");
        await ben.Page.Keyboard.PressAsync("Enter");
        await Expect(ben.Dialog).ToHaveCountAsync(0);
        await Expect(ann.Page.Locator(".bar .topic")).ToContainTextAsync("What is eaten");
    }

    [Fact]
    public async Task What_is_open_in_a_room_does_not_come_along_into_the_next()
    {
        await Post("Ben", "Hello");
        await Post("Ben", "Hello", "random");
        var ann = await Visit("Ann", "/rooms/random");
        await ann.Composer.FillAsync("hello there");
        await ann.Room("general").ClickAsync();
        await Expect(ann.Page).ToHaveURLAsync("/rooms/general");
        await Expect(ann.Message("Hello")).ToBeVisibleAsync();
        await ann.Button("Add a topic").ClickAsync();
        await Expect(ann.Dialog).ToBeVisibleAsync();
        await ann.Page.GoBackAsync();
        await Expect(ann.Page).ToHaveURLAsync("/rooms/random");
        await Expect(ann.Dialog).ToHaveCountAsync(0);

        await ann.Page.GoForwardAsync();
        await Expect(ann.Page).ToHaveURLAsync("/rooms/general");
        await Expect(ann.Message("Hello")).ToBeVisibleAsync();
        await ann.Composer.PressSequentiallyAsync("hi @b");
        await Expect(ann.Page.GetByRole(AriaRole.Option)).ToHaveTextAsync("BEBen");
        await ann.Page.GoBackAsync();
        await Expect(ann.Composer).ToHaveValueAsync("hello there");
        await Expect(ann.Page.GetByRole(AriaRole.Option)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_name_is_completed_by_its_beginning()
    {
        foreach (var name in new[] { "Ben", "Bea", "Cleo" })
            await Post(name, "Hello");
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Messages).ToHaveCountAsync(3);
        await ann.Composer.PressSequentiallyAsync("Well, @b");
        var names = ann.Page.GetByRole(AriaRole.Option);
        await Expect(names).ToHaveTextAsync(["BEBea", "BEBen"]);
        await ann.Composer.PressAsync("ArrowDown");
        await Expect(names.Nth(1)).ToHaveAttributeAsync("aria-selected", "true");
        await Expect(ann.Composer).ToHaveAttributeAsync("aria-activedescendant", "composer-suggestion-1");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Composer).ToHaveValueAsync("Well, @Ben ");
        await Expect(names).ToHaveCountAsync(0);
        await ann.Composer.PressSequentiallyAsync("and @c");
        await Expect(names).ToHaveTextAsync("CLCleo");
        await ann.Composer.PressAsync("Escape");
        await Expect(names).ToHaveCountAsync(0);
        await Expect(ann.Composer).ToHaveValueAsync("Well, @Ben and @c");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Message("Well").Locator(".mention")).ToHaveTextAsync("@Ben");
    }

    [Fact]
    public async Task A_quote_leads_to_what_is_quoted_each_time_it_is_followed()
    {
        var quoted = await Post("Ben", "The first");
        for (var i = 0; i < 120; i++)
            await Post("Cleo", $"Something {i}");
        await Post("Ben", "As I said", replyTo: quoted);
        var ann = await Visit("Ann", "/rooms/general");
        var (quote, first) = (ann.Message("As I said").Locator(".quote"), ann.Page.Locator($"#m{quoted}"));
        for (var i = 0; i < 2; i++)
        {
            await quote.ClickAsync();
            await Expect(first).ToBeFocusedAsync();
            await Expect(first).ToBeInViewportAsync();
            await ann.Page.Keyboard.PressAsync("End");
            await Expect(quote).ToBeInViewportAsync();
            await Expect(first).Not.ToBeInViewportAsync();
        }
    }

    [Fact]
    public async Task The_buttons_of_a_message_that_begins_a_page_are_whole()
    {
        for (var i = 1; i <= 30; i++)
            await Post("Ben", $"Message {i}.");
        var ann = await Visit("Ann");
        await ann.IsConnected();
        // The first of all stands below the label of its day.
        foreach (var page in (int[])[1, 0])
        {
            var first = ann.Page.Locator(".feed .messages").Nth(page).Locator(".message").First;
            await first.HoverAsync();
            var top = await first.Locator(".actions").EvaluateAsync<bool>("""
                (buttons) => {
                  const { left, top, width } = buttons.getBoundingClientRect();
                  return buttons.contains(document.elementFromPoint(left + width / 2, top + 2));
                }
                """);
            Assert.True(top);
        }
    }

    [Fact]
    public async Task What_could_not_be_loaded_is_tried_again()
    {
        for (var i = 1; i <= 120; i++)
            await Post("Ben", $"Message {i}");
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Page.Locator("#m120")).ToBeInViewportAsync();
        await ann.IsConnected();
        ann.MayLoseTheNetwork = true;
        var (isBroken, asked) = (true, 0);
        await ann.Page.RouteAsync("**/messages?**", async route =>
        {
            asked++;
            await (isBroken ? route.AbortAsync() : route.ContinueAsync());
        });
        await ann.Feed.EvaluateAsync("feed => feed.scrollTo(0, 0)");
        var failed = ann.Feed.GetByText("These messages could not be loaded.");
        await Expect(failed).ToBeVisibleAsync();
        var before = asked;
        await ann.Button("Try again").ClickAsync();
        await Wait.Until("it to ask again", () => asked > before);
        isBroken = false;
        await ann.Feed.EvaluateAsync("feed => feed.querySelector('.feed-note button')?.click()"); // scrolling may have done it already
        await Expect(ann.Page.Locator("#m70")).ToBeAttachedAsync();
        await Expect(failed).ToHaveCountAsync(0);

        isBroken = true;
        await ann.Open("/rooms/general/3");
        await Expect(failed).ToBeVisibleAsync();
        isBroken = false;
        await ann.Button("Try again").ClickAsync();
        await Expect(ann.Page.Locator("#m3")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator("#m3")).ToBeInViewportAsync();
        await Expect(failed).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task One_lands_in_general_and_sees_the_open_room_in_the_list()
    {
        for (var i = 1; i <= 40; i++)
            await MakeRoom($"a room {i:00}");
        var ann = await Visit("Ann");
        await Expect(ann.Page).ToHaveURLAsync("/rooms/general");
        await Expect(ann.Room("general")).ToBeInViewportAsync();
        await Expect(ann.Room("a room 01")).Not.ToBeInViewportAsync();
    }

    [Fact]
    public async Task A_link_to_no_message_says_so_and_shows_the_room()
    {
        await Post("Ben", "Hello");
        var ann = await Visit("Ann", "/rooms/general/999");
        await Expect(ann.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("There is no message 999 in this room.");
        await Expect(ann.Message("Hello")).ToBeInViewportAsync();
        await ann.Open("/rooms/general/99999999999999999999");
        await Expect(ann.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no message 9");
    }

    [Fact]
    public async Task At_the_very_top_older_messages_come_until_there_is_enough_above()
    {
        for (var i = 1; i <= 400; i++)
            await Post("Ben", $"Message {i}");
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Page.Locator("#m400")).ToBeInViewportAsync();
        await ann.IsConnected();
        // Each page that comes makes another message the first of its group: the one that was the first of all stays where it is even so.
        var first = await ann.Page.EvaluateAsync<string>("""
            () => {
              const feed = document.querySelector('.feed');
              feed.scrollTo(0, 0);
              return feed.querySelector('.message').id;
            }
            """);
        await ann.Page.WaitForFunctionAsync("() => document.querySelector('.feed').scrollTop >= 1500");
        await Expect(ann.Page.Locator($"#{first}")).ToBeInViewportAsync();
        Assert.NotEqual(0, await ann.Feed.EvaluateAsync<int>("feed => Number(feed.querySelector('.message').dataset.id) - 1"));
    }

    [Fact]
    public async Task Ones_own_message_does_not_blink_in_a_busy_room()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await ann.IsConnected();
        await Post("Ben", "Before");
        await Expect(ann.Message("Before")).ToBeVisibleAsync();
        await ann.Page.EvaluateAsync("""
            () => {
              window.gaps = 0;
              let wasThere = false;
              const look = () => {
                const isThere = document.querySelector('.feed').textContent.includes('My own words');
                if (wasThere && !isThere) window.gaps++;
                wasThere = isThere;
                requestAnimationFrame(look);
              };
              look();
            }
            """);
        var busy = Task.WhenAll(Enumerable.Range(0, 4).Select(async who =>
        {
            for (var i = 0; i < 40; i++)
                await Post($"Person {who}", $"Something {i}");
        }));
        for (var i = 0; i < 5; i++)
            await ann.Write($"My own words {i}");
        await busy;
        await Expect(ann.Page.Locator(".outgoing")).ToHaveCountAsync(0);
        await Expect(ann.Messages.Filter(new() { HasText = "My own words" })).ToHaveCountAsync(5);
        Assert.Equal(0, await ann.Page.EvaluateAsync<int>("() => window.gaps"));
    }

    [GeneratedRegex("/rooms/K%C3%BCche$")]
    private static partial Regex Kitchen();
}
