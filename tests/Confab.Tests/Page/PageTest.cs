using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Support;
using Microsoft.Playwright;

namespace Confab.Tests.Page;

/// <summary>A place of its own for every test, and people who come there with a browser. A test fails, too, if anything went wrong in one of them.</summary>
[Collection(nameof(Chromium))]
public abstract class PageTest(Chromium chromium) : IAsyncLifetime
{
    /// <summary>A script that has <c>window.heard</c> called with every frame, before the page hears of it.</summary>
    protected const string HeardFirst = """
        window.WebSocket = class extends WebSocket {
          constructor(...given) {
            super(...given);
            // Before whoever listens later.
            this.addEventListener('message', ({ data }) => window.heard?.(JSON.parse(data)));
          }
        };
        """;

    private readonly List<Person> _people = [];
    private readonly Stack<IAsyncDisposable> _outliving = [];
    private TestServer? _server;

    protected TestServer Server => _server ?? throw new InvalidOperationException("This test starts its own server.");

    /// <summary>How the server is started; null if the test does that.</summary>
    protected virtual string[]? Options => [];

    public async ValueTask InitializeAsync()
    {
        if (Options is not null)
            _server = Outlives(await TestServer.Start(Options));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var (index, person) in _people.Index())
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
                await person.Picture($"failed/{TestContext.Current.TestMethod?.MethodName}-{index}");
            await person.Context.CloseAsync();
        }

        while (_outliving.TryPop(out var outliving))
            await outliving.DisposeAsync();
        var troubles = _people.SelectMany(person => person.Troubles).ToList();
        Assert.True(troubles.Count == 0, string.Join('\n', troubles));
    }

    /// <summary>Somebody comes, under a name or for the first time.</summary>
    protected Task<Person> Visit(string? name, string path = "/", Action<BrowserNewContextOptions>? with = null) => Visit(Server.Address, name, path, with);

    /// <summary>Somebody comes to some other place.</summary>
    protected async Task<Person> Visit(Uri place, string? name, string path = "/", Action<BrowserNewContextOptions>? with = null)
    {
        var options = new BrowserNewContextOptions();
        with?.Invoke(options);
        var person = await Person.Arrive(chromium.Browser, place, name, path, options);
        _people.Add(person);
        return person;
    }

    /// <summary>Keeps something until everybody is gone: a page whose server went before it would complain.</summary>
    protected T Outlives<T>(T server)
        where T : IAsyncDisposable
    {
        _outliving.Push(server);
        return server;
    }

    protected async Task MakeRoom(string name, string topic = "")
    {
        using var answer = await Server.Http.PostAsJsonAsync("/api/rooms", new { name, topic }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    protected Task<long> Post(string username, string content, string room = "general", long? replyTo = null) =>
        Scene.Post(Server.Http, username, content, room, replyTo);

    /// <summary>What was said in a room, as HTTP tells it.</summary>
    protected static async Task<JsonElement[]> Log(HttpClient http, string room = "general") =>
        await http.GetFromJsonAsync<JsonElement[]>($"/api/rooms/{room}/messages?after=0&limit=200", TestContext.Current.CancellationToken) ?? [];
}
