using System.Text.Json;
using System.Text.RegularExpressions;
using Confab.Protocol;
using Confab.Tests.Client;
using Confab.Tests.Support;

namespace Confab.Tests.Protocol;

/// <summary>Holds PROTOCOL.md to the code: it is a contract, and must not say what is not so.</summary>
public partial class ContractTests
{
    private static readonly string[] s_lines = File.ReadAllLines(Repository.PathOf("protocol/PROTOCOL.md"));

    [Fact]
    public void Every_frame_in_it_fits_the_schema()
    {
        var frames = s_lines.Select(line => Example().Match(line)).Where(match => match.Success).ToArray();
        Assert.True(frames.Length > 30);
        Assert.All(frames, match => Assert.Empty(Schema.Validate(match.Groups["arrow"].Value == "→" ? "client" : "server", match.Groups["frame"].Value)));
    }

    [Fact]
    public void Every_type_of_frame_is_explained()
    {
        var explained = s_lines.Where(line => line.StartsWith("### ", StringComparison.Ordinal)).SelectMany(line => line[4..].Split(", ")).ToHashSet();
        var types = WireJson.Default.Command.PolymorphismOptions!.DerivedTypes.Concat(WireJson.Default.ServerFrame.PolymorphismOptions!.DerivedTypes);
        // Typing reads the same in both directions, and is shown under presence.
        Assert.All(types, type => Assert.Contains((string)type.TypeDiscriminator!, explained));
    }

    [Fact]
    public void Every_limit_is_listed_with_its_default()
    {
        using var limits = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(new Limits(), WireJson.Default.Limits));
        foreach (var limit in limits.RootElement.EnumerateObject())
            Assert.Contains(s_lines, line => line.StartsWith($"| `{limit.Name}` | {limit.Value.GetRawText()} |", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_refusal_and_close_code_is_listed()
    {
        foreach (var code in Enum.GetValues<RefusalCode>().Except([RefusalCode.None]))
            Assert.Contains(s_lines, line => line.StartsWith($"| `{code.Name()}` |", StringComparison.Ordinal));
        foreach (var code in Enum.GetValues<CloseCode>())
            Assert.Contains(s_lines, line => line.StartsWith($"| {(int)code} |", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_example_of_coming_back_is_what_a_server_does()
    {
        await using var server = await RestartableServer.Start();
        Assert.Equal(23, await Transcript.Play(server, s_lines));
    }

    [GeneratedRegex("^((ann|bob) )?(?<arrow>[→←]) (?<frame>\\{.*\\})$")]
    private static partial Regex Example();
}
