using System.Collections.Concurrent;
using System.Text.Json;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Playwright;

namespace Confab.Tests.Page;

/// <summary>Somebody with a browser of their own, and everything in it that must not happen.</summary>
public sealed class Person
{
    /// <summary>Long, since test machines are slow; a test that passes never waits for so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Lazy<string> s_axe = new(() => File.ReadAllText(Repository.PathOf("js/node_modules/axe-core/axe.min.js")));

    private readonly ConcurrentQueue<string> _troubles = new();
    private readonly Uri _place;
    private ConcurrentDictionary<string, bool>? _joined;

    private Person(Uri place, IBrowserContext context, IPage page)
    {
        _place = place;
        Context = context;
        Page = page;
    }

    public IBrowserContext Context { get; }

    public IPage Page { get; }

    /// <summary>Whether the test takes the network away: then, and only then, a request may fail.</summary>
    public bool MayLoseTheNetwork { get; set; }

    /// <summary>A warning that the test brings about itself.</summary>
    public string? MayWarn { get; set; }

    /// <summary>What went wrong so far: errors and warnings on the console, exceptions, questions of scripts, requests to anywhere else.</summary>
    public IEnumerable<string> Troubles => _troubles
        .Where(trouble => !MayLoseTheNetwork || !IsOfTheNetwork(trouble))
        .Where(trouble => MayWarn is null || !trouble.Contains(MayWarn, StringComparison.Ordinal));

    public ILocator Composer => Page.Locator("textarea#composer");

    public ILocator Feed => Page.GetByRole(AriaRole.Log);

    /// <summary>Every message in the document, those that wait to be sent included.</summary>
    public ILocator Messages => Page.Locator(".feed .message");

    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    /// <summary>What a screen reader is told.</summary>
    public ILocator Announcer => Page.Locator("#announcer");

    public static async Task<Person> Arrive(IBrowser browser, Uri place, string? name, string path, BrowserNewContextOptions options)
    {
        options.BaseURL = place.ToString();
        options.Locale ??= "en-GB";
        options.TimezoneId ??= "Europe/Berlin";
        options.ViewportSize ??= new ViewportSize { Width = 1440, Height = 900 };
        var context = await browser.NewContextAsync(options);
        context.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        if (name is not null)
        {
            var key = $"confab{place.AbsolutePath.TrimEnd('/')}.settings";
            await context.AddInitScriptAsync($"if (!localStorage['{key}']) localStorage['{key}'] = JSON.stringify({{ name: '{name}' }});");
        }

        var person = new Person(place, context, await context.NewPageAsync());
        person.Watch();
        await person.Page.GotoAsync(path);
        return person;
    }

    /// <summary>The message that says so.</summary>
    public ILocator Message(string text) => Messages.Filter(new LocatorFilterOptions { HasText = text });

    /// <summary>What can be pressed under a name.</summary>
    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>A room in the list.</summary>
    public ILocator Room(string name) => Page.Locator(".room-link").Filter(new LocatorFilterOptions { HasText = name });

    /// <summary>Opens another page of the place, as a link from elsewhere does.</summary>
    public Task Open(string path) => Page.GotoAsync(path);

    /// <summary>Waits until there is a connection, and every room is followed over it: what is said from now on comes live.</summary>
    public async Task IsConnected()
    {
        await Assertions.Expect(Page.Locator(".app:not(.is-offline)")).ToBeVisibleAsync();
        // Where a test stands between the page and the server, the browser tells of no frames.
        if (_joined is not null)
            await Wait.Until("every room to be followed", async () => await Page.Locator(".room-link").CountAsync() is > 0 and var rooms && _joined.Count >= rooms);
    }

    /// <summary>Writes a message and sends it, and waits until it is part of the log.</summary>
    public async Task Say(string text)
    {
        await Write(text);
        await Assertions.Expect(Page.Locator(".outgoing:not(.failed)")).ToHaveCountAsync(0);
    }

    /// <summary>Writes a message and gives it to the page to be sent.</summary>
    public async Task Write(string text)
    {
        await Composer.FillAsync(text);
        // On a touch screen Enter begins a new line.
        if (await Composer.GetAttributeAsync("enterkeyhint") == "send")
            await Composer.PressAsync("Enter");
        else
            await Page.Locator(".room .send").ClickAsync();
        await Assertions.Expect(Composer).ToHaveValueAsync("");
    }

    /// <summary>Presses a button of a message's own, which are there while the pointer is.</summary>
    public async Task Press(ILocator message, string button)
    {
        await message.HoverAsync();
        await message.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = button, Exact = true }).ClickAsync();
    }

    /// <summary>Waits until the browser keeps a room with so many of its messages. (WaitForFunction takes a promise for true.)</summary>
    public Task Keeps(string room, int count) => Wait.Until($"{count} messages of {room} to be kept", () => Page.EvaluateAsync<bool>("""
        ([room, count]) => new Promise((resolve) => {
          const opening = indexedDB.open('confab');
          opening.onsuccess = () => {
            const reading = opening.result.transaction('rooms').objectStore('rooms').get(room);
            reading.onsuccess = () => { opening.result.close(); resolve(reading.result?.messages.length === count); };
          };
        })
        """, new object[] { room, count }));

    /// <summary>Takes a picture of what there is to see, into <c>artifacts/screens</c>.</summary>
    public Task Picture(string name) =>
        Page.ScreenshotAsync(new PageScreenshotOptions { Path = Repository.PathOf($"artifacts/screens/{name}.png"), Animations = ScreenshotAnimations.Disabled });

    /// <summary>What there is to see now that keeps somebody out, as axe-core judges it.</summary>
    public async Task<IReadOnlyList<string>> Violations()
    {
        await Page.EvaluateAsync(s_axe.Value + "; 0");
        return await Page.EvaluateAsync<string[]>("""
            () => axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
              violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id} ${html} ${failureSummary}`)))
            """);
    }

    /// <summary>Takes out of what went wrong what the test brought about itself: what says one of these words.</summary>
    /// <returns>What was taken out.</returns>
    public IReadOnlyList<string> Expect(params string[] words)
    {
        var all = _troubles.ToList();
        var expected = all.Where(trouble => words.Any(word => trouble.Contains(word, StringComparison.Ordinal))).ToList();
        _troubles.Clear();
        foreach (var trouble in all.Except(expected))
            _troubles.Enqueue(trouble);
        return expected;
    }

    private void Watch()
    {
        Page.WebSocket += (_, socket) =>
        {
            var joined = _joined = new();
            socket.FrameReceived += (_, frame) =>
            {
                if (frame.Text?.StartsWith("{\"type\":\"joined\"", StringComparison.Ordinal) == true)
                    joined[JsonDocument.Parse(frame.Text).RootElement.GetProperty("room").GetString()!] = true;
            };
        };
        Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _troubles.Enqueue($"{message.Type}: {message.Text} ({message.Location})");
        };
        Page.PageError += (_, error) => _troubles.Enqueue($"exception: {error}");
        Page.Dialog += async (_, dialog) =>
        {
            _troubles.Enqueue($"{dialog.Type}: {dialog.Message}");
            await dialog.DismissAsync();
        };
        Context.Request += (_, request) =>
        {
            var url = new Uri(request.Url);
            if (url.Scheme is not ("data" or "blob") && url.Authority != _place.Authority)
                _troubles.Enqueue($"request: {request.Url}");
        };
    }

    private static bool IsOfTheNetwork(string trouble) =>
        trouble.Contains("net::ERR_", StringComparison.Ordinal) || trouble.Contains("WebSocket connection to", StringComparison.Ordinal);
}
