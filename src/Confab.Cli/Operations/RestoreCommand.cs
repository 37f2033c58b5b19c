using System.CommandLine;
using System.Globalization;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;

namespace Confab.Cli.Operations;

/// <summary><c>confab restore</c>: a backup becomes the database.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A backup" };
        var data = DataOption.Create();
        var force = new Option<bool>("--force") { Description = "Replace an existing database, which is kept under another name" };
        var command = new Command("restore", "Restores a backup while the server is stopped; clients of the old history start over")
        { file, data, force };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetRequiredValue(data), parsed.GetValue(force), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(string file, string data, bool force, TextWriter output)
    {
        var (restored, aside) = Backup.Restore(file, data, force, TimeProvider.System);
        if (!restored.IsSound)
        {
            output.WriteLine($"{file} breaks the server's guarantees. Nothing was restored.");
            foreach (var rule in restored.Broken)
                VerifyCommand.Print(Output.To(output), rule);
            return 1;
        }

        if (aside is not null)
            output.WriteLine($"The previous database was kept as {aside}.");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{restored.Path}: {restored.Messages:N0} messages, {restored.Files:N0} files, epoch {restored.Epoch}."));
        return 0;
    }
}
