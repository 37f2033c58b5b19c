using BenchmarkDotNet.Attributes;
using Confab.Server.Messages;

namespace Confab.Benchmarks;

/// <summary>What a message costs before it is stored: plain words next to nothing, Markdown some microseconds.</summary>
[MemoryDiagnoser]
public class MarkdownBenchmarks
{
    private static readonly byte[] s_plain = [.. Enumerable.Range(0, 150).Select(i => (byte)('a' + (i % 26)))];

    [Benchmark(Baseline = true)]
    public int Plain() => MessageHtml.Read(s_plain).Html.Length;

    [Benchmark]
    public int Sentence() => MessageHtml.Read("See **this**: https://example.org/a and `code`, or [that](https://example.org/b)."u8).Html.Length;

    [Benchmark]
    public int Code() => MessageHtml.Read("Look:\n\n```csharp\nfor (var i = 0; i < n; i++)\n    total += a[i] * b[i];\n```\n\n- one\n- two\n"u8).Html.Length;
}
