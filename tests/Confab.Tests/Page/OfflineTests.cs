using Confab.Tests.Client;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Nothing that was written is lost, doubled or out of order, whatever breaks.</summary>
public class OfflineTests(Chromium chromium) : PageTest(chromium)
{
    protected override string[]? Options => null;

    [Fact]
    public async Task When_the_server_is_killed_both_write_on_and_in_the_end_have_the_same_messages()
    {
        var server = Outlives(await ChildServer.Start(ChildServer.NewDirectory()));
        var (ann, ben) = (await Visit(server.Http.BaseAddress!, "Ann"), await Visit(server.Http.BaseAddress!, "Ben"));
        ann.MayLoseTheNetwork = ben.MayLoseTheNetwork = true;
        for (var i = 1; i <= 3; i++)
        {
            await ann.Say($"Ann {i}");
            await ben.Say($"Ben {i}");
        }

        await IsKept(ann, 6);
        var dot = ann.Page.Locator(".me .dot");
        await Expect(dot).ToHaveCSSAsync("box-shadow", "none");
        await server.Kill();
        await Expect(dot).ToHaveCSSAsync("box-shadow", new System.Text.RegularExpressions.Regex("inset")); // hollow
        var strip = ann.Page.Locator(".strip");
        await Expect(strip).ToContainTextAsync("You can keep reading and writing.");
        await ann.Write("Ann 4");
        await ben.Write("Ben 4");
        await ann.Write("Ann 5");
        await Expect(strip).ToContainTextAsync("2 messages will be sent when you are back.");
        await ann.Composer.FillAsync("Ann, half a");

        await ann.Page.ReloadAsync();
        await Expect(ann.Page.Locator(".feed .body")).ToHaveTextAsync(["Ann 1", "Ben 1", "Ann 2", "Ben 2", "Ann 3", "Ben 3", "Ann 4", "Ann 5"]);
        await Expect(ann.Page.Locator(".outgoing .state")).ToHaveTextAsync(["Waiting for the connection", "Waiting for the connection"]);
        await Expect(strip).ToContainTextAsync("2 messages will be sent when you are back.");
        await Expect(ann.Composer).ToHaveValueAsync("Ann, half a");
        await ann.Write("Ann 6");
        await Expect(strip).ToContainTextAsync("3 messages will be sent when you are back.");

        server.Start();
        await server.Ready();
        await HaveTheSame(server.Http, 10, ann, ben);
        await Expect(strip).ToHaveCountAsync(0);
        await ann.Page.ReloadAsync();
        await HaveTheSame(server.Http, 10, ann, ben);
    }

    [Fact]
    public async Task When_the_network_is_cut_one_writes_on_and_gets_what_was_missed_when_it_is_back()
    {
        var server = Outlives(await ChildServer.Start(ChildServer.NewDirectory()));
        var isCut = false;
        var wire = Outlives(new Wire(() => isCut ? 1 : server.EndPoint.Port));
        var (ann, ben) = (await Visit(new UriBuilder(wire.Chat) { Scheme = "http", Path = "" }.Uri, "Ann"), await Visit(server.Http.BaseAddress!, "Ben"));
        ann.MayLoseTheNetwork = true;
        await ben.Say("Are you there?");
        await ann.Say("Yes");
        await IsKept(ann, 2);

        isCut = true;
        await ann.Context.SetOfflineAsync(true);
        wire.Cut();
        await Expect(ann.Page.Locator(".strip")).ToBeVisibleAsync();
        await ann.Write("In the tunnel");
        await ben.Composer.PressAsync("ArrowUp");
        await ben.Composer.FillAsync("Are you *here*?");
        await ben.Composer.PressAsync("Enter");
        for (var i = 1; i <= 5; i++)
            await ben.Say($"Ben {i}");
        await ann.Page.ReloadAsync();
        await Expect(ann.Message("In the tunnel")).ToBeVisibleAsync();
        await ann.Write("Still in the tunnel");

        isCut = false;
        await ann.Context.SetOfflineAsync(false);
        await HaveTheSame(server.Http, 9, ann, ben);
        await Expect(ann.Messages.First).ToContainTextAsync("Are you here?");
    }

    // The page's files are kept, and so is the room, a moment after it changed.
    private static async Task IsKept(Person person, int count)
    {
        await person.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");
        await person.Keeps("general", count);
    }

    private static async Task HaveTheSame(HttpClient http, int count, params Person[] people)
    {
        foreach (var person in people)
        {
            // As long as two attempts to connect may lie apart.
            await Expect(person.Page.Locator(".feed .message[data-id]")).ToHaveCountAsync(count, new() { Timeout = 60_000 });
            await Expect(person.Page.Locator(".outgoing")).ToHaveCountAsync(0);
        }

        var log = await Log(http);
        Assert.Equal(Enumerable.Range(1, count), log.Select(message => message.GetProperty("id").GetInt32()).OrderBy(id => id).Select((_, index) => index + 1));
        Assert.Distinct(log.Select(message => message.GetProperty("content").GetString()));
        foreach (var name in new[] { "Ann", "Ben" })
        {
            var said = log.Where(message => message.GetProperty("username").GetString() == name).Select(message => message.GetProperty("content").GetString()!).Where(text => text.Any(char.IsDigit)).ToList();
            Assert.Equal(said.Order(StringComparer.Ordinal), said);
        }

        foreach (var person in people)
        {
            var shown = await person.Page.Locator(".feed .message[data-id]").EvaluateAllAsync<string[]>("all => all.map(one => `${one.dataset.id} ${one.querySelector('.body').innerText.trim()}`)");
            Assert.Equal(log.Select(message => $"{message.GetProperty("id")} {message.GetProperty("content").GetString()!.Replace("*", "", StringComparison.Ordinal)}"), shown);
        }
    }
}
