using System.CommandLine;
using Confab.Server;

namespace Confab.Cli.Operations;

/// <summary><c>confab serve</c>: the server itself, with the server's own options and exit codes.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Runs the server, with its own options: --urls URL, --data DIR, --access open, --allowed-origins URL,URL, --limits off, --Confab:Name=value")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction((parsed, _) => ConfabServer.Run([.. parsed.UnmatchedTokens]));
        return command;
    }
}
