using System.Net.Http.Json;
using Confab.Client;
using Confab.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>The README's pictures of the page. <c>CONFAB_WRITE_PICTURES=1</c> takes them anew.</summary>
public class PictureTests(Chromium chromium) : PageTest(chromium)
{
    private const int LeastBytes = 20_000, MostBytes = 80_000;

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(50));
    private TestServer? _fernhill;

    protected override string[]? Options => null;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_page_looks_lively_in_the_README(ColorScheme scheme)
    {
        _fernhill = Outlives(await TestServer.Start(_time, "--name=Fernhill", "--limits=off"));
        foreach (var room in new[] { "garden", "kitchen", "books" })
            (await _fernhill.Http.PostAsJsonAsync("/api/rooms", new { name = room }, Cancel)).Dispose();
        (await _fernhill.Http.PatchAsJsonAsync("/api/rooms/general", new { topic = "The house, the hall and who has the key" }, Cancel)).Dispose();
        await Talk();
        var ann = await Visit(_fernhill.Address, "Ann", "/rooms/general", with => (with.ColorScheme, with.ViewportSize) = (scheme, new() { Width = 1280, Height = 800 }));
        await ann.IsConnected();
        await using var maya = await Comes("Maya Lindqvist");
        await using var priya = await Comes("Priya");
        await using var tom = await Comes("Tom Oyelaran");
        // From here on time stands still, or the server would miss everybody's pings.
        await Scene.Post(_fernhill.Http, "Tom Oyelaran", "The beans are up!", "garden");
        await Scene.Post(_fernhill.Http, "Priya", "@Ann the minutes are in the wiki", "books");
        maya.ShowTyping("general");

        await Expect(ann.Room("garden").Locator(".count")).ToBeVisibleAsync();
        await Expect(ann.Room("books").Locator(".count")).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".people")).ToContainTextAsync("4");
        await Expect(ann.Page.Locator(".hljs-keyword").First).ToBeAttachedAsync();
        await Expect(ann.Page.GetByText("Maya Lindqvist is typing")).ToBeVisibleAsync();
        await ann.Page.EvaluateAsync("() => document.fonts.ready.then(() => true)");
        var name = $"docs/pictures/page-{scheme.ToString().ToLowerInvariant()}.webp";
        var picture = await WebP(ann);
        Assert.InRange(picture.Length, LeastBytes, MostBytes);
        if (Environment.GetEnvironmentVariable("CONFAB_WRITE_PICTURES") == "1")
            await File.WriteAllBytesAsync(Repository.PathOf(name), picture, Cancel);
        Assert.InRange(new FileInfo(Repository.PathOf(name)).Length, LeastBytes, MostBytes);
        Assert.Contains(name, await File.ReadAllTextAsync(Repository.PathOf("README.md"), Cancel));
    }

    // Playwright itself makes PNG and JPEG only.
    private static async Task<byte[]> WebP(Person person)
    {
        var browser = await person.Context.NewCDPSessionAsync(person.Page);
        var answer = await browser.SendAsync("Page.captureScreenshot", new Dictionary<string, object> { ["format"] = "webp", ["quality"] = 80 });
        return answer!.Value.GetProperty("data").GetBytesFromBase64();
    }

    private async Task Talk()
    {
        await Says("Priya", "Soup is on the stove", "kitchen");
        await Says("Maya Lindqvist", "Good morning! The **new shelves** arrive on *Thursday*. Who can let them in?");
        var plan = await Says("Tom Oyelaran", "I can. They bring:\n\n- two tall ones\n- a short one for the `hall`");
        await Says("Priya", "Then every book has a place:\n\n```python\ndef shelves(books):\n    return math.ceil(len(books) / 40)  # forty a shelf\n```");
        await Says("Maya Lindqvist", "| | height | width |\n|---|--:|--:|\n| tall | 190 cm | 80 cm |\n| short | 120 cm | 60 cm |");
        await Says("Ann", "I'll be there at nine to help", replyTo: plan);
        await Says("Priya", "@Ann could you bring the ladder? 🪜");
        foreach (var (name, emoji) in new[] { ("Ann", "👍"), ("Priya", "👍"), ("Maya Lindqvist", "🎉") })
        {
            await using var client = await Comes(name);
            await client.ReactAsync("general", plan, emoji, cancellationToken: Cancel);
        }
    }

    private async Task<long> Says(string name, string content, string room = "general", long? replyTo = null)
    {
        _time.Advance(TimeSpan.FromMinutes(4));
        return await Scene.Post(_fernhill!.Http, name, content, room, replyTo);
    }

    private async Task<ConfabClient> Comes(string name)
    {
        var client = new ConfabClient(new UriBuilder(_fernhill!.Address) { Scheme = "ws", Path = "/chat" }.Uri, new ConfabClientOptions { Username = name });
        await client.ConnectAsync(Cancel);
        await client.JoinAsync("general", cancellationToken: Cancel);
        return client;
    }
}
