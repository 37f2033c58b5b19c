using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Server;
using Confab.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Confab.Tests.Support;

/// <summary>A real server in this process, on a port of its own and with a data directory of its own.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _data;

    private TestServer(WebApplication app, DirectoryInfo data, LogLines log)
    {
        _app = app;
        _data = data;
        Log = log;
        Address = new Uri(app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        EndPoint = new IPEndPoint(IPAddress.Loopback, Address.Port);
        Http = new HttpClient { BaseAddress = Address, Timeout = RawConnection.Patience };
    }

    public Uri Address { get; }

    public IPEndPoint EndPoint { get; }

    public HttpClient Http { get; }

    public LogLines Log { get; }

    /// <summary>What the server is made of, for tests that look inside.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>The directory of its database.</summary>
    public string Data => _data.FullName;

    /// <summary>Starts a server. Tests make a room each, so HTTP writes have no limit unless an option sets one.</summary>
    /// <param name="options">Further command line options, as an operator would write them.</param>
    public static Task<TestServer> Start(params string[] options) => Start(_ => { }, options);

    /// <summary>Starts a server whose time is the test's.</summary>
    public static Task<TestServer> Start(TimeProvider time, params string[] options) => Start(services => services.AddSingleton(time), options);

    /// <summary>Starts a server some of whose parts are the test's.</summary>
    public static async Task<TestServer> Start(Action<IServiceCollection> add, params string[] options)
    {
        var data = Directory.CreateTempSubdirectory("confab-test-");
        var log = new LogLines();
        string[] arguments = ["--urls=http://127.0.0.1:0", $"--data={data.FullName}", "--Confab:WritesPerSecondPerAddress=0", "--Confab:RoomsPerDayPerAddress=0", .. options];
        var app = ConfabServer.Build(arguments, builder =>
        {
            builder.Logging.ClearProviders().AddProvider(log);
            add(builder.Services);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestServer(app, data, log);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        var stopping = _app.StopAsync();
        // Where time is the test's, the server would wait for ever for those who are to leave.
        while (_app.Services.GetRequiredService<TimeProvider>() is FakeTimeProvider time && !stopping.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(5, CancellationToken.None);
        }

        await stopping;
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }

    public Task<RawWebSocket> Open(Handshake? handshake = null) => RawWebSocket.Open(EndPoint, handshake);

    /// <summary>Makes a room that no other test knows.</summary>
    public async Task<string> NewRoom()
    {
        var room = $"room-{Guid.NewGuid():N}";
        using var answer = await Http.PostAsJsonAsync("/api/rooms", new { name = room }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"POST /api/rooms: {answer.StatusCode}");
        return room;
    }

    /// <summary>Waits until the server counts so many connections.</summary>
    public async Task HasConnections(int count)
    {
        // Not from /metrics: there the servers of other tests, in the same process, are counted in.
        var metrics = _app.Services.GetRequiredService<Metrics>();
        var started = TimeProvider.System.GetTimestamp();
        while (metrics.Connections != count)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < RawConnection.Patience, $"Expected {count} connections, the server counts {metrics.Connections}.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The room as <c>GET /api/rooms/{room}</c> tells it.</summary>
    public Task<JsonElement> Room(string room) => Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room}", TestContext.Current.CancellationToken);
}
