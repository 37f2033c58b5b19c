using System.Net.Sockets;
using System.Security.Cryptography;
using Confab.Server.Files;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Operations;
using Confab.Server.Page;
using Confab.Server.Rooms;
using Confab.Server.Search;
using Confab.Server.Sockets;
using Confab.Server.Storage;

namespace Confab.Server;

/// <summary>Puts the server together: <c>dotnet run</c>, <c>confab serve</c> and the tests start the same one.</summary>
public static class ConfabServer
{
    /// <summary>Runs the server until it is told to stop.</summary>
    /// <param name="args">The command line, as for <see cref="Build"/>.</param>
    /// <returns>The exit code of the process: 0; 1 when it refused to start, with the reason on standard error; 70 when the disk failed.</returns>
    public static async Task<int> Run(string[] args)
    {
        if (CommandLine.Answer(args) is { } answer)
        {
            await Console.Out.WriteLineAsync(answer);
            return 0;
        }

        var started = false;
        try
        {
            // The host would log a failed start with its stack trace.
            await using var app = Build(args, builder => builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => started && level >= LogLevel.Warning));
            await app.StartAsync();
            started = true;
            await app.WaitForShutdownAsync();
            return Environment.ExitCode;
        }
        catch (Exception e) when (!started && IsTheOperators(e))
        {
            var why = e is SocketException ? $"Cannot listen on the address of --urls: {e.Message}." : e.Message;
            await Console.Error.WriteLineAsync(why.ReplaceLineEndings(" "));
            return 1;
        }
    }

    /// <summary>Builds the server, ready to run.</summary>
    /// <param name="args">The command line: <c>--urls</c>, <c>--data</c>, <c>--access open</c>, <c>--limits off</c>, <c>--Confab:Name=value</c>.</param>
    /// <param name="configure">Changes to make before it is built.</param>
    /// <exception cref="RefusedToStartException">The configuration or the runtime is not safe to run with.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        Runtime.CheckVersion(Environment.Version);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(CommandLine.Read(args));
        builder.AddHosting();
        builder.AddStorage();
        builder.AddMessages();
        builder.AddRooms();
        builder.AddFiles();
        builder.AddSearch();
        builder.AddSockets();
        builder.AddOperations();
        builder.AddPage();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseHosting();
        app.UseOperations();
        app.UseOrigins();
        app.MapOperations();
        app.UseDoor();
        app.MapRooms();
        app.MapMessages();
        app.MapFiles();
        app.MapSearch();
        app.MapChat();
        app.MapPage();
        return app;
    }

    // What the data directory, an address, a certificate or a file of settings that does not fit ends in; anything else is a bug, and keeps its stack trace.
    private static bool IsTheOperators(Exception e) =>
        e is RefusedToStartException or SchemaException or StorageException
            or IOException or InvalidDataException or UnauthorizedAccessException or SocketException or CryptographicException
            // An address or a certificate that Kestrel does not take. Thrown elsewhere, these are defects.
            || (e is FormatException or InvalidOperationException && e.Source?.StartsWith("Microsoft.", StringComparison.Ordinal) == true);
}
