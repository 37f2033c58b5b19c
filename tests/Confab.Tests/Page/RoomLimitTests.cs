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
        await MakeRoom("new");
        await Post("Ben", "The first", "new");
        await ann.Page.EvaluateAsync("() => { history.pushState(null, '', '/rooms/new'); dispatchEvent(new PopStateEvent('popstate')); }");
        await Expect(ann.Message("The first")).ToBeVisibleAsync();
        await ann.Page.EvaluateAsync("() => { history.pushState(null, '', '/rooms/nowhere'); dispatchEvent(new PopStateEvent('popstate')); }");
        await Expect(ann.Page.GetByText("There is no room nowhere.")).ToBeVisibleAsync();
    }
}
