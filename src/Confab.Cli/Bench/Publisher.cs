using System.Buffers.Text;
using System.Text;

namespace Confab.Cli.Bench;

/// <summary>What a connection publishes: one message over and over, with the time and a number in it; and who has which of them.</summary>
internal sealed class Publisher
{
    /// <summary>A mark, then 19 digits of time, 5 of the publisher and 8 of the message, each ended by one more character.</summary>
    public const int StampLength = 2 + 20 + 6 + 9;

    private const int ContentLength = 150;
    private const int Remembered = 4096; // more than any window

    private readonly byte[] _frame;
    private readonly int _stamp;
    private readonly int[] _receipts = new int[Remembered];
    private int _sent;

    public Publisher(int number, string room, string user, int inRoom)
    {
        InRoom = inRoom;
        var head = $$"""{"type":"message","room":"{{room}}","username":"{{user}}","content":"~T""";
        var padding = string.Concat(Enumerable.Repeat(" the quick brown fox jumps over the lazy dog", 4))[..(ContentLength - StampLength)];
        _stamp = head.Length;
        _frame = Encoding.ASCII.GetBytes($"{head}{0:D19},{number:D5},{0:D8}~{padding}\"}}");
    }

    public static ReadOnlySpan<byte> Mark => "~T"u8;

    /// <summary>Which of the publishers of its room this is.</summary>
    public int InRoom { get; }

    /// <summary>Messages that not every member has yet.</summary>
    public int Outstanding { get; set; }

    /// <summary>The next message, stamped. To be used before the next call.</summary>
    public ReadOnlySpan<byte> Next(long time)
    {
        _sent++;
        _receipts[_sent % Remembered] = 0;
        Utf8Formatter.TryFormat(time, _frame.AsSpan(_stamp), out _, new('D', 19));
        Utf8Formatter.TryFormat(_sent, _frame.AsSpan(_stamp + 26), out _, new('D', 8));
        return _frame;
    }

    /// <summary>A member has a message; true when it was the last one to get it.</summary>
    public bool Received(int message, int members) => Interlocked.Increment(ref _receipts[message % Remembered]) == members;

    /// <summary>Reads a stamp, of which the mark was found.</summary>
    public static bool TryRead(ReadOnlySpan<byte> afterMark, out long time, out int publisher, out int message)
    {
        (publisher, message) = (0, 0);
        return Utf8Parser.TryParse(afterMark[..19], out time, out _)
            && Utf8Parser.TryParse(afterMark.Slice(20, 5), out publisher, out _)
            && Utf8Parser.TryParse(afterMark.Slice(26, 8), out message, out _);
    }
}
