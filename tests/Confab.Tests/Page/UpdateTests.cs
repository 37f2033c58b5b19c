using System.Text;
using System.Text.RegularExpressions;
using Confab.Server.Page;
using Confab.Tests.Client;
using Confab.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>A new version of the page waits until one wants it.</summary>
public partial class UpdateTests(Chromium chromium) : PageTest(chromium)
{
    protected override string[]? Options => null;

    [Fact]
    public async Task A_new_version_is_offered_and_taken_over_when_one_says_so()
    {
        var newer = new NewerWorker();
        var server = Outlives(await TestServer.Start(services => services.AddSingleton<IStartupFilter>(newer)));
        var ann = await Visit(server.Address, "Ann", "/rooms/general");
        await ann.IsConnected();
        await ann.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");
        await ann.Page.WaitForFunctionAsync("() => navigator.serviceWorker.controller?.state === 'activated'");
        var offer = ann.Page.GetByText("A new version is ready.");
        await ann.Page.ReloadAsync();
        await ann.IsConnected();
        await ann.Composer.FillAsync("Not yet");
        await Expect(offer).ToHaveCountAsync(0);

        newer.IsServed = true;
        await ann.Page.EvaluateAsync("() => { window.isTheSame = true; return navigator.serviceWorker.getRegistration().then((registration) => registration.update()).then(() => true); }");
        await Expect(offer).ToBeVisibleAsync();
        await Expect(ann.Composer).ToHaveValueAsync("Not yet");
        await ann.Picture("update");
        Assert.Empty(await ann.Violations());
        await ann.Say("Still the old one");
        Assert.True(await ann.Page.EvaluateAsync<bool>("() => window.isTheSame"));

        await ann.Composer.FillAsync("A draft stays");
        await ann.Button("Reload").ClickAsync();
        await ann.Page.WaitForFunctionAsync("() => window.isTheSame === undefined");
        await ann.IsConnected();
        await Expect(ann.Composer).ToHaveValueAsync("A draft stays");
        await Expect(offer).ToHaveCountAsync(0);
        Assert.Equal(["confab-newer"], await ann.Page.EvaluateAsync<string[]>("() => caches.keys()"));
    }

    [Fact]
    public async Task A_new_version_that_one_window_takes_over_is_only_offered_in_the_other()
    {
        var newer = new NewerWorker();
        var server = Outlives(await TestServer.Start(services => services.AddSingleton<IStartupFilter>(newer)));
        var ann = await Visit(server.Address, "Ann", "/rooms/general");
        await ann.Page.WaitForFunctionAsync("() => navigator.serviceWorker.controller?.state === 'activated'");
        await ann.Page.ReloadAsync();
        var window = await ann.Context.NewPageAsync();
        await window.GotoAsync("/rooms/general");
        await window.WaitForFunctionAsync("() => navigator.serviceWorker.controller?.state === 'activated'");
        await ann.IsConnected();
        await ann.Page.EvaluateAsync("() => window.isTheSame = true");
        await ann.Composer.FillAsync("Half a thought");

        newer.IsServed = true;
        await window.EvaluateAsync("() => { window.isTheSame = true; return navigator.serviceWorker.getRegistration().then((registration) => registration.update()).then(() => true); }");
        await window.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Reload" }).ClickAsync();
        await window.WaitForFunctionAsync("() => window.isTheSame === undefined");
        await Expect(window.Locator("textarea#composer")).ToBeVisibleAsync();

        await Expect(ann.Page.GetByText("A new version is ready.")).ToBeVisibleAsync();
        Assert.True(await ann.Page.EvaluateAsync<bool>("() => window.isTheSame"));
        // What it did not load yet is still there for it.
        Assert.Equal(2, (await ann.Page.EvaluateAsync<string[]>("() => caches.keys()")).Length);
        await ann.Button("Reload").ClickAsync();
        await ann.Page.WaitForFunctionAsync("() => window.isTheSame === undefined");
        await Expect(ann.Composer).ToHaveValueAsync("Half a thought");
    }

    [Fact]
    public async Task Another_name_of_the_place_is_a_new_version()
    {
        var (before, after) = (Outlives(await TestServer.Start("--name=Before")), Outlives(await TestServer.Start("--name=After")));
        var isAfter = false;
        var wire = Outlives(new Wire(() => (isAfter ? after : before).EndPoint.Port));
        var ann = await Visit(new UriBuilder(wire.Chat) { Scheme = "http", Path = "" }.Uri, "Ann", "/rooms/general");
        ann.MayLoseTheNetwork = true;
        await ann.IsConnected();
        await ann.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");
        await ann.Page.WaitForFunctionAsync("() => navigator.serviceWorker.controller?.state === 'activated'");
        await ann.Page.ReloadAsync();
        await ann.IsConnected();
        await Expect(ann.Page).ToHaveTitleAsync("#general · Before");

        isAfter = true;
        wire.Cut();
        await ann.Page.EvaluateAsync("() => navigator.serviceWorker.getRegistration().then((registration) => registration.update()).then(() => true)");
        await Expect(ann.Page.GetByText("A new version is ready.")).ToBeVisibleAsync();
        await ann.Button("Reload").ClickAsync();
        await Expect(ann.Page).ToHaveTitleAsync("#general · After");
    }

    [GeneratedRegex("const name = [^;]+;")]
    private static partial Regex Name();

    // The next version of the page: the same, under another name.
    private sealed class NewerWorker : IStartupFilter
    {
        public bool IsServed { get; set; }

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (HttpContext http, RequestDelegate others) =>
            {
                if (!IsServed || http.Request.Path != "/sw.js")
                {
                    await others(http);
                    return;
                }

                var worker = Encoding.UTF8.GetString(http.RequestServices.GetRequiredService<PageFiles>().Find("/sw.js")!.Plain);
                http.Response.ContentType = "text/javascript";
                await http.Response.WriteAsync(Name().Replace(worker, "const name = 'confab-newer';"), http.RequestAborted);
            });
            next(app);
        };
    }
}
