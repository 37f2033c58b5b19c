using System.Text;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>A server whose messages are short, so that limits are met by chance.</summary>
public sealed class TightServer() : ServerFixture("--Confab:Limits:FrameBytes=1024", "--Confab:Fragments=16", "--Confab:Limits:MessagesPerSecond=0");

/// <summary>The same, over streams.</summary>
public sealed class TightStreamServer() : ServerFixture("--Confab:Limits:FrameBytes=1024", "--Confab:Fragments=16", "--Confab:Limits:MessagesPerSecond=0", "--transport=kestrel");

public sealed class SocketFuzzTests(TightServer shared) : SocketFuzz(shared), IClassFixture<TightServer>;

public sealed class SocketFuzzOverStreamsTests(TightStreamServer shared) : SocketFuzz(shared), IClassFixture<TightStreamServer>;

/// <summary>The whole server against the oracle: whatever comes, it answers what it must, closes with the right code, and goes on.</summary>
public abstract class SocketFuzz(ServerFixture shared)
{
    private const int MaxMessage = 1024;
    private const int MaxFragments = 16;

    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task Any_bytes_are_answered_as_RFC_6455_says_and_disturb_nobody()
    {
        await using var neighbours = await Neighbours.MoveIn(_server);
        var first = Effort.Seed();
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; Effort.IsLong ? TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60) : i < 200; i++)
        {
            await Try(i % 2 == 0 ? i : first + i);
            if (i % 20 == 0)
                await neighbours.AreUndisturbed();
        }

        await _server.HasConnections(2);
        await neighbours.AreUndisturbed();
        Assert.DoesNotContain(_server.Log.All, line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));
    }

    private async Task Try(int seed)
    {
        var random = new Random(seed);
        var frames = new RandomFrames(random);
        var stream = frames.Stream(random.Next(1, 30), brokenPercent: random.Next(2) * 5);
        var verdict = Rfc6455Oracle.Judge(stream, MaxMessage, MaxFragments);
        var expected = Answers(verdict, frames.Ids);

        await using var socket = await _server.Open();
        foreach (var piece in frames.Pieces(stream))
        {
            if (!await socket.TrySend(piece))
                break;
        }

        var answers = new List<string>();
        await Hear(socket, answers, expected.Count);

        // A stream that leaves the connection open is ended by us: with a close where one is due, or in the middle of a frame.
        var endsItself = expected is [.., var last] && last.StartsWith("close", StringComparison.Ordinal);
        if (!endsItself && !verdict.IsInMessage)
        {
            await socket.TrySend(WireFrame.Close(4321).ToBytes());
            expected.Add("close 4321");
        }
        else if (!endsItself)
        {
            socket.HalfClose();
        }

        await Hear(socket, answers, int.MaxValue);
        Assert.True(expected.SequenceEqual(answers), $"Seed {seed}: expected [{string.Join(", ", expected)}], got [{string.Join(", ", answers)}]");
    }

    private static async Task Hear(RawWebSocket socket, List<string> answers, int atMost)
    {
        try
        {
            while (answers.Count < atMost && await socket.Receive() is { } frame)
            {
                answers.Add(Describe(frame));
                if (!frame.IsClose)
                    continue;
                await socket.TrySend(WireFrame.Close(1000).ToBytes());
                socket.HalfClose();
            }
        }
        catch (TimeoutException)
        {
            answers.Add("nothing, for a long time");
        }
    }

    private static List<string> Answers(Verdict verdict, Dictionary<string, string> ids)
    {
        var answers = new List<string>();
        var malformed = 0;
        foreach (var happened in verdict.Events)
        {
            switch (happened.Split(' '))
            {
                case ["text", var hex]:
                    if (ids.TryGetValue(Encoding.UTF8.GetString(Convert.FromHexString(hex)).Trim(' '), out var id))
                    {
                        answers.Add($"answer {id}");
                        malformed = 0;
                        break;
                    }

                    answers.Add("error");
                    if (++malformed < 3)
                        break;
                    answers.Add("close 1008");
                    return answers;
                case ["ping", var payload]:
                    answers.Add($"pong {payload}");
                    break;
                case ["close" or "broken", var code]:
                    answers.Add($"close {code}");
                    break;
                case ["close"]:
                    answers.Add("close 1005");
                    break;
            }
        }

        return answers;
    }

    private static string Describe(RawFrame frame)
    {
        if (frame.IsClose)
            return $"close {frame.CloseCode}";
        if (frame.IsPong)
            return $"pong {Convert.ToHexString(frame.Payload)}";
        if (!frame.IsText)
            return frame.ToString();
        var json = frame.Json;
        return json.TypeOf() == "pong" ? $"answer {json.Text("id")}" : json.TypeOf() ?? "";
    }
}
