using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Confab.Protocol;

/// <summary>Opcodes of RFC 6455 §5.2.</summary>
public enum Opcode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>The framing of RFC 6455 §5: what a server writes, and the header of what a client writes.</summary>
public static class WebSocketFraming
{
    /// <summary>The longest header that a server writes: 2 bytes and 8 of length.</summary>
    public const int MaxServerHeader = 10;

    /// <summary>Bytes of the header in front of a server's payload of that length.</summary>
    public static int ServerHeaderLength(int payloadLength) => payloadLength < 126 ? 2 : payloadLength < 65536 ? 4 : 10;

    /// <summary>Writes an unfragmented, unmasked header and returns its length.</summary>
    public static int WriteServerHeader(Span<byte> destination, Opcode opcode, int payloadLength)
    {
        destination[0] = (byte)(0x80 | (byte)opcode);
        switch (payloadLength)
        {
            case < 126:
                destination[1] = (byte)payloadLength;
                return 2;
            case < 65536:
                destination[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
                return 4;
            default:
                destination[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payloadLength);
                return 10;
        }
    }

    /// <summary>Appends one whole unmasked frame.</summary>
    public static void WriteServerFrame(IBufferWriter<byte> destination, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var span = destination.GetSpan(MaxServerHeader + payload.Length);
        var header = WriteServerHeader(span, opcode, payload.Length);
        payload.CopyTo(span[header..]);
        destination.Advance(header + payload.Length);
    }

    /// <summary>The length of the whole unmasked frame that begins here, header included.</summary>
    public static int ServerFrameLength(ReadOnlySpan<byte> frame) => frame[1] switch
    {
        126 => 4 + BinaryPrimitives.ReadUInt16BigEndian(frame[2..]),
        127 => 10 + checked((int)BinaryPrimitives.ReadUInt64BigEndian(frame[2..])),
        var length => 2 + length,
    };

    /// <summary>Undoes the masking of RFC 6455 §5.3 in place.</summary>
    /// <param name="payload">The payload, or a part of it that begins at <paramref name="offset"/>.</param>
    /// <param name="mask">The four bytes of the key as they lie in memory.</param>
    /// <param name="offset">Where in the payload the part begins.</param>
    public static void Unmask(Span<byte> payload, uint mask, int offset = 0)
    {
        mask = BitConverter.IsLittleEndian
            ? BitOperations.RotateRight(mask, 8 * (offset & 3))
            : BitOperations.RotateLeft(mask, 8 * (offset & 3));

        if (Vector.IsHardwareAccelerated && payload.Length >= Vector<byte>.Count)
        {
            var wide = Vector.AsVectorByte(new Vector<uint>(mask));
            var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(payload);
            foreach (ref var vector in vectors)
                vector ^= wide;
            payload = payload[(vectors.Length * Vector<byte>.Count)..];
        }

        Span<byte> key = stackalloc byte[4];
        MemoryMarshal.Write(key, in mask);
        for (var i = 0; i < payload.Length; i++)
            payload[i] ^= key[i & 3];
    }
}
