using System.Text.Json.Serialization;
using HdrHistogram;

namespace Confab.Cli.Bench;

/// <summary>What a run came to. What it did not measure is null.</summary>
internal sealed record Result
{
    public required string Scenario { get; init; }

    public required int Connections { get; init; }

    public required double ConnectsPerSecond { get; init; }

    public double? Seconds { get; init; }

    public double? PublishedPerSecond { get; init; }

    public double? DeliveriesPerSecond { get; init; }

    /// <summary>Deliveries that did not come within five seconds after the end.</summary>
    public long Lost { get; init; }

    /// <summary>Deliveries that came twice, or after a later one of the same publisher.</summary>
    public long Repeated { get; init; }

    public Latency? LatencyMs { get; init; }

    /// <summary>Of one processor.</summary>
    public double? ServerCpuPercent { get; init; }

    /// <summary>Of one processor.</summary>
    public double? GeneratorCpuPercent { get; init; }

    public double? ServerBytesPerConnection { get; init; }
}

/// <summary>From when a message was sent, or due, to when a member had it: percentiles over all deliveries, in milliseconds.</summary>
internal sealed record Latency(double P50, double P90, double P99, double P999, double Max)
{
    public static Latency Of(LongHistogram ticks) =>
        new(Ms(ticks, 50), Ms(ticks, 90), Ms(ticks, 99), Ms(ticks, 99.9), Ms(ticks, 100));

    private static double Ms(LongHistogram ticks, double percentile) => ticks.GetValueAtPercentile(percentile) / (double)TimeSpan.TicksPerMillisecond;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<Result>))]
internal sealed partial class ResultJson : JsonSerializerContext;
