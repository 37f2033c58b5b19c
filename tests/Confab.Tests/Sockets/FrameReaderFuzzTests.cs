using Confab.Protocol;
using Confab.Server.Sockets;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>The frame reader alone against the oracle: streams by chance, cut into pieces by chance, with pauses by chance.</summary>
public sealed class FrameReaderFuzzTests
{
    private const int MaxMessage = 1024;
    private const int MaxFragments = 16;

    [Fact]
    public void The_frame_reader_makes_of_any_bytes_what_RFC_6455_says()
    {
        var first = Effort.Seed();
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; Effort.IsLong ? TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60) : i < 3000; i++)
            Try(i % 2 == 0 ? i : first + i);
    }

    private static void Try(int seed)
    {
        var random = new Random(seed);
        var frames = new RandomFrames(random);
        var stream = frames.Stream(random.Next(1, 30), brokenPercent: random.Next(2) * 5);
        var verdict = Rfc6455Oracle.Judge(stream, MaxMessage, MaxFragments);

        var heard = new Heard(random);
        var reader = new FrameReader(MaxMessage, MaxFragments);
        foreach (var piece in frames.Pieces(stream))
        {
            reader.Read(piece, heard);
            while (heard.TakePause())
                reader.Read([], heard);
            if (heard.IsOver)
                break;
        }

        Assert.True(verdict.Events.SequenceEqual(heard.Events), $"Seed {seed}: expected [{string.Join(", ", verdict.Events)}], heard [{string.Join(", ", heard.Events)}]");
        if (!verdict.IsOver)
            Assert.True(verdict.IsInMessage == reader.IsInMessage, $"Seed {seed}: in a message: {reader.IsInMessage}");
        reader.Clear();
        Assert.False(reader.IsInMessage);
    }

    private sealed class Heard(Random random) : IFrames
    {
        private bool _paused;

        public List<string> Events { get; } = [];

        public bool IsOver { get; private set; }

        public bool TakePause() => (_paused, _paused = false).Item1 && !IsOver;

        public bool OnText(ReadOnlySpan<byte> payload)
        {
            Assert.False(_paused, "Told of a text while it was paused.");
            Events.Add($"text {Convert.ToHexString(payload)}");
            _paused = random.Next(4) == 0;
            return !_paused;
        }

        public void OnPing(ReadOnlySpan<byte> payload) => Events.Add($"ping {Convert.ToHexString(payload)}");

        public void OnPong() => Events.Add("pong");

        public void OnClose(CloseCode? code) => End(code is null ? "close" : $"close {(int)code}");

        public void OnBroken(CloseCode code, string reason)
        {
            Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(reason), 1, 123);
            End($"broken {(int)code}");
        }

        private void End(string how)
        {
            Assert.False(IsOver, $"Told of {how} after the end.");
            Events.Add(how);
            IsOver = true;
        }
    }
}
