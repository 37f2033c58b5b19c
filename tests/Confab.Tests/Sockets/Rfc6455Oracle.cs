using System.Text;

namespace Confab.Tests.Sockets;

/// <summary>What a server has to make of a client's bytes, and where that leaves it.</summary>
/// <param name="Events">In their order: <c>text …</c>, <c>ping …</c>, <c>pong</c>, and at last perhaps <c>close …</c> or <c>broken …</c>.</param>
/// <param name="IsInMessage">A message or a frame was begun and is not complete.</param>
public sealed record Verdict(IReadOnlyList<string> Events, bool IsInMessage)
{
    /// <summary>Nothing that comes later matters.</summary>
    public bool IsOver => Events is [.., var last] && (last.StartsWith("close", StringComparison.Ordinal) || last.StartsWith("broken", StringComparison.Ordinal));
}

/// <summary>
/// RFC 6455 §5 read once more, as plainly as it goes: the whole stream lies there, and a frame after the other is taken from it. It shares
/// nothing with the server, not even the check for UTF-8, so that both would have to be wrong in the same way.
/// </summary>
public static class Rfc6455Oracle
{
    public static Verdict Judge(byte[] stream, int maxMessage, int maxFragments)
    {
        var events = new List<string>();
        List<byte>? message = null;
        var fragments = 0;
        var at = 0;
        while (stream.Length - at >= 2)
        {
            var fin = stream[at] >= 0x80;
            var reserved = (stream[at] >> 4) & 7;
            var opcode = stream[at] & 15;
            var masked = stream[at + 1] >= 0x80;
            var shortLength = stream[at + 1] & 127;
            if (reserved != 0 || !masked || IsOutOfPlace(opcode, fin, shortLength, message is not null))
                return Over("broken 1002");
            if (opcode == 2)
                return Over("broken 1003");

            var lengthBytes = shortLength switch { 126 => 2, 127 => 8, _ => 0 };
            if (stream.Length - at < 2 + lengthBytes + 4)
                break;
            ulong length = 0;
            foreach (var b in stream.AsSpan(at + 2, lengthBytes))
                length = (length << 8) | b;
            if (lengthBytes == 0)
                length = (ulong)shortLength;
            if (length >= 1UL << 63 || (lengthBytes == 2 && length < 126) || (lengthBytes == 8 && length < 65536))
                return Over("broken 1002");
            if (opcode < 8 && length > (ulong)(maxMessage - (message?.Count ?? 0)))
                return Over("broken 1009");
            if ((ulong)(stream.Length - at - 2 - lengthBytes - 4) < length)
                break;

            var key = stream.AsSpan(at + 2 + lengthBytes, 4);
            var payload = stream.AsSpan(at + 2 + lengthBytes + 4, (int)length).ToArray();
            for (var i = 0; i < payload.Length; i++)
                payload[i] ^= key[i % 4];
            at += 2 + lengthBytes + 4 + (int)length;

            if (opcode == 8)
                return Over(JudgeClose(payload));
            if (opcode == 9)
                events.Add($"ping {Convert.ToHexString(payload)}");
            if (opcode == 10)
                events.Add("pong");
            if (opcode >= 8)
                continue;

            // A message in a single frame has no fragments.
            if ((opcode == 0 || !fin) && ++fragments > maxFragments)
                return Over("broken 1008");
            message ??= [];
            message.AddRange(payload);
            if (!fin)
                continue;
            if (!IsUtf8(message))
                return Over("broken 1007");
            events.Add($"text {Convert.ToHexString([.. message])}");
            message = null;
            fragments = 0;
        }

        return new Verdict(events, message is not null || at < stream.Length);

        Verdict Over(string end)
        {
            events.Add(end);
            return new Verdict(events, IsInMessage: false);
        }
    }

    private static bool IsOutOfPlace(int opcode, bool fin, int shortLength, bool inMessage) => opcode switch
    {
        0 => !inMessage,
        1 or 2 => inMessage,
        8 or 9 or 10 => !fin || shortLength > 125,
        _ => true,
    };

    private static string JudgeClose(byte[] payload)
    {
        if (payload.Length == 0)
            return "close";
        if (payload.Length == 1)
            return "broken 1002";
        var code = (payload[0] << 8) | payload[1];
        var mayBeSent = code is >= 1000 and <= 1014 and not (1004 or 1005 or 1006) or >= 3000 and <= 4999;
        return !mayBeSent ? "broken 1002" : IsUtf8([.. payload[2..]]) ? $"close {code}" : "broken 1007";
    }

    // The grammar of RFC 3629 §4, line by line.
    private static bool IsUtf8(List<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Count)
        {
            var tail = bytes[at] switch
            {
                <= 0x7F => 0,
                >= 0xC2 and <= 0xDF => 1,
                0xE0 when In(at + 1, 0xA0, 0xBF) => 2,
                >= 0xE1 and <= 0xEC or 0xEE or 0xEF => 2,
                0xED when In(at + 1, 0x80, 0x9F) => 2,
                0xF0 when In(at + 1, 0x90, 0xBF) => 3,
                >= 0xF1 and <= 0xF3 => 3,
                0xF4 when In(at + 1, 0x80, 0x8F) => 3,
                _ => -1,
            };
            if (tail < 0)
                return false;
            for (var i = 1; i <= tail; i++)
            {
                if (!In(at + i, 0x80, 0xBF))
                    return false;
            }

            at += tail + 1;
        }

        return true;

        bool In(int index, byte from, byte to) => index < bytes.Count && bytes[index] >= from && bytes[index] <= to;
    }
}
