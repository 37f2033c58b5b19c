using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Confab.Tests.Support;

/// <summary>A frame of the server as it came.</summary>
public sealed record RawFrame(bool Fin, int Opcode, byte[] Payload)
{
    public bool IsText => Opcode == 1;

    public bool IsClose => Opcode == 8;

    public bool IsPing => Opcode == 9;

    public bool IsPong => Opcode == 10;

    /// <summary>The code of a close frame; 1005 when it has none (RFC 6455 §7.1.5).</summary>
    public int CloseCode => Payload.Length < 2 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(Payload);

    public string Text => Encoding.UTF8.GetString(Payload);

    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Payload);
            return document.RootElement.Clone();
        }
    }

    public override string ToString() => IsClose ? $"close {CloseCode}" : $"opcode {Opcode}, {Payload.Length} bytes: {Text}";
}
