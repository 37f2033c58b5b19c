using Spectre.Console;

namespace Confab.Cli;

/// <summary>Where a command's answer goes: with colours to a terminal, plain and with its lines unbroken to anything else.</summary>
internal static class Output
{
    public static IAnsiConsole To(TextWriter writer)
    {
        var to = new AnsiConsoleOutput(writer);
        if (to.IsTerminal)
            return AnsiConsole.Create(new AnsiConsoleSettings { Out = to });
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = to, Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = int.MaxValue / 4;
        return console;
    }
}
