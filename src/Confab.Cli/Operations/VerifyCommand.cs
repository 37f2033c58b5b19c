using System.CommandLine;
using System.Globalization;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Spectre.Console;

namespace Confab.Cli.Operations;

/// <summary><c>confab verify</c>: whether a database keeps the server's promises.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var data = DataOption.Create();
        var hash = new Option<bool>("--hash") { Description = "Compare the bytes of each attached file with its hash, not only its length" };
        var command = new Command("verify", "Checks a database against the server's guarantees: exit code 0 if all hold, 1 if not")
        { data, hash };
        command.SetAction(parsed => Run(Path.Combine(parsed.GetRequiredValue(data), Database.FileName), parsed.GetValue(hash), Output.To(parsed.InvocationConfiguration.Output)));
        return command;
    }

    private static int Run(string path, bool hash, IAnsiConsole output)
    {
        try
        {
            return Check(path, hash, output);
        }
        catch (StorageException e) when (e.IsDamage)
        {
            // So damaged that no rule can be asked for.
            Print(output, new("The file is whole", [e.Message], More: false));
            return 1;
        }
    }

    private static int Check(string path, bool hash, IAnsiConsole output)
    {
        using var verification = new Verification(path);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{path}: schema {verification.Schema}, epoch {Inert.Line(verification.Epoch)}; rooms {verification.Rooms:N0}, messages {verification.Messages:N0}, other changes {verification.Changes:N0}, files {verification.Files:N0}"));
        var (rules, broken) = (0, 0);
        foreach (var rule in verification.Check(hash: hash))
        {
            rules++;
            broken += rule.Holds ? 0 : 1;
            Print(output, rule);
        }

        output.MarkupLine(broken == 0 ? $"[green]All {rules} rules hold.[/]" : $"[red]{broken} of {rules} rules do not hold.[/]");
        return broken == 0 ? 0 : 1;
    }

    /// <summary>Prints a rule, and what was found against it.</summary>
    public static void Print(IAnsiConsole output, CheckedRule rule)
    {
        output.MarkupLine($"  {(rule.Holds ? "[green]ok    [/]" : "[red]BROKEN[/]")}  {Markup.Escape(rule.Rule)}");
        foreach (var violation in rule.Violations)
            output.WriteLine($"            {Inert.Line(violation)}");
        if (rule.More)
            output.WriteLine("            … and more");
    }
}
