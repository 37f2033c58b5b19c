using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Microsoft.AspNetCore.Connections;

namespace Confab.Server.Sockets;

internal static class SocketsSetup
{
    public static void AddSockets(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LoopServices>();
        builder.Services.AddSingleton<EventLoops>();
        builder.Services.AddSingleton<Origins>();
        builder.Services.AddSingleton<ChatEndpoint>();
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketTransport>();
    }

    /// <summary>Keeps out the pages that may not talk to the server; before everything that is mapped.</summary>
    public static void UseOrigins(this WebApplication app) => app.Use(app.Services.GetRequiredService<Origins>().Guard);

    public static void MapChat(this WebApplication app)
    {
        var chat = app.Services.GetRequiredService<ChatEndpoint>();
        app.Map(ChatEndpoint.Path, chat.Handle).ExcludeFromDescription().Requires(Operation.Connect);
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            // The list is read beside everything else: at the first reaction it would hold up a loop for some milliseconds.
            _ = Task.Run(() => Emoji.TryQualify("👍"u8, out _));
            var listening = app.Services.GetRequiredService<Listening>();
            var path = app.Services.GetRequiredService<ServerOptions>().Path + ChatEndpoint.Path;
            foreach (var url in app.Urls.Where(url => !listening.IsOperators(BindingAddress.Parse(url).Port)))
                Console.WriteLine($"WebSocket server running on ws{url[4..].Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}{path}");
        });
    }
}
