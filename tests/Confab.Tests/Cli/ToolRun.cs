using Confab.Cli;

namespace Confab.Tests.Cli;

/// <summary>What the <c>confab</c> tool answered to a command line.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public static async Task<ToolRun> Of(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await Tool.Run(args, output, error);
        return new ToolRun(exitCode, output.ToString(), error.ToString());
    }
}
