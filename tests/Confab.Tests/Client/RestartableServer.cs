using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Confab.Protocol;
using Confab.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Confab.Tests.Client;

/// <summary>A real server that can be stopped and started again over the same data, at the same address.</summary>
internal sealed class RestartableServer : IAsyncDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("confab-client-");
    private readonly string[] _options;
    private WebApplication? _app;

    private RestartableServer(string[] options)
    {
        // A port of the system's choice would be another one after the restart.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _options = [$"--urls=http://127.0.0.1:{Port}", $"--data={_data.FullName}", "--limits=off", "--Confab:ReconnectSpreadMs=50", .. options];
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
    }

    public int Port { get; }

    public Uri Chat => new($"ws://127.0.0.1:{Port}/chat");

    public HttpClient Http { get; }

    /// <summary>The directory of its database.</summary>
    public string Data => _data.FullName;

    public static async Task<RestartableServer> Start(params string[] options)
    {
        var server = new RestartableServer(options);
        await server.StartAgain();
        using var answer = await server.Http.PostAsJsonAsync("/api/rooms", new { name = "general" }, TestContext.Current.CancellationToken);
        return server;
    }

    public async Task StartAgain()
    {
        _app = ConfabServer.Build(_options, builder => builder.Logging.ClearProviders());
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Stops as on SIGTERM: everybody is told, what was taken is stored.</summary>
    public async Task Stop()
    {
        if (_app is not { } app)
            return;
        _app = null;
        await app.StopAsync(TestContext.Current.CancellationToken);
        await app.DisposeAsync();
    }

    /// <summary>Every message of the room, in order.</summary>
    public async Task<List<MessageData>> Messages(string room = "general")
    {
        var all = new List<MessageData>();
        while (true)
        {
            var page = await Http.GetFromJsonAsync($"/api/rooms/{room}/messages?limit=200&after={(all.Count == 0 ? 0 : all[^1].Id)}", WireJson.Default.IReadOnlyListMessageData, TestContext.Current.CancellationToken);
            all.AddRange(page!);
            if (page!.Count == 0)
                return all;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        Http.Dispose();
        _data.Delete(recursive: true);
    }
}
