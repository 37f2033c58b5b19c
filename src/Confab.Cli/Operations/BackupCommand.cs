using System.CommandLine;
using System.Globalization;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;

namespace Confab.Cli.Operations;

/// <summary><c>confab backup</c>: a copy of the database, beside a running server.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The backup to write; it must not exist" };
        var data = DataOption.Create();
        var command = new Command("backup", "Writes a verified copy of the database as it is at one moment, while the server goes on")
        { file, data };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(data), parsed.GetRequiredValue(file), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static string Files(WrittenCopy copy) =>
        copy.Files == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {copy.Files:N0} files in {Blobs.Beside(copy.Path).Folder}");

    private static int Run(string data, string file, TextWriter output)
    {
        var copy = Backup.Write(data, file);
        if (copy.IsSound)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{copy.Path}: {copy.Messages:N0} messages, {new FileInfo(copy.Path).Length:N0} bytes{Files(copy)}, verified."));
            return 0;
        }

        output.WriteLine($"The database breaks what the server promises of it. The copy is {copy.Path}; it was not named {file}.");
        foreach (var rule in copy.Broken)
            VerifyCommand.Print(Output.To(output), rule);
        return 1;
    }
}
