using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>A message with what answers it, beside the room.</summary>
public class ThreadTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task Two_people_talk_in_a_thread_and_the_room_counts_what_they_say()
    {
        await Post("Ben", "Who brings biscuits?");
        await Post("Ben", "Anybody?", replyTo: 1);
        await Post("Ben", "And tea?");
        var (ann, ben) = (await Visit("Ann", "/rooms/general"), await Visit("Ben", "/rooms/general"));
        await ann.Page.Locator("#m1 .stem").ClickAsync();
        await Expect(ann.Page).ToHaveURLAsync("/rooms/general/1/thread");
        await Expect(Said(ann)).ToHaveTextAsync(["Who brings biscuits?", "Anybody?"]);
        await Expect(Box(ann)).ToBeFocusedAsync();

        await Box(ann).FillAsync("I do");
        await Box(ann).PressAsync("Enter");
        await Expect(Box(ann)).ToHaveValueAsync("");
        await Expect(ben.Page.Locator("#m1 .stem b")).ToHaveTextAsync("2 replies");
        await Expect(ben.Page.Locator("#m1 .stem .avatar")).ToHaveTextAsync(["BE", "AN"]);
        await ben.Page.Locator("#m1").FocusAsync();
        await ben.Page.Keyboard.PressAsync("t");
        await Expect(Said(ben)).ToHaveTextAsync(["Who brings biscuits?", "Anybody?", "I do"]);
        await Box(ben).FillAsync("Good");
        await Box(ben).PressAsync("Enter");
        await Expect(Said(ann)).ToHaveTextAsync(["Who brings biscuits?", "Anybody?", "I do", "Good"]);
        await ann.Composer.FillAsync("Tea, too");
        await ann.Composer.PressAsync("Enter");
        await Expect(ben.Message("Tea, too")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".thread-count")).ToHaveTextAsync("3 replies");
        await Expect(ann.Page.Locator("#m1 .stem b")).ToHaveTextAsync("3 replies");
        await Expect(Said(ann)).ToHaveCountAsync(4);

        await ben.Press(ben.Page.Locator("#t5"), "More actions");
        await ben.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await ben.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(ann.Page.Locator("#t5")).ToContainTextAsync("This message was deleted.");
        await Expect(ann.Page.Locator(".thread-count")).ToHaveTextAsync("3 replies");
        await ann.Page.ReloadAsync();
        await Expect(ann.Page.Locator("#t5")).ToContainTextAsync("This message was deleted.");
        await Expect(ann.Page.Locator("#m1 .stem b")).ToHaveTextAsync("3 replies");
        await Expect(ann.Page.Locator("#m1 .stem .avatar")).ToHaveTextAsync(["AN", "BE"]);
    }

    [Fact]
    public async Task A_thread_is_reached_and_left_by_keys_and_the_focus_comes_back()
    {
        var plan = await Post("Ben", "The plan");
        await Post("Ben", "One more thing", replyTo: plan);
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Composer).ToBeFocusedAsync();

        // A reply that nobody answered leads to what it answers.
        await ann.Page.Locator("#m2").FocusAsync();
        await Press("t");
        await Expect(ann.Page).ToHaveURLAsync("/rooms/general/1/thread");
        await Expect(Box(ann)).ToBeFocusedAsync();
        foreach (var region in new[] { ann.Room("general"), ann.Page.Locator(".feed"), ann.Composer, ann.Page.Locator(".thread-feed"), Box(ann) })
        {
            await Press("F6");
            await Expect(region).ToBeFocusedAsync();
        }

        await Expect(ann.Page.Locator("#t2")).ToBeVisibleAsync();
        await Press("Shift+F6");
        await Press("ArrowUp");
        await Expect(ann.Page.Locator("#t2")).ToBeFocusedAsync();
        await Press("Home");
        await Expect(ann.Page.Locator("#t1")).ToBeFocusedAsync();
        await Expect(ann.Page.Locator(".actions")).ToHaveCountAsync(1);
        await Press("p");
        await Expect(ann.Page.Locator("#m1 .pinned")).ToBeVisibleAsync();
        await Press("j");
        await Press("j");
        await Expect(Box(ann)).ToBeFocusedAsync();
        await ann.Page.Keyboard.TypeAsync("Half a thought");
        await Press("Escape");
        await Expect(ann.Page.Locator(".thread")).ToHaveCountAsync(0);
        await Expect(ann.Page).ToHaveURLAsync("/rooms/general");
        await Expect(ann.Page.Locator("#m1")).ToBeFocusedAsync();
        await Press("t");
        await Expect(Box(ann)).ToHaveValueAsync("Half a thought");
        await ann.Page.GoBackAsync();
        await Expect(ann.Page.Locator(".thread")).ToHaveCountAsync(0);

        Task Press(string key) => ann.Page.Keyboard.PressAsync(key);
    }

    [Fact]
    public async Task A_thread_opened_where_a_link_led_leaves_the_room_where_it_is_and_gets_the_focus()
    {
        for (var i = 1; i <= 60; i++)
            await Post("Ben", $"Message {i}.");
        var ann = await Visit("Ann", "/rooms/general/20");
        await Expect(ann.Page.Locator("#m20")).ToBeFocusedAsync();
        await ann.IsConnected();
        // Once more, when what a thread is shown with has been loaded.
        for (var i = 0; i < 2; i++)
        {
            await ann.Page.Locator("#m42").ScrollIntoViewIfNeededAsync();
            await ann.Page.Locator("#m42").FocusAsync();
            await ann.Page.Keyboard.PressAsync("t");
            await Expect(Box(ann)).ToBeFocusedAsync();
            await ann.Page.EvaluateAsync("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve))))");
            await ann.Page.Keyboard.TypeAsync("p");
            await Expect(Box(ann)).ToHaveValueAsync(new string('p', i + 1));
            await Expect(ann.Page.Locator("#m42")).ToBeInViewportAsync();
            // By a key: after a click letters are no commands.
            await ann.Button("Close thread").PressAsync("Enter");
            await Expect(ann.Page.Locator(".thread")).ToHaveCountAsync(0);
            await Expect(ann.Page.Locator("#m42")).ToBeInViewportAsync();
        }

        await Expect(ann.Page.Locator(".pins")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task One_writes_in_a_thread_as_in_its_room_and_neither_box_takes_what_is_in_the_other()
    {
        await Post("Ben", "Who has the list?");
        var (ann, ben) = (await Visit("Ann", "/rooms/general"), await Visit("Ben", "/rooms/general/1/thread"));
        await ann.Composer.FillAsync("For the room");
        await ann.Page.Locator("#m1").FocusAsync();
        await ann.Page.Keyboard.PressAsync("t");
        var thread = ann.Page.Locator(".thread");
        await Box(ann).PressSequentiallyAsync("Here, @b");
        await Expect(thread.GetByRole(AriaRole.Option)).ToHaveTextAsync("BEBen");
        await Box(ann).PressAsync("Enter");
        await Expect(Box(ann)).ToHaveValueAsync("Here, @Ben ");
        await thread.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "list.txt", MimeType = "text/plain", Buffer = [65, 66] });
        await Expect(thread.Locator(".uploads small")).ToHaveTextAsync("2 bytes");
        await Expect(ann.Page.Locator(".uploads")).ToHaveCountAsync(1);
        await Box(ann).PressAsync("Enter");
        await Expect(ben.Page.Locator("#t2 a.card")).ToContainTextAsync("list.txt");
        await Expect(ben.Page.Locator("#t2 .mention")).ToHaveTextAsync("@Ben");

        // The last of one's own is edited where it was said.
        await Expect(ann.Page.Locator("#t2")).ToBeVisibleAsync();
        await Box(ann).PressAsync("ArrowUp");
        await Expect(thread.Locator(".mode")).ToContainTextAsync("Editing your message");
        await Expect(Box(ann)).ToHaveValueAsync("Here, @Ben");
        await Expect(ann.Composer).ToHaveValueAsync("For the room");
        await Box(ann).FillAsync("Here it is, @Ben");
        await Box(ann).PressAsync("Enter");
        await Expect(ben.Page.Locator("#t2")).ToContainTextAsync("Here it is");
        await Expect(Box(ann)).ToHaveValueAsync("");

        // An edit that begins in the other box ends the one before, whose draft comes back.
        await Box(ann).FillAsync("For the thread");
        await ann.Page.Locator("#t2").FocusAsync();
        await ann.Page.Keyboard.PressAsync("e");
        await Expect(Box(ann)).ToHaveValueAsync("Here it is, @Ben");
        await ann.Page.Locator("#m2").FocusAsync();
        await ann.Page.Keyboard.PressAsync("e");
        await Expect(ann.Composer).ToHaveValueAsync("Here it is, @Ben");
        await Expect(Box(ann)).ToHaveValueAsync("For the thread");
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Composer).ToHaveValueAsync("For the room");
        await Expect(ann.Page.Locator(".mode")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_refused_answer_is_changed_in_its_thread()
    {
        await Post("Ben", "Who has the list?");
        var ann = await Visit("Ann", "/rooms/general/1/thread");
        await ann.IsConnected();
        // White space to the server, but not to the page, so that it is sent and refused.
        await Box(ann).FillAsync("\u0085");
        await Box(ann).PressAsync("Enter");
        await Expect(ann.Page.Locator(".thread .failed")).ToContainTextAsync("Not sent");
        await ann.Page.Locator(".thread .failed").GetByRole(AriaRole.Button, new() { Name = "Change" }).ClickAsync();
        await Expect(Box(ann)).ToBeFocusedAsync();
        await Expect(Box(ann)).ToHaveValueAsync("\u0085");
        await Expect(ann.Page.Locator(".mode, .failed")).ToHaveCountAsync(0);
        await Box(ann).FillAsync("Me");
        await Box(ann).PressAsync("Enter");
        await Expect(Said(ann)).ToHaveTextAsync(["Who has the list?", "Me"]);
    }

    [Fact]
    public async Task A_long_thread_comes_page_by_page_and_shows_its_end_to_who_answers()
    {
        await Post("Ben", "Count");
        for (var i = 1; i <= 210; i++)
            await Post("Ben", $"{i}", replyTo: 1);
        var ann = await Visit("Ann", "/rooms/general/1/thread");
        await Expect(ann.Page.Locator(".thread-count")).ToHaveTextAsync("210 replies");
        await Expect(Said(ann)).ToHaveCountAsync(101);
        await ann.Button("More replies").ClickAsync();
        await Expect(Said(ann)).ToHaveCountAsync(201);
        await Box(ann).FillAsync("211");
        await Box(ann).PressAsync("Enter");
        await Expect(Said(ann)).ToHaveCountAsync(212);
        await Expect(Said(ann).Last).ToHaveTextAsync("211");
        await Expect(Said(ann).Last).ToBeInViewportAsync();
        await Expect(ann.Button("More replies")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_thread_of_large_answers_of_which_few_fit_into_a_page_is_read_to_its_end()
    {
        await Post("Ben", "At length");
        for (var i = 1; i <= 30; i++)
            await Post("Ben", Scene.Large(i), replyTo: 1);
        var ann = await Visit("Ann", "/rooms/general/1/thread");
        await Expect(ann.Button("More replies")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator("#t31")).ToHaveCountAsync(0);
        await Box(ann).FillAsync("I see");
        await Box(ann).PressAsync("Enter");
        await Expect(Said(ann)).ToHaveCountAsync(32);
        await Expect(Said(ann).Last).ToHaveTextAsync("I see");
        await Expect(ann.Button("More replies")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task On_a_phone_a_thread_is_all_there_is_and_leads_back()
    {
        for (var i = 1; i <= 60; i++)
            await Post("Ben", $"Message {i}");
        await Post("Ben", "An answer", replyTo: 60);
        var ann = await Visit("Ann", "/rooms/general", options =>
        {
            options.ViewportSize = new() { Width = 390, Height = 844 };
            (options.HasTouch, options.IsMobile) = (true, true);
        });
        await ann.Page.Locator("#m60 .stem").TapAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Thread");
        await Expect(Said(ann)).ToHaveCountAsync(2);
        await Expect(ann.Composer).ToBeHiddenAsync();
        await Expect(Box(ann)).Not.ToBeFocusedAsync(); // no keyboard jumps up
        await Box(ann).FillAsync("From the bus");
        await ann.Button("Send reply").TapAsync();
        await Expect(Said(ann).Last).ToHaveTextAsync("From the bus");
        await ann.Button("Close thread").TapAsync();
        await Expect(ann.Page.Locator("#m60 .stem b")).ToHaveTextAsync("2 replies");
        await Expect(ann.Page.Locator("#m60")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task On_a_phone_what_is_said_in_the_room_behind_a_thread_is_unread()
    {
        await Post("Ben", "Who comes?");
        await Post("Ben", "An answer", replyTo: 1);
        var ann = await Visit("Ann", "/rooms/general", options =>
        {
            options.ViewportSize = new() { Width = 390, Height = 844 };
            (options.HasTouch, options.IsMobile) = (true, true);
        });
        await ann.IsConnected();
        await ann.Page.Locator("#m1 .stem").TapAsync();
        await Expect(Said(ann)).ToHaveCountAsync(2);
        await Expect(ann.Composer).ToBeHiddenAsync();
        await ann.Page.EvaluateAsync("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
        await Post("Ben", "@Ann, at nine");
        await Expect(ann.Page).ToHaveTitleAsync("(1) #general · Confab");
        await ann.Button("Close thread").TapAsync();
        await Expect(ann.Page.Locator(".new")).ToContainTextAsync("1 new since");
        await Expect(ann.Message("at nine")).ToBeInViewportAsync();
        await Expect(ann.Page).ToHaveTitleAsync("#general · Confab");
    }

    [Fact]
    public async Task A_thread_that_all_of_fits_is_followed_when_it_grows()
    {
        await Post("Ben", "Count");
        var ann = await Visit("Ann", "/rooms/general/1/thread");
        await Expect(ann.Page.Locator(".thread-count")).ToHaveTextAsync("No replies yet");
        await ann.IsConnected();
        for (var i = 1; i <= 40; i++)
            await Post("Ben", $"Number {i}.", replyTo: 1);
        await Expect(Said(ann)).ToHaveCountAsync(41);
        await Expect(Said(ann).Last).ToBeInViewportAsync();
    }

    [Fact]
    public async Task Who_scrolled_up_in_a_thread_is_not_taken_back_to_its_end_by_what_comes_before_the_browser_tells_of_it()
    {
        await Post("Ben", "Count");
        for (var i = 1; i <= 60; i++)
            await Post("Ben", $"Number {i}.", replyTo: 1);
        var ann = await Visit("Ann", "/rooms/general");
        await ann.Context.AddInitScriptAsync(HeardFirst);
        await ann.Open("/rooms/general/1/thread");
        await Expect(Said(ann)).ToHaveCountAsync(61);
        await ann.IsConnected();
        var list = ann.Page.Locator(".thread-feed");
        await list.EvaluateAsync("""
            async (list) => {
              list.scrollTo(0, list.scrollHeight);
              for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
              window.heard = ({ type }) => type === 'message' && list.scrollBy(0, -200);
            }
            """);
        await Post("Ben", "One more", replyTo: 1);
        await Expect(Said(ann)).ToHaveCountAsync(62);
        await ann.Page.EvaluateAsync("async () => { for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame); }");
        Assert.True(await list.EvaluateAsync<double>("list => list.scrollHeight - list.clientHeight - list.scrollTop") >= 200);
    }

    [Fact]
    public async Task A_thread_that_could_not_be_loaded_is_tried_again()
    {
        await Post("Ben", "Count");
        await Post("Ben", "One", replyTo: 1);
        var ann = await Visit("Ann", "/rooms/general");
        await ann.IsConnected();
        ann.MayLoseTheNetwork = true;
        await ann.Page.RouteAsync("**/replies?**", route => route.AbortAsync());
        await ann.Page.Locator("#m1 .stem").ClickAsync();
        await Expect(ann.Page.Locator(".thread").GetByRole(AriaRole.Alert)).ToContainTextAsync("could not be loaded");
        await ann.Page.UnrouteAllAsync();
        await ann.Button("Try again").ClickAsync();
        await Expect(Said(ann)).ToHaveTextAsync(["Count", "One"]);
    }

    [Fact]
    public async Task A_link_in_a_thread_to_one_of_its_messages_does_not_close_it()
    {
        await Post("Ben", "Count");
        await Post("Ben", "One", replyTo: 1);
        var ann = await Visit("Ann", "/rooms/general/1/thread");
        await ann.Page.Locator("#t2 .time").ClickAsync();
        await Expect(ann.Page.Locator("#t2")).ToBeFocusedAsync();
        await Expect(ann.Page).ToHaveURLAsync("/rooms/general/1/thread");
    }

    private static ILocator Said(Person person) => person.Page.Locator(".thread .message:not(.outgoing) :is(.body, .gone)");

    private static ILocator Box(Person person) => person.Page.Locator("#thread-composer");
}
