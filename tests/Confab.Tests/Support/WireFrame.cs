using System.Buffers.Binary;
using System.Text;

namespace Confab.Tests.Support;

/// <summary>How the length of a frame is written (RFC 6455 §5.2).</summary>
public enum LengthForm
{
    Shortest,
    SevenBits,
    SixteenBits,
    SixtyFourBits,
}

/// <summary>A frame as a client could put it on the wire, whether or not it keeps to RFC 6455.</summary>
public sealed record WireFrame(int Opcode, byte[] Payload)
{
    public bool Fin { get; init; } = true;

    /// <summary>The three reserved bits as a number from 0 to 7: RSV1 is 4.</summary>
    public int Rsv { get; init; }

    public bool Masked { get; init; } = true;

    public uint MaskingKey { get; init; } = 0x37FA213D;

    /// <summary>The length that the header claims, where it is not the payload's.</summary>
    public ulong? Claims { get; init; }

    public LengthForm Form { get; init; } = LengthForm.Shortest;

    public static WireFrame Text(string text) => new(1, Encoding.UTF8.GetBytes(text));

    public static WireFrame Text(byte[] payload, bool fin = true) => new(1, payload) { Fin = fin };

    public static WireFrame Continuation(byte[] payload, bool fin) => new(0, payload) { Fin = fin };

    public static WireFrame Binary(byte[] payload) => new(2, payload);

    public static WireFrame Ping(byte[] payload) => new(9, payload);

    public static WireFrame Pong(byte[] payload) => new(10, payload);

    public static WireFrame Close(byte[] payload) => new(8, payload);

    public static WireFrame Close(int code, string reason = "") => Close(code, Encoding.UTF8.GetBytes(reason));

    public static WireFrame Close(int code, byte[] reason)
    {
        var payload = new byte[2 + reason.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        reason.CopyTo(payload.AsSpan(2));
        return Close(payload);
    }

    public static byte[] Several(params IEnumerable<WireFrame> frames) => [.. frames.SelectMany(frame => frame.ToBytes())];

    public byte[] ToBytes()
    {
        var bytes = new List<byte>(14 + Payload.Length) { (byte)((Fin ? 0x80 : 0) | (Rsv << 4) | Opcode) };
        AddLength(bytes, Claims ?? (ulong)Payload.Length);
        if (!Masked)
            return [.. bytes, .. Payload];

        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(key, MaskingKey);
        bytes.AddRange(key);
        for (var i = 0; i < Payload.Length; i++)
            bytes.Add((byte)(Payload[i] ^ key[i % 4]));
        return [.. bytes];
    }

    private void AddLength(List<byte> bytes, ulong length)
    {
        var mask = Masked ? 0x80 : 0;
        var form = Form != LengthForm.Shortest ? Form
            : length < 126 ? LengthForm.SevenBits
            : length <= ushort.MaxValue ? LengthForm.SixteenBits
            : LengthForm.SixtyFourBits;
        var width = form switch { LengthForm.SevenBits => 0, LengthForm.SixteenBits => 2, _ => 8 };
        bytes.Add((byte)(mask | (width switch { 0 => (int)length, 2 => 126, _ => 127 })));
        for (var i = width - 1; i >= 0; i--)
            bytes.Add((byte)(length >> (8 * i)));
    }
}
