using System.CommandLine;
using Confab.Server.Hosting;

namespace Confab.Cli.Operations;

/// <summary><c>--data DIR</c>: the same directory that a server started here would take.</summary>
internal static class DataOption
{
    public static Option<string> Create() => new("--data")
    {
        Description = "The server's data directory",
        HelpName = "DIR",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable($"{ServerOptions.Section}__{nameof(ServerOptions.Data)}") ?? new ServerOptions().Data,
    };
}
