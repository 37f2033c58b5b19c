using System.CommandLine;
using Confab.Server;

namespace Confab.Cli.Operations;

/// <summary><c>confab serve</c>: the server itself, with the server's own options and exit codes.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", "Runs the server with its options, such as --urls URL, --data DIR, --name TEXT, --access open")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction((parsed, _) => ConfabServer.Run([.. parsed.UnmatchedTokens]));
        return command;
    }
}
