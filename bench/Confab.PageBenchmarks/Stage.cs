using System.Text.Json;
using Confab.Client;
using Confab.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Confab.PageBenchmarks;

/// <summary>A server without rate limits, a browser, and somebody who fills rooms.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private const int Window = 512;

    private static readonly string[] s_words = "the tea is ready when you are and we keep all of this since people ask for more notes every day in the morning".Split(' ');
    private static readonly string[] s_names = ["Ana Novak", "Chidi Okafor", "Dara Moss", "Greta Lind"];

    private readonly DirectoryInfo _data;
    private readonly WebApplication _app;
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly ConfabClient _client;
    private readonly HttpClient _http = new();

    private Stage(DirectoryInfo data, WebApplication app, IPlaywright playwright, IBrowser browser, ConfabClient client)
    {
        (_data, _app, _playwright, _browser, _client) = (data, app, playwright, browser, client);
        Address = new Uri(app.Urls.First());
    }

    public Uri Address { get; }

    public static async Task<Stage> Open()
    {
        var data = Directory.CreateTempSubdirectory("confab-page-");
        var app = ConfabServer.Build(["--urls=http://127.0.0.1:0", $"--data={data.FullName}", "--limits=off"], builder => builder.Logging.ClearProviders());
        await app.StartAsync();
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CONFAB_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var client = new ConfabClient(new UriBuilder(app.Urls.First()) { Scheme = "ws", Path = "/chat" }.Uri);
        await client.ConnectAsync();
        return new Stage(data, app, playwright, browser, client);
    }

    /// <summary>Makes a room and says that much in it.</summary>
    public async Task Fill(string room, int messages)
    {
        using var answer = await _http.PostAsync(new Uri(Address, "/api/rooms"), new StringContent(JsonSerializer.Serialize(new { name = room, topic = "" }), null, "application/json"));
        var pending = new Queue<Task>();
        for (var i = 0; i < messages; i++)
        {
            if (pending.Count == Window)
                await pending.Dequeue();
            pending.Enqueue(Say(room, i));
        }

        await Task.WhenAll(pending);
    }

    public Task Say(string room, int number)
    {
        var count = 3 + (number * 7 % 37);
        var content = string.Join(' ', Enumerable.Range(0, count).Select(i => s_words[(number + (i * 3)) % s_words.Length]));
        return _client.PostAsync(room, number % 10 == 0 ? $"{content}, **{number}**" : content, options: new ChangeOptions { Username = s_names[number / 3 % s_names.Length] });
    }

    /// <summary>A person with a browser of 1440 × 900, who has chosen a name.</summary>
    public async Task<IPage> Person()
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1440, Height = 900 }, Locale = "en-GB" });
        var page = await context.NewPageAsync();
        await page.AddInitScriptAsync("localStorage.setItem('confab.settings', localStorage.getItem('confab.settings') ?? JSON.stringify({ name: 'Mira Roy' }))");
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _browser.DisposeAsync();
        _playwright.Dispose();
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
