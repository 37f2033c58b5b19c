using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Confab.Protocol;
using Confab.Tests.Client;
using Confab.Tests.Support;

namespace Confab.Tests.Protocol;

/// <summary>A conversation that a document shows: lines such as <c>ann → {…}</c>. It is played to a server, which must answer as it is written.</summary>
internal static partial class Transcript
{
    // The epoch that the documents were written with.
    private const string Epoch = "5f0c1b6a9d3e2f47";

    /// <summary>Plays every line of a transcript.</summary>
    /// <returns>How many frames there were.</returns>
    public static async Task<int> Play(RestartableServer server, IEnumerable<string> lines)
    {
        var people = new Dictionary<string, Person>();
        var epoch = "";
        var played = 0;
        foreach (var match in lines.Select(line => Scene().Match(line)).Where(match => match.Success))
        {
            var (name, arrow, frame) = (match.Groups["name"].Value, match.Groups["arrow"].Value, match.Groups["frame"].Value);
            if (arrow == "✂")
            {
                people.Remove(name, out var gone);
                gone!.Dispose();
                // The room must have noticed, or her own return would find her present.
                await Wait.Until("her absence to be noticed", async () =>
                    !(await server.Http.GetStringAsync("/api/rooms/general", TestContext.Current.CancellationToken)).Contains("\"present\":1", StringComparison.Ordinal));
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

        foreach (var person in people.Values)
            person.Dispose();
        return played;
    }

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
