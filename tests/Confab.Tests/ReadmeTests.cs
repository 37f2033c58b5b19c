using System.Text.Json;
using System.Text.RegularExpressions;
using Confab.Tests.Support;

namespace Confab.Tests;

/// <summary>The README's first promise: two frames, sent as they stand there, by something that only speaks WebSocket.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task The_two_frames_of_the_README_are_answered_as_it_says()
    {
        var readme = await File.ReadAllTextAsync(Repository.PathOf("README.md"), TestContext.Current.CancellationToken);
        var blocks = Json().Matches(readme).Select(m => m.Groups[1].Value.Trim()).ToArray();
        await using var server = await TestServer.Start();
        await using var client = await server.Open();
        foreach (var frame in blocks[0].Split('\n'))
            await client.SendJson(frame);

        var told = JsonDocument.Parse(blocks[1]).RootElement;
        var heard = await client.NextOf("message");
        Assert.Equal(Names(told), Names(heard));
        Assert.Equal(Names(told.GetProperty("data")), Names(heard.GetProperty("data")));
        Assert.Equal(told.GetProperty("data").GetProperty("content").GetString(), heard.GetProperty("data").GetProperty("content").GetString());
        Assert.Equal(1, heard.GetProperty("seq").GetInt64());
    }

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(p => p.Name)];

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Json();
}
