namespace Confab.Tests.Cli;

/// <summary><c>confab serve</c> is the server, with its options and its exit codes.</summary>
public sealed class ServeTests : TempFolder
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task It_serves_until_it_is_told_to_stop(string signal)
    {
        using var tool = new ToolProcess("serve", "--urls", "http://127.0.0.1:0", $"--data={PathOf("data")}", "--Confab:Limits:ContentBytes=10");
        var line = await tool.LineWith("WebSocket server running on ws://");
        var port = new Uri(line[line.IndexOf("ws://", StringComparison.Ordinal)..]).Port;
        using var http = new HttpClient { DefaultRequestHeaders = { ConnectionClose = true } };
        using var tooLong = await http.PostAsync($"http://127.0.0.1:{port}/api/rooms/general/messages",
            new StringContent("""{"username":"ann","content":"more than ten"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")), Cancel);
        Assert.Equal(413, (int)tooLong.StatusCode);
        Assert.True(File.Exists(PathOf("data/confab.db")));

        tool.Signal(signal);
        Assert.Equal(0, await tool.ExitCode());
    }

    [Theory]
    [InlineData("--access open", "--urls", "http://0.0.0.0:0")]
    [InlineData("it must be on or off", "--limits", "maybe")]
    public async Task It_refuses_what_the_server_refuses(string reason, params string[] options)
    {
        using var tool = new ToolProcess(["serve", .. options, "--data", PathOf("data")]);
        Assert.Equal(1, await tool.ExitCode());
        Assert.Contains(reason, await tool.Error);
    }
}
