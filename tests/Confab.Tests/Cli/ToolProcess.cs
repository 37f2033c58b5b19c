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
        : this("dotnet", [typeof(Tool).Assembly.Location, .. args])
    {
    }

    private ToolProcess(string file, string[] args)
    {
        var start = new ProcessStartInfo(file, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Another program.</summary>
    public static ToolProcess Of(string file, params string[] args) => new(file, args);

    /// <summary>The tool in a terminal of 80 by 24 cells (script(1) makes one), which we type into and read from.</summary>
    public static ToolProcess InTerminal(params string[] args)
    {
        var command = string.Join(' ', new[] { "dotnet", typeof(Tool).Assembly.Location }.Concat(args).Select(arg => $"'{arg}'"));
        return new ToolProcess("script", ["-qec", $"stty cols 80 rows 24; TERM=xterm exec {command}", "/dev/null"]);
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

    /// <summary>Types something; a line with its end.</summary>
    public async Task Type(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>The rest of the output, to its end.</summary>
    public Task<string> Rest() => _process.StandardOutput.ReadToEndAsync().WaitAsync(s_patience);

    /// <summary>Reads what comes, line or not, until it contains the text; gives all of it.</summary>
    public async Task<string> Until(string text)
    {
        var seen = new System.Text.StringBuilder();
        var buffer = new char[4096];
        while (!seen.ToString().Contains(text, StringComparison.Ordinal))
        {
            var read = await _process.StandardOutput.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(s_patience);
            if (read == 0)
                throw new EndOfStreamException($"The tool ended without '{text}': {seen}{await Error}");
            seen.Append(buffer, 0, read);
        }

        return seen.ToString();
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
