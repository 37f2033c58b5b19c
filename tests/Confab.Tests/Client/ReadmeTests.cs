using Confab.Client;
using Confab.Protocol;
using Confab.Tests.Support;

namespace Confab.Tests.Client;

/// <summary>The code in the package's README compiles, runs, and is the one that stands there.</summary>
public class ReadmeTests
{
    [Fact]
    public async Task The_example_echoes()
    {
        await using var server = await RestartableServer.Start();
        using var stop = new CancellationTokenSource();
        var echo = Echo(server.Chat, stop.Token);
        await using var ann = new ConfabClient(server.Chat, new ConfabClientOptions { Username = "ann" });
        await ann.ConnectAsync(TestContext.Current.CancellationToken);
        var heard = new Listener(ann);
        while ((await ann.JoinAsync("general", cancellationToken: TestContext.Current.CancellationToken)).Count < 2)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        var said = await ann.PostAsync("general", "hi", cancellationToken: TestContext.Current.CancellationToken);
        var answer = (await heard.Frame<MessageFrame>(m => m.Data.Username == "echo")).Data;
        Assert.Equal(("ann said: hi", said), (answer.Content, answer.ReplyTo));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => echo);
    }

    [Fact]
    public void The_example_is_the_one_in_the_README()
    {
        var code = File.ReadAllLines(ThisFile());
        var begin = Array.FindIndex(code, line => line.Trim() == "// example") + 1;
        var example = code[begin..].TakeWhile(line => line.Trim() != "// end").Select(line => line.Length > 8 ? line[8..] : line.Trim());
        var readme = File.ReadAllText(Repository.PathOf("src/Confab.Client/README.md"));
        Assert.Contains($"```csharp\n{string.Join('\n', example)}\n```", readme, StringComparison.Ordinal);
    }

    private static async Task Echo(Uri server, CancellationToken stop)
    {
#pragma warning disable xUnit1051 // an example needs no token of a test
        // example
        await using var client = new ConfabClient(server, new ConfabClientOptions { Username = "echo" });
        await client.ConnectAsync();
        await client.JoinAsync("general");

        await foreach (var item in client.ReadEventsAsync(stop))
        {
            if (item is FrameReceived { Frame: MessageFrame { Data: var message } } && message.Username != "echo")
                await client.PostAsync("general", $"{message.Username} said: {message.Content}", replyTo: message.Id);
        }
        // end
#pragma warning restore xUnit1051
    }

    private static string ThisFile() => Repository.PathOf("tests/Confab.Tests/Client/ReadmeTests.cs");
}
