using Confab.Tests.Proofs;
using Confab.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Every room is in reach, also those that are too many to be joined at a time.</summary>
public class RoomLimitTests(Chromium chromium) : PageTest(chromium)
{
    protected override string[] Options => ["--Confab:Limits:RoomsPerConnection=2"];

    [Fact]
    public async Task More_rooms_than_a_connection_joins_are_listed_found_and_opened()
    {
        for (var i = 1; i <= 4; i++)
        {
            await MakeRoom($"attic {i}");
            await Post("Ben", $"In {i}", $"attic {i}");
        }

        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Page.Locator(".room-link")).ToHaveCountAsync(7);
        for (var i = 1; i <= 4; i++)
        {
            await ann.Room($"attic {i}").ClickAsync();
            await Expect(ann.Message($"In {i}")).ToBeVisibleAsync();
            await ann.Say($"Me too {i}");
        }

        await ann.Page.Keyboard.PressAsync("Control+k");
        await ann.Dialog.GetByRole(Microsoft.Playwright.AriaRole.Combobox).FillAsync("attic 1");
        await ann.Page.Keyboard.PressAsync("Enter");
        await Expect(ann.Message("Me too 1")).ToBeVisibleAsync();
        await Post("Ben", "Live", "attic 1");
        await Expect(ann.Message("Live")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".app:not(.is-offline)")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_room_that_somebody_made_just_now_is_found_and_one_that_nobody_made_is_not()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Page.Locator(".room-link")).ToHaveCountAsync(3);
        await Expect(ann.Page.Locator(".app:not(.is-offline)")).ToBeVisibleAsync();
        // While the worker takes over, a request may pass by what is put in its way below.
        await ann.Page.WaitForFunctionAsync("() => navigator.serviceWorker.controller !== null");

        // The page asks for the rooms just before the room is made, and is answered when the room was looked for already.
        var (asked, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await ann.Page.RouteAsync("**/api/rooms", async route =>
        {
            var answer = await route.FetchAsync();
            asked.TrySetResult();
            await goOn.Task;
            await route.FulfillAsync(new() { Response = answer });
        });
        await Wait.Until("the page to ask", async () =>
        {
            await ann.Page.EvaluateAsync("() => document.dispatchEvent(new Event('visibilitychange'))");
            return asked.Task.IsCompleted;
        });
        await MakeRoom("new");
        await Post("Ben", "The first", "new");
        await ann.Page.EvaluateAsync("() => { history.pushState(null, '', '/rooms/new'); dispatchEvent(new PopStateEvent('popstate')); }");
        goOn.SetResult();
        await Expect(ann.Message("The first")).ToBeVisibleAsync();
        await ann.Page.EvaluateAsync("() => { history.pushState(null, '', '/rooms/nowhere'); dispatchEvent(new PopStateEvent('popstate')); }");
        await Expect(ann.Page.GetByText("There is no room nowhere.")).ToBeVisibleAsync();
    }
}
