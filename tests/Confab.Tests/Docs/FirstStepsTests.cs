using System.Text.RegularExpressions;
using Confab.Cli;
using Confab.Tests.Cli;
using Confab.Tests.Support;

namespace Confab.Tests.Docs;

/// <summary>docs/first-steps.md: its commands are run as they stand there, in an empty directory, and must print what it says.</summary>
public sealed partial class FirstStepsTests : TempFolder
{
    private const string RunServer = "dotnet run --project src/Confab.Server --", RunTool = "dotnet run --project src/Confab.Cli --";

    private static readonly string s_page = File.ReadAllText(Repository.PathOf("docs/first-steps.md"));
    private readonly int _port = ChildServer.FreePort();

    [Fact]
    public async Task Every_command_does_what_the_page_says()
    {
        ToolProcess? server = null;
        var output = "";
        var (commands, claims) = (0, 0);
        try
        {
            foreach (Match block in Block().Matches(s_page))
            {
                var text = block.Groups["text"].Value.Trim();
                if (block.Groups["language"].Value == "text")
                {
                    Assert.Contains(text.Replace("9292", $"{_port}", StringComparison.Ordinal), output, StringComparison.Ordinal);
                    claims++;
                }
                else if (text.StartsWith(RunServer, StringComparison.Ordinal))
                {
                    await Stop(server);
                    server = Bash($"exec {text} --urls http://localhost:{_port}");
                    output = await server.LineWith("WebSocket server running");
                    commands++;
                }
                else
                {
                    using var run = Bash($"set -euo pipefail\n{text}");
                    run.EndInput();
                    output = await run.Rest();
                    Assert.True(await run.ExitCode() == 0, $"{text}\n{output}{await run.Error}");
                    commands++;
                }
            }

            Assert.Equal((7, 6), (commands, claims));
            using var http = new HttpClient();
            http.DefaultRequestHeaders.Host = "chat.example.org";
            Assert.Contains("general", await http.GetStringAsync(new Uri($"http://localhost:{_port}/api/rooms"), Cancel), StringComparison.Ordinal);
        }
        finally
        {
            await Stop(server);
        }
    }

    // That one is proved with Caddy.
    [Fact]
    public void Its_proxy_is_the_one_of_operations() =>
        Assert.Contains(Caddy().Match(s_page).Value, File.ReadAllText(Repository.PathOf("docs/operations.md")), StringComparison.Ordinal);

    private ToolProcess Bash(string script)
    {
        var tool = $"dotnet {typeof(Tool).Assembly.Location}";
        return ToolProcess.Of("bash", "-c", $"cd {Folder.FullName}\n" + script
            .Replace(RunServer, $"{tool} serve", StringComparison.Ordinal)
            .Replace($"{RunTool} chat", $"{tool} chat --url ws://localhost:{_port}/chat", StringComparison.Ordinal)
            .Replace(RunTool, tool, StringComparison.Ordinal)
            .Replace("9292", $"{_port}", StringComparison.Ordinal));
    }

    private static async Task Stop(ToolProcess? server)
    {
        if (server is null)
            return;
        server.Signal("TERM");
        Assert.Equal(0, await server.ExitCode());
        server.Dispose();
    }

    [GeneratedRegex("```(?<language>sh|text)\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("```caddy\n.*?```", RegexOptions.Singleline)]
    private static partial Regex Caddy();
}
