using System.Diagnostics.Metrics;
using Confab.Protocol;

namespace Confab.Server.Hosting;

/// <summary>What one event loop counts for itself, without locks; read by whoever collects metrics.</summary>
internal sealed class LoopCounters
{
    public long Connections;
    public long Deliveries;
    public long SentBytes;
    public long ReceivedBytes;
    public long Lag;
    public long LogReads;
}

/// <summary>The figures an operator watches, under the meter <c>Confab</c>.</summary>
internal sealed class Metrics : IDisposable
{
    public const string MeterName = "Confab";

    private readonly Meter _meter = new(MeterName);
    private readonly List<LoopCounters> _loops = [];
    private readonly Histogram<double> _commitSeconds;
    private readonly Histogram<int> _batchSize;
    private readonly Counter<long> _changes;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _uploaded;
    private readonly Counter<long> _closes;
    private readonly Counter<long> _handshakes;
    private readonly Counter<long> _refusedConnections;
    private readonly Counter<long> _failedReads;

    public Metrics()
    {
        _meter.CreateObservableGauge("confab.connections", () => Sum(l => l.Connections), description: "Open WebSocket connections");
        _meter.CreateObservableCounter("confab.deliveries", () => Sum(l => l.Deliveries), description: "Room events sent to connections");
        _meter.CreateObservableCounter("confab.sent", () => Sum(l => l.SentBytes), "By", "Bytes sent to WebSocket connections");
        _meter.CreateObservableCounter("confab.received", () => Sum(l => l.ReceivedBytes), "By", "Bytes received from WebSocket connections");
        _meter.CreateObservableGauge("confab.lag", () => Max(l => l.Lag), description: "How many events the slowest connection is behind its room");
        _meter.CreateObservableCounter("confab.log.reads", () => LogReads, description: "Pages of room logs read from the database, for connections that are behind the tail in memory");
        _commitSeconds = _meter.CreateHistogram("confab.commit.duration", "s", "From the start of a transaction to its fsync", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
        });
        _batchSize = _meter.CreateHistogram("confab.commit.changes", description: "Changes stored in one transaction", advice: new InstrumentAdvice<int>
        {
            HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096],
        });
        _changes = _meter.CreateCounter<long>("confab.changes", description: "Changes stored: messages, edits, deletions, reactions, topics, read markers");
        _uploaded = _meter.CreateCounter<long>("confab.uploaded", "By", "Bytes of uploaded files");
        _refusals = _meter.CreateCounter<long>("confab.refusals", description: "Requests refused, by code");
        _closes = _meter.CreateCounter<long>("confab.closes", description: "Connections closed by the server, by close code; stalled or silent if cut without one");
        _refusedConnections = _meter.CreateCounter<long>("confab.connections.refused", description: "TCP connections closed at once because their address had too many");
        _failedReads = _meter.CreateCounter<long>("confab.reads.failed", description: "Failed reads from the database");
        _handshakes = _meter.CreateCounter<long>("confab.handshakes.refused", description: "WebSocket handshakes refused, by HTTP status");
    }

    public long Connections => Sum(l => l.Connections);

    public long LogReads => Sum(l => l.LogReads);

    /// <summary>Shows how far the search index is behind the rooms' logs.</summary>
    public void ShowSearchLag(Func<long> changes) =>
        _meter.CreateObservableGauge("confab.search.lag", changes, description: "Changes that are stored and not yet in the search index");

    public LoopCounters AddLoop()
    {
        var counters = new LoopCounters();
        lock (_loops)
            _loops.Add(counters);
        return counters;
    }

    public void Committed(int changes, TimeSpan duration)
    {
        _commitSeconds.Record(duration.TotalSeconds);
        _batchSize.Record(changes);
    }

    public void Stored(int changes) => _changes.Add(changes);

    public void Uploaded(long bytes) => _uploaded.Add(bytes);

    public void Refused(RefusalCode code) => _refusals.Add(1, new KeyValuePair<string, object?>("code", code.Name()));

    public void Closed(CloseCode code) => _closes.Add(1, new KeyValuePair<string, object?>("code", (int)code));

    /// <summary>A connection was cut without a close frame, which nobody would have read.</summary>
    public void Cut(string why) => _closes.Add(1, new KeyValuePair<string, object?>("code", why));

    public void ConnectionRefused() => _refusedConnections.Add(1);

    public void ReadFailed() => _failedReads.Add(1);

    public void Handshake(int status) => _handshakes.Add(1, new KeyValuePair<string, object?>("status", status));

    public void Dispose() => _meter.Dispose();

    private long Sum(Func<LoopCounters, long> of)
    {
        lock (_loops)
            return _loops.Sum(of);
    }

    private long Max(Func<LoopCounters, long> of)
    {
        lock (_loops)
            return _loops.Select(of).DefaultIfEmpty().Max();
    }
}
