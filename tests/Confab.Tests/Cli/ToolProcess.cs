using System.Diagnostics;
using System.Globalization;
using Confab.Cli;

namespace Confab.Tests.Cli;

/// <summary>The tool as a process of its own, with its input and output in our hands. It does not outlive the test.</summary>
internal sealed class ToolProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _error;

    public ToolProcess(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Tool).Assembly.Location, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>What the process wrote to standard error, all of it, once it has ended.</summary>
    public Task<string> Error => _error.WaitAsync(s_patience);

    /// <summary>Reads lines until one contains the text, and gives that one.</summary>
    public async Task<string> LineWith(string text)
    {
        var seen = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
            seen.Add(line);
        }

        throw new EndOfStreamException($"The tool ended without a line with '{text}': {string.Join('\n', seen)}{await Error}");
    }

    public void Signal(string name) =>
        Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]).Dispose();

    public async Task<int> ExitCode()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_patience);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
