using System.CommandLine;
using Confab.Cli.Bench;
using Confab.Cli.Chat;
using Confab.Cli.Operations;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;

namespace Confab.Cli;

/// <summary>The <c>confab</c> tool: one command per thing that one does with a Confab server.</summary>
internal static class Tool
{
    /// <summary>What was asked for could not be done; 1 says that it was done, and what it found is bad.</summary>
    public const int Failed = 2;

    /// <summary>Runs a command line and gives the exit code.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="output">Where the answer goes; standard output if null.</param>
    /// <param name="error">Where the reason of a failure goes; standard error if null.</param>
    public static async Task<int> Run(string[] args, TextWriter? output = null, TextWriter? error = null)
    {
        var root = new RootCommand("Confab: a self-hosted chat server and its tools.")
        {
            ServeCommand.Create(),
            ChatCommand.Create(),
            BenchCommand.Create(),
            VerifyCommand.Create(),
            BackupCommand.Create(),
            RestoreCommand.Create(),
        };
        // An argument like @ann is a name here, and no file to read arguments from. Every command stops in its own time, so there is no timeout.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = output ?? Console.Out,
            Error = error ?? Console.Error,
        };
        try
        {
            var exitCode = await parsed.InvokeAsync(invocation);
            return parsed.Errors.Count > 0 ? Failed : exitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StorageException or SchemaException)
        {
            await invocation.Error.WriteLineAsync(Inert.Line(e.Message));
            return Failed;
        }
    }
}
