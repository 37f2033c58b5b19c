using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using Confab.Protocol;

namespace Confab.Server.Sockets;

/// <summary>What is told of what a client sends.</summary>
internal interface IFrames
{
    /// <summary>A whole text message in UTF-8. False stops the reading for now; what is left waits.</summary>
    bool OnText(ReadOnlySpan<byte> payload);

    void OnPing(ReadOnlySpan<byte> payload);

    void OnPong();

    /// <summary>The client closes, for a reason that RFC 6455 allows.</summary>
    void OnClose(CloseCode? code);

    /// <summary>The client broke the protocol; nothing more is read.</summary>
    void OnBroken(CloseCode code, string reason);
}

/// <summary>
/// Reads the frames of one client (RFC 6455 §5) out of the bytes as they come. It keeps a buffer only while a message is not complete,
/// and never a larger one than a message may be.
/// </summary>
internal sealed class FrameReader(int maxMessageBytes, int maxFragments)
{
    private const int LongestHeader = 14;

    private byte[] _left = [];
    private int _leftLength;
    private byte[] _message = [];
    private int _messageLength;
    private int _fragments;
    private bool _inMessage;

    /// <summary>A message was begun and is not complete.</summary>
    public bool IsInMessage => _leftLength > 0 || _inMessage;

    /// <summary>Reads what was left, and then what came.</summary>
    public void Read(Span<byte> received, IFrames frames)
    {
        if (_leftLength == 0)
        {
            Keep(received[Parse(received, frames)..]);
            return;
        }

        // One whole frame is the most that is ever left, so this ends as soon as it is there.
        Append(received);
        var used = Parse(_left.AsSpan(0, _leftLength), frames);
        if (_leftLength == 0)
            return; // closed meanwhile
        _left.AsSpan(used, _leftLength - used).CopyTo(_left);
        _leftLength -= used;
        if (_leftLength == 0)
            GiveBack(ref _left);
    }

    /// <summary>Frees the buffers.</summary>
    public void Clear()
    {
        GiveBack(ref _left);
        GiveBack(ref _message);
        _leftLength = 0;
        _inMessage = false;
    }

    private int Parse(Span<byte> bytes, IFrames frames)
    {
        var used = 0;
        while (used < bytes.Length)
        {
            var length = ParseFrame(bytes[used..], frames, out var goOn);
            used += length;
            if (!goOn)
                return used;
            if (length == 0)
                break;
        }

        return used;
    }

    // Gives the bytes of one whole frame, or 0 when it is not there yet.
    private int ParseFrame(Span<byte> bytes, IFrames frames, out bool goOn)
    {
        goOn = true;
        if (bytes.Length < 2)
            return 0;
        var final = (bytes[0] & 0x80) != 0;
        var opcode = (Opcode)(bytes[0] & 0x0F);
        if (CheckHeader(bytes[0], bytes[1], opcode, final) is { } broken)
            return Break(CloseCode.ProtocolError, broken, frames, bytes.Length, out goOn);
        if (opcode == Opcode.Binary)
            return Break(CloseCode.UnsupportedData, "only text frames are accepted", frames, bytes.Length, out goOn);

        long length = bytes[1] & 0x7F;
        var header = length switch { 126 => 8, 127 => 14, _ => 6 };
        if (bytes.Length < header)
            return 0;
        var shortest = header switch { 8 => 126, 14 => 65_536, _ => 0 };
        if (length == 126)
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        else if (length == 127)
            length = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        if (length < shortest)
            return Break(CloseCode.ProtocolError, "invalid payload length", frames, bytes.Length, out goOn);
        if (length > maxMessageBytes - (opcode == Opcode.Continuation ? _messageLength : 0))
            return Break(CloseCode.TooBig, "the message is too big", frames, bytes.Length, out goOn);
        if (bytes.Length < header + length)
            return 0;

        var payload = bytes.Slice(header, (int)length);
        WebSocketFraming.Unmask(payload, MemoryMarshal.Read<uint>(bytes.Slice(header - 4, 4)));
        goOn = opcode >= Opcode.Close ? TakeControl(opcode, payload, frames) : TakeData(opcode, final, payload, frames);
        return header + (int)length;
    }

    private string? CheckHeader(byte first, byte second, Opcode opcode, bool final) => opcode switch
    {
        _ when (first & 0x70) != 0 => "a reserved bit is set",
        _ when (second & 0x80) == 0 => "a frame is not masked",
        Opcode.Text or Opcode.Binary => _inMessage ? "a message began inside another" : null,
        Opcode.Continuation => _inMessage ? null : "there is nothing to continue",
        Opcode.Close or Opcode.Ping or Opcode.Pong => !final || (second & 0x7F) > 125 ? "a control frame is fragmented or too long" : null,
        _ => "unknown opcode",
    };

    private bool TakeControl(Opcode opcode, ReadOnlySpan<byte> payload, IFrames frames)
    {
        switch (opcode)
        {
            case Opcode.Ping:
                frames.OnPing(payload);
                return true;
            case Opcode.Pong:
                frames.OnPong();
                return true;
            default:
                TakeClose(payload, frames);
                return false;
        }
    }

    private static void TakeClose(ReadOnlySpan<byte> payload, IFrames frames)
    {
        if (payload.IsEmpty)
        {
            frames.OnClose(null);
            return;
        }

        var code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : (ushort)0;
        if (!IsCloseCode(code))
            frames.OnBroken(CloseCode.ProtocolError, "invalid close code");
        else if (!Utf8.IsValid(payload[2..]))
            frames.OnBroken(CloseCode.InvalidPayload, "the reason is not UTF-8");
        else
            frames.OnClose((CloseCode)code);
    }

    // RFC 6455 §7.4 and the IANA registry: 1004 to 1006 and 1015 never stand on the wire.
    private static bool IsCloseCode(ushort code) => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);

    private bool TakeData(Opcode opcode, bool final, ReadOnlySpan<byte> payload, IFrames frames)
    {
        if (opcode == Opcode.Text && final)
            return Deliver(payload, frames);

        if (++_fragments > maxFragments)
        {
            frames.OnBroken(CloseCode.PolicyViolation, "too many fragments");
            return false;
        }

        _inMessage = true;
        Grow(ref _message, _messageLength, _messageLength + payload.Length);
        payload.CopyTo(_message.AsSpan(_messageLength));
        _messageLength += payload.Length;
        if (!final)
            return true;

        var message = _message.AsSpan(0, _messageLength);
        _inMessage = false;
        _messageLength = 0;
        _fragments = 0;
        var goOn = Deliver(message, frames);
        GiveBack(ref _message);
        return goOn;
    }

    private static bool Deliver(ReadOnlySpan<byte> message, IFrames frames)
    {
        if (Utf8.IsValid(message))
            return frames.OnText(message);
        frames.OnBroken(CloseCode.InvalidPayload, "the text is not UTF-8");
        return false;
    }

    private static int Break(CloseCode code, string reason, IFrames frames, int rest, out bool goOn)
    {
        goOn = false;
        frames.OnBroken(code, reason);
        return rest;
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (!rest.IsEmpty)
            Append(rest);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Grow(ref _left, _leftLength, _leftLength + bytes.Length);
        bytes.CopyTo(_left.AsSpan(_leftLength));
        _leftLength += bytes.Length;
    }

    private static void Grow(ref byte[] buffer, int used, int needed)
    {
        if (buffer.Length >= needed)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, LongestHeader));
        buffer.AsSpan(0, used).CopyTo(larger);
        GiveBack(ref buffer);
        buffer = larger;
    }

    private static void GiveBack(ref byte[] buffer)
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }
}
