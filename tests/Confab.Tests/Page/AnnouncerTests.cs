using System.Globalization;
using System.Text.RegularExpressions;
using Confab.Tests.Client;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What a screen reader is told of.</summary>
public partial class AnnouncerTests(Chromium chromium) : PageTest(chromium)
{
    // A screen reader speaks when the live region changes, and says what it says then.
    private const string Listen = """
        () => {
          window.said = [];
          const announcer = document.querySelector('#announcer');
          new MutationObserver(() => announcer.textContent && window.said.push(announcer.textContent)).observe(announcer, { childList: true, characterData: true, subtree: true });
        }
        """;

    [Fact]
    public async Task Each_message_of_others_is_told_once_and_one_s_own_are_not()
    {
        var ann = await Hearing();
        await Post("Ben", "First");
        await Expect(ann.Announcer).ToHaveTextAsync("Ben: First");
        await ann.Say("My own");
        await Post("Ben", "Second");
        await Expect(ann.Announcer).ToHaveTextAsync("Ben: Second");
        await Post("Ben", "Elsewhere", "random");
        await Expect(ann.Room("random").Locator(".count")).ToBeVisibleAsync();
        await Post("Cleo", "Third");
        await Expect(ann.Announcer).ToHaveTextAsync("Cleo: Third");
        Assert.Equal(["Ben: First", "Ben: Second", "Cleo: Third"], await Said(ann));
    }

    [Fact]
    public async Task The_same_words_said_again_are_told_again()
    {
        var ann = await Hearing();
        await Post("Ben", "ok");
        await Expect(ann.Announcer).ToHaveTextAsync("Ben: ok");
        await Post("Ben", "ok");
        await ann.Page.WaitForFunctionAsync("() => window.said.length >= 2");
        Assert.Equal(["Ben: ok", "Ben: ok"], await Said(ann));
    }

    [Fact]
    public async Task Many_messages_are_told_together()
    {
        var ann = await Hearing();
        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => Post("Ben", $"Message {i}")));
        await Expect(ann.Page.Locator(".feed .message")).ToHaveCountAsync(21);
        await ann.Page.WaitForFunctionAsync("() => window.said.flatMap((line) => /^\\d+ new messages$/.test(line) ? [Number(line.split(' ')[0])] : line.split(' — ').map(() => 1)).reduce((a, b) => a + b, 0) >= 20");
        var said = await Said(ann);
        Assert.Equal(20, said.Sum(line => Many().Match(line) is { Success: true } many ? int.Parse(many.Groups[1].Value, CultureInfo.InvariantCulture) : line.Split(" — ").Length));
        Assert.True(said.Length <= 5, string.Join('\n', said));
    }

    [Fact]
    public async Task What_is_loaded_is_not_told_and_what_comes_is_wherever_one_looks()
    {
        for (var i = 1; i <= 90; i++)
            await Post("Ben", $"Message {i}.");
        var ann = await Visit("Ann", "/rooms/general/5");
        await Expect(ann.Message("Message 5.")).ToBeInViewportAsync();
        await ann.IsConnected();
        await Expect(ann.Room("random")).ToBeVisibleAsync();
        await ann.Page.EvaluateAsync(Listen);
        await Post("Ben", "While far up");
        await Expect(ann.Announcer).ToHaveTextAsync("Ben: While far up");
        await ann.Page.EvaluateAsync("""
            async () => {
              const feed = document.querySelector('.feed');
              while (!document.querySelector('#m91')) {
                feed.scrollTop = feed.scrollHeight;
                await new Promise(requestAnimationFrame);
              }
            }
            """);
        await Post("Ben", "At the end");
        await Expect(ann.Announcer).ToHaveTextAsync("Ben: At the end");
        await ann.Room("random").ClickAsync();
        await Expect(ann.Page.GetByText("This is the start of #random")).ToBeVisibleAsync();
        await Post("Ben", "The first of all", "random");
        await Expect(ann.Announcer).ToHaveTextAsync("Ben: The first of all");
        Assert.Equal(["Ben: While far up", "Ben: At the end", "Ben: The first of all"], await Said(ann));
    }

    [Fact]
    public async Task The_messages_themselves_are_a_silent_log_with_a_name()
    {
        var ann = await Hearing();
        await Expect(ann.Feed).ToHaveAttributeAsync("aria-live", "off");
        await Expect(ann.Feed).ToHaveAccessibleNameAsync("Messages in general");
        await Expect(ann.Announcer).ToHaveAttributeAsync("aria-live", "polite");
    }

    [Fact]
    public async Task A_lost_connection_is_told_once_however_often_it_is_tried_again()
    {
        var isCut = false;
        var wire = Outlives(new Wire(() => isCut ? 1 : Server.EndPoint.Port));
        var ann = await Visit(new UriBuilder(wire.Chat) { Scheme = "http", Path = "" }.Uri, "Ann", "/rooms/general");
        ann.MayLoseTheNetwork = true;
        await ann.IsConnected();
        await ann.Page.EvaluateAsync("""
            () => {
              window.said = [];
              new MutationObserver((changes) => {
                for (const target of new Set(changes.map((change) => change.target))) {
                  const region = (target instanceof Element ? target : target.parentElement)?.closest('[aria-live=polite], [role=status], [role=alert]');
                  if (region?.textContent) window.said.push(region.textContent);
                }
                for (const { addedNodes } of changes)
                  for (const node of addedNodes) if (node instanceof Element && node.matches('[role=status], [role=alert]')) window.said.push(node.textContent);
              }).observe(document.body, { childList: true, characterData: true, subtree: true });
            }
            """);
        var attempts = 0;
        ann.Page.WebSocket += (_, _) => attempts++;
        isCut = true;
        wire.Cut();
        await Expect(ann.Page.Locator(".strip")).ToBeVisibleAsync();
        await Wait.Until("three attempts", () => attempts >= 3);
        await Expect(ann.Announcer).ToHaveTextAsync("Connection lost.");
        isCut = false;
        await ann.Page.EvaluateAsync("() => dispatchEvent(new Event('online'))");
        await Expect(ann.Announcer).ToHaveTextAsync("Connected again.");
        Assert.Equal(["Connection lost.", "Connected again."], await Said(ann));
    }

    [Fact]
    public async Task What_the_browser_knows_of_the_network_is_told_at_once()
    {
        var ann = await Hearing();
        ann.MayLoseTheNetwork = true;
        // The connection itself stays here: nothing but the browser's word says so.
        await ann.Context.SetOfflineAsync(true);
        await Expect(ann.Page.Locator(".strip")).ToContainTextAsync("Offline");
        await Expect(ann.Announcer).ToHaveTextAsync("Connection lost.");
        await ann.Context.SetOfflineAsync(false);
        await Expect(ann.Page.Locator(".strip")).ToHaveCountAsync(0);
        await Expect(ann.Announcer).ToHaveTextAsync("Connected again.");
    }

    [GeneratedRegex(@"^(\d+) new messages$")]
    private static partial Regex Many();

    private static Task<string[]> Said(Person person) => person.Page.EvaluateAsync<string[]>("() => window.said");

    private async Task<Person> Hearing()
    {
        await Post("Ben", "Before");
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Message("Before")).ToBeVisibleAsync();
        await ann.IsConnected();
        await Expect(ann.Page.Locator(".bar .people span").Last).ToHaveTextAsync("1");
        await ann.Page.EvaluateAsync(Listen);
        return ann;
    }
}
