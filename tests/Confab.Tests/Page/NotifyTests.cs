using System.Text.Json;
using Confab.Server.Page;
using Confab.Tests.Client;
using Confab.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Of what one is told who does not look.</summary>
public class NotifyTests(Chromium chromium) : PageTest(chromium)
{
    // What the system would show and play.
    private const string Listen = """
        window.shown = [];
        window.beeps = 0;
        window.badges = [];
        ServiceWorkerRegistration.prototype.showNotification = async (title, { body, data }) => void window.shown.push(`${title}: ${body} ${data}`);
        const Sound = AudioContext;
        window.AudioContext = class extends Sound { constructor() { super(); window.beeps++; } };
        navigator.setAppBadge = async (count) => void window.badges.push(count ?? 'some');
        navigator.clearAppBadge = async () => void window.badges.push('none');
        """;

    [Fact]
    public async Task One_is_told_of_what_one_wants_and_does_not_look_at()
    {
        for (var i = 1; i <= 60; i++)
            await Post("Ben", $"Before {i}.");
        var ann = await Visit("Ann", "/rooms/general/5", options => options.Permissions = ["notifications"]);
        await ann.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");
        await ann.Context.AddInitScriptAsync(Listen);
        await Choose(ann, new { name = "Ann", notifications = true, levels = new Dictionary<string, string> { ["*"] = "mentions", ["random"] = "all", ["tech"] = "none" } });
        await Expect(ann.Message("Before 5.")).ToBeInViewportAsync();
        await ann.IsConnected();
        await Expect(ann.Room("tech")).ToBeVisibleAsync();

        // Of the room that a link led to one sees it; of the others as chosen.
        await Post("Ben", "@Ann here");
        await Post("Ben", "@Ann nothing of this", "tech");
        await Post("Ben", "Anything", "random");
        await Expect(ann.Room("random").Locator(".count")).ToBeVisibleAsync();
        // What is muted shows no badge.
        await Expect(ann.Room("tech")).ToContainTextAsync("nothing of this");
        await Expect(ann.Room("tech").Locator(".count")).ToHaveCountAsync(0);
        await Shows(ann, "Ben · #random: Anything /rooms/random/1");
        await Expect(ann.Page).ToHaveTitleAsync("(1) #general · Confab");
        Assert.Equal("1", (await ann.Page.EvaluateAsync<JsonElement>("() => window.badges.at(-1)")).ToString());
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Page).ToHaveTitleAsync("• #general · Confab");
        Assert.Equal("some", await ann.Page.EvaluateAsync<string>("() => window.badges.at(-1)"));
        await ann.Room("random").ClickAsync();
        await ann.Page.Keyboard.PressAsync("Escape");
        await Expect(ann.Page).ToHaveTitleAsync("#random · Confab");
        Assert.Equal("none", await ann.Page.EvaluateAsync<string>("() => window.badges.at(-1)"));
        await Post("Ben", "Not a mention");
        await Post("Ben", "But this is, @ann");
        await Shows(ann, "Ben · #random: Anything /rooms/random/1", "Ben · #general: But this is, @ann /rooms/general/63");
        Assert.Equal(0, await ann.Page.EvaluateAsync<int>("() => window.beeps"));

        await Choose(ann, new { name = "Ann", sound = true });
        await Expect(ann.Room("general").Locator(".count")).ToBeVisibleAsync();
        await ann.IsConnected();
        await Expect(ann.Page.Locator(".bar .people span").Last).ToHaveTextAsync("1");
        await Post("Ben", "And aloud, @Ann");
        await ann.Page.WaitForFunctionAsync("() => window.beeps === 1");
        await Shows(ann);
    }

    [Fact]
    public async Task What_was_missed_makes_no_noise()
    {
        var isCut = false;
        var wire = Outlives(new Wire(() => isCut ? 1 : Server.EndPoint.Port));
        var ann = await Visit(new UriBuilder(wire.Chat) { Scheme = "http", Path = "" }.Uri, "Ann", "/rooms/general", options => options.Permissions = ["notifications"]);
        ann.MayLoseTheNetwork = true;
        await ann.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");
        await ann.Context.AddInitScriptAsync(Listen);
        await Choose(ann, new { name = "Ann", notifications = true, sound = true });
        await ann.IsConnected();
        await Expect(ann.Room("random")).ToBeVisibleAsync();
        await Post("Ben", "@Ann, are you there?", "random");
        await Shows(ann, "Ben · #random: @Ann, are you there? /rooms/random/1");
        isCut = true;
        wire.Cut();
        await Expect(ann.Page.Locator(".app.is-offline")).ToBeVisibleAsync();
        await Post("Ben", "Missed, @Ann", "random");
        isCut = false;
        await ann.Page.EvaluateAsync("() => dispatchEvent(new Event('online'))");
        await Expect(ann.Room("random").Locator(".count .hidden")).ToHaveTextAsync("2 mentions, 2 unread messages");
        await Post("Ben", "News, @Ann", "random");
        await Shows(ann, "Ben · #random: @Ann, are you there? /rooms/random/1", "Ben · #random: News, @Ann /rooms/random/3");
    }

    [Fact]
    public async Task A_notification_leads_to_its_message()
    {
        var server = Outlives(await TestServer.Start(services => services.AddSingleton<IStartupFilter>(new PressingWorker())));
        var at = await Scene.Post(server.Http, "Ben", "Look here", "random");
        var ann = await Visit(server.Address, "Ann", "/rooms/general", options => options.Permissions = ["notifications"]);
        await ann.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");
        await ann.Page.ReloadAsync();
        await ann.IsConnected();
        await ann.Page.WaitForFunctionAsync("() => navigator.serviceWorker.controller?.state === 'activated'");
        await ann.Page.EvaluateAsync("(press) => navigator.serviceWorker.controller.postMessage({ press })", $"/rooms/random/{at}");
        await Expect(ann.Page).ToHaveURLAsync($"/rooms/random/{at}");
        await Expect(ann.Page.Locator($"#m{at}")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task What_is_read_in_another_window_is_not_told()
    {
        var ann = await Visit("Ann", "/rooms/random", options => options.Permissions = ["notifications"]);
        await ann.Page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => true)");
        await ann.Context.AddInitScriptAsync(Listen);
        await Choose(ann, new { name = "Ann", notifications = true, levels = new Dictionary<string, string> { ["*"] = "all" } });
        await ann.IsConnected();
        var other = await ann.Context.NewPageAsync();
        await other.GotoAsync("/rooms/general");
        await Expect(other.Locator(".app:not(.is-offline)")).ToBeVisibleAsync();
        await Post("Ben", "First");
        await Expect(other.GetByText("First")).ToHaveCountAsync(2);
        await Post("Ben", "Second");
        await Post("Ben", "Third", "tech");
        await Shows(ann, "Ben · #tech: Third /rooms/tech/1");
        await Expect(ann.Room("general").Locator(".count")).ToHaveCountAsync(0);
    }

    private static async Task Choose(Person person, object settings)
    {
        await person.Page.EvaluateAsync("(settings) => { localStorage['confab.settings'] = settings; }", JsonSerializer.Serialize(settings));
        await person.Page.ReloadAsync();
    }

    private static async Task Shows(Person person, params string[] expected)
    {
        await person.Page.WaitForFunctionAsync("(count) => window.shown.length >= count", expected.Length);
        Assert.Equal(expected, await person.Page.EvaluateAsync<string[]>("() => window.shown"));
    }

    // The page's worker, which shows a notification and takes it for pressed when it is told so: no test can reach the system's own.
    private sealed class PressingWorker : IStartupFilter
    {
        private const string Press = """

            self.addEventListener('message', async ({ data: { press } }) => {
              if (!press) return;
              await registration.showNotification('Ben', { data: press });
              const [notification] = await registration.getNotifications();
              dispatchEvent(new NotificationEvent('notificationclick', { notification }));
            });
            """;

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (HttpContext http, RequestDelegate others) =>
            {
                if (http.Request.Path != "/sw.js")
                {
                    await others(http);
                    return;
                }

                http.Response.ContentType = "text/javascript";
                var worker = http.RequestServices.GetRequiredService<PageFiles>().Find("/sw.js")!;
                await http.Response.Body.WriteAsync(worker.Plain, http.RequestAborted);
                await http.Response.WriteAsync(Press, http.RequestAborted);
            });
            next(app);
        };
    }
}
