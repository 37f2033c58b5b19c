using System.Text;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>Streams of frames by chance: mostly valid, now and then broken in one place, and then valid again.</summary>
public sealed class RandomFrames(Random random)
{
    private readonly List<byte> _bytes = [];
    private int _pings;

    /// <summary>What each valid text asks for: the JSON without its padding.</summary>
    public Dictionary<string, string> Ids { get; } = [];

    public byte[] Stream(int frames, int brokenPercent)
    {
        for (var i = 0; i < frames; i++)
        {
            if (random.Next(100) < brokenPercent)
                AddBroken();
            else
                AddValid();
        }

        // The end may lie anywhere, also inside a frame.
        if (random.Next(4) == 0)
        {
            var end = random.Next(_bytes.Count + 1);
            _bytes.RemoveRange(end, _bytes.Count - end);
        }

        return [.. _bytes];
    }

    /// <summary>Cuts a stream into pieces of any size, mostly small.</summary>
    public IEnumerable<byte[]> Pieces(byte[] stream)
    {
        for (var at = 0; at < stream.Length;)
        {
            var size = Math.Min(random.Next(3) switch { 0 => 1, 1 => random.Next(1, 16), _ => random.Next(1, 2000) }, stream.Length - at);
            yield return stream[at..(at + size)];
            at += size;
        }
    }

    private void AddValid()
    {
        switch (random.Next(10))
        {
            case 0:
                Add(WireFrame.Ping(Some(126)));
                break;
            case 1:
                Add(WireFrame.Pong(Some(126)));
                break;
            case 2 when random.Next(10) == 0:
                Add(random.Next(2) == 0 ? WireFrame.Close([]) : WireFrame.Close(random.Next(3) switch { 0 => 1000, 1 => random.Next(3000, 5000), _ => random.Next(1000, 1016) }, "bye"));
                break;
            case <= 5:
                Add(WireFrame.Text(Text()));
                break;
            default:
                AddFragments(Text());
                break;
        }
    }

    private void AddFragments(byte[] text)
    {
        var at = 0;
        var opcode = 1;
        bool fin;
        do
        {
            var size = random.Next(text.Length - at + 1);
            fin = at + size == text.Length && random.Next(2) == 0;
            Add(new WireFrame(opcode, text[at..(at + size)]) { Fin = fin });
            opcode = 0;
            at += size;
            if (!fin && random.Next(5) == 0)
                Add(WireFrame.Ping(Some(10)));
        }
        while (!fin);
    }

    private void AddBroken()
    {
        var text = WireFrame.Text(Text());
        switch (random.Next(12))
        {
            case 0:
                Add(text with { Masked = false });
                break;
            case 1:
                Add(text with { Rsv = random.Next(1, 8) });
                break;
            case 2:
                Add(new WireFrame(random.Next(16), Some(40)) { Fin = random.Next(2) == 0 });
                break;
            case 3:
                Add(text with { Claims = (ulong)random.NextInt64() >> random.Next(64) });
                break;
            case 4:
                Add(text with { Claims = ulong.MaxValue >> random.Next(8), Form = LengthForm.SixtyFourBits });
                break;
            case 5:
                Add(text with { Form = random.Next(2) == 0 ? LengthForm.SixteenBits : LengthForm.SixtyFourBits });
                break;
            case 6:
                Add(WireFrame.Text(Pings.With([.. Some(8), 0xFF], Id(out _))));
                break;
            case 7:
                Add(new WireFrame(random.Next(8, 11), Some(200)) { Fin = random.Next(4) != 0 });
                break;
            case 8:
                Add(WireFrame.Close(random.Next(65_536), Some(20)));
                break;
            case 9:
                Add(WireFrame.Text(Some(20)));
                break;
            case 10:
                _bytes.AddRange(Some(30));
                break;
            default:
                var bytes = text.ToBytes();
                bytes[random.Next(2)] ^= (byte)(1 << random.Next(8));
                _bytes.AddRange(bytes);
                break;
        }
    }

    private void Add(WireFrame frame) => _bytes.AddRange((frame with { MaskingKey = (uint)random.NextInt64(uint.MaxValue + 1L) }).ToBytes());

    private byte[] Text()
    {
        var json = $$"""{"type":"ping","id":"{{Id(out var id)}}","pad":"{{(random.Next(3) == 0 ? "κόσμε 👍 €" : "")}}"}""";
        Ids[json] = id;
        return Encoding.UTF8.GetBytes(json.PadRight(random.Next(10) switch { 0 => random.Next(100, 1000), 1 => random.Next(120, 130), _ => 0 }));
    }

    private string Id(out string id) => id = $"p{_pings++}";

    private byte[] Some(int below)
    {
        var bytes = new byte[random.Next(below)];
        random.NextBytes(bytes);
        return bytes;
    }
}
