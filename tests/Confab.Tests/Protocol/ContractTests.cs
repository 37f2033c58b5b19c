using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Confab.Protocol;
using Confab.Tests.Client;
using Confab.Tests.Support;

namespace Confab.Tests.Protocol;

/// <summary>Holds PROTOCOL.md to the code: it is a contract, and must not say what is not so.</summary>
public partial class ContractTests
{
    // The epoch that the examples were written with.
    private const string Epoch = "5f0c1b6a9d3e2f47";

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
        var people = new Dictionary<string, Person>();
        var epoch = "";
        var played = 0;
        foreach (var match in s_lines.Select(line => Scene().Match(line)).Where(match => match.Success))
        {
            var (name, arrow, frame) = (match.Groups["name"].Value, match.Groups["arrow"].Value, match.Groups["frame"].Value);
            if (arrow == "✂")
            {
                people.Remove(name, out var gone);
                gone!.Dispose();
                // The room must have noticed, or her own return would find her present.
                while ((await server.Http.GetStringAsync("/api/rooms/general", TestContext.Current.CancellationToken)).Contains("\"present\":1", StringComparison.Ordinal))
                    await Task.Delay(10, TestContext.Current.CancellationToken);
                continue;
            }

            if (!people.TryGetValue(name, out var person))
            {
                people.Add(name, person = await Person.Connect(server.Chat));
                epoch = ((HelloFrame)ServerFrame.Parse(Encoding.UTF8.GetBytes(await person.Receive()))).Epoch;
            }

            frame = frame.Replace(Epoch, epoch, StringComparison.Ordinal);
            if (arrow == "→")
            {
                await person.Send(frame);
            }
            else
            {
                using var expected = JsonDocument.Parse(Time().Replace(frame, "T"));
                Vectors.AssertSame(expected.RootElement, Encoding.UTF8.GetBytes(Time().Replace(await person.Receive(), "T")));
            }

            played++;
        }

        Assert.Equal(23, played);
        foreach (var person in people.Values)
            person.Dispose();
    }

    [GeneratedRegex("^((ann|bob) )?(?<arrow>[→←]) (?<frame>\\{.*\\})$")]
    private static partial Regex Example();

    [GeneratedRegex("^(?<name>ann|bob) (?<arrow>[→←✂])( (?<frame>\\{.*\\}))?$")]
    private static partial Regex Scene();

    [GeneratedRegex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z")]
    private static partial Regex Time();

    private sealed class Person : IDisposable
    {
        private readonly ClientWebSocket _socket = new();
        private readonly byte[] _buffer = new byte[16 * 1024];

        public static async Task<Person> Connect(Uri chat)
        {
            var person = new Person();
            await person._socket.ConnectAsync(chat, TestContext.Current.CancellationToken);
            return person;
        }

        public Task Send(string frame) => _socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

        public async Task<string> Receive()
        {
            var received = await _socket.ReceiveAsync(_buffer, TestContext.Current.CancellationToken).WaitAsync(Listener.Patience);
            return Encoding.UTF8.GetString(_buffer, 0, received.Count);
        }

        public void Dispose() => _socket.Dispose();
    }
}
