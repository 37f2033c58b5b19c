using Microsoft.Playwright;

namespace Confab.Tests.Page;

/// <summary>The tests of the page share a browser and run one after the other, when all others are done: a browser takes a whole machine.</summary>
[CollectionDefinition(nameof(Chromium), DisableParallelization = true)]
public sealed class InChromium : ICollectionFixture<Chromium>;

/// <summary>The browser that is installed on this machine; without one the tests of the page fail.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string DebiansPath = "/usr/bin/chromium";

    private static readonly string[] s_arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        // A worker comes through a proxy of the tests only so, whose certificate nobody signed.
        "--ignore-certificate-errors",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser is not running.");

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout((float)Person.Patience.TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CONFAB_CHROMIUM") ?? DebiansPath,
            Headless = true,
            Args = s_arguments,
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.CloseAsync();
        _playwright?.Dispose();
    }
}
