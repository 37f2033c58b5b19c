using System.Net;
using HdrHistogram;

namespace Confab.Cli.Bench;

/// <summary>The load cannot go on; the message says why.</summary>
internal sealed class LoadException(string message) : Exception(message);

/// <summary>A scenario under way: its members, and what they count. They report from many threads.</summary>
internal sealed class Load : IDisposable
{
    // Latencies from 0.1 µs to a minute, to three digits.
    private const long MaxLatency = TimeSpan.TicksPerMinute;

    private readonly Scenario _scenario;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Member[] _members;
    private readonly ThreadLocal<LongHistogram> _latencies = new(() => new LongHistogram(MaxLatency, 3), trackAllValues: true);
    private readonly TaskCompletionSource _failed = new();
    private long _published, _delivered, _measured, _repeated;
    private volatile bool _isMeasuring;
    private volatile bool _isEnding;

    public Load(Scenario scenario, Uri server, IPEndPoint address, TimeProvider time)
    {
        _scenario = scenario;
        _time = time;
        _start = time.GetTimestamp();
        Server = address;
        Host = server.Authority;
        Path = server.PathAndQuery;
        var perRoom = new int[scenario.Rooms];
        for (var i = 0; i < scenario.Publishers; i++)
            perRoom[i % scenario.Rooms]++;
        _members = [.. Enumerable.Range(0, scenario.Connections).Select(i => new Member(this, i, i % scenario.Rooms, PublisherOf(i), perRoom[i % scenario.Rooms], scenario.IsIdle ? 2048 : 32 * 1024))];
    }

    public IPEndPoint Server { get; }

    public string Host { get; }

    public string Path { get; }

    public int Window => _scenario.Window;

    public int MembersPerRoom => _scenario.Connections / _scenario.Rooms;

    /// <summary>100 ns since the load was prepared.</summary>
    public long Now => _time.GetElapsedTime(_start).Ticks;

    /// <summary>Whether members go on publishing.</summary>
    public volatile bool IsPublishing;

    public IReadOnlyList<Member> Members => _members;

    /// <summary>Faulted once the load cannot go on.</summary>
    public Task Failed => _failed.Task;

    public long PublishedCount => Interlocked.Read(ref _published);

    public long DeliveredCount => Interlocked.Read(ref _delivered);

    public long RepeatedCount => Interlocked.Read(ref _repeated);

    /// <summary>Deliveries while it was measured.</summary>
    public long MeasuredCount => Interlocked.Read(ref _measured);

    public Member? Publisher(int number) => number < _scenario.Publishers ? _members[number] : null;

    public void Published() => Interlocked.Increment(ref _published);

    public void Delivered(int count)
    {
        Interlocked.Add(ref _delivered, count);
        if (_isMeasuring)
            Interlocked.Add(ref _measured, count);
    }

    public void Repeated() => Interlocked.Increment(ref _repeated);

    public void Took(long latency)
    {
        if (_isMeasuring)
            _latencies.Value!.RecordValue(Math.Clamp(latency, 1, MaxLatency));
    }

    public void Lost(Exception exception)
    {
        if (!_isEnding)
            _failed.TrySetException(exception as LoadException ?? new LoadException($"A connection failed: {exception.Message}"));
    }

    public void Measure(bool isOn) => _isMeasuring = isOn;

    /// <summary>All latencies together, once no thread records any more.</summary>
    public LongHistogram Latencies()
    {
        var all = new LongHistogram(MaxLatency, 3);
        foreach (var some in _latencies.Values)
            all.Add(some);
        return all;
    }

    public void Dispose()
    {
        _isEnding = true;
        foreach (var member in _members)
            member.Dispose();
    }

    private Publisher? PublisherOf(int number) => number < _scenario.Publishers
        ? new Publisher(number, Scenario.RoomName(number % _scenario.Rooms), $"u{number:00000}", number / _scenario.Rooms)
        : null;
}
