using System.Buffers;
using BenchmarkDotNet.Attributes;
using Confab.Protocol;

namespace Confab.Benchmarks;

/// <summary>Parsing what a client says, and writing what everybody hears: contents of 150 bytes.</summary>
[MemoryDiagnoser]
public class FrameBenchmarks : IDisposable
{
    private static readonly byte[] s_content = [.. Enumerable.Range(0, 150).Select(i => (byte)('a' + (i % 26)))];
    private static readonly byte[] s_frame = [.. "{\"type\":\"message\",\"room\":\"general\",\"username\":\"guest\",\"content\":\""u8, .. s_content, .. "\"}"u8];

    private readonly byte[] _scratch = new byte[64 * 1024];
    private readonly byte[] _masked = s_frame.ToArray();
    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private readonly FrameWriter _writer = new();
    private readonly Limits _limits = new();

    [Benchmark]
    public bool Parse_a_message() => ClientFrame.Parse(s_frame, _scratch, _limits, out _).IsRefused;

    [Benchmark]
    public void Unmask_a_message() => WebSocketFraming.Unmask(_masked, 0x12345678);

    [Benchmark]
    public int Write_a_message()
    {
        _output.ResetWrittenCount();
        _writer.MessageEvent(_output, "message"u8, 42, new MessageView
        {
            Id = 42,
            Room = "general"u8,
            Username = "guest"u8,
            Content = s_content,
            Timestamp = 1_795_000_000_000,
        });
        return _output.WrittenCount;
    }

    [Benchmark]
    public int Write_an_ack()
    {
        _output.ResetWrittenCount();
        _writer.Ack(_output, "a1b2c3"u8, "general"u8, 42);
        return _output.WrittenCount;
    }

    public void Dispose()
    {
        _writer.Dispose();
        GC.SuppressFinalize(this);
    }
}
