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
        var file = new Argument<string>("FILE") { Description = "The backup to write; must not exist" };
        var data = DataOption.Create();
        var command = new Command("backup", "Writes a verified, consistent copy of the database while the server runs")
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

        output.WriteLine($"The database breaks the server's guarantees. The copy was kept as {copy.Path}, and not named {file}.");
        foreach (var rule in copy.Broken)
            VerifyCommand.Print(Output.To(output), rule);
        return 1;
    }
}
