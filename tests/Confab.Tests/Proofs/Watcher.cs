using System.Net;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>A client that only listens, in several rooms at once. It stalls now and then, hangs up now and then, and goes on where it was.</summary>
internal sealed class Watcher(string[] rooms, Random random)
{
    private static readonly string[] s_events = ["message", "edited", "deleted", "reacted", "room_changed"];

    private readonly Dictionary<string, Mirror> _mirrors = rooms.ToDictionary(room => room, room => new Mirror(room));
    private Line? _line;

    /// <summary>Whether it stalls and hangs up of its own.</summary>
    public bool IsFickle { get; init; } = true;

    /// <summary>Whether it reads nothing at all once it has joined, until told that it is enough.</summary>
    public bool IsAsleep { get; init; }

    public IReadOnlyDictionary<string, Mirror> Mirrors => _mirrors;

    public int Events => _mirrors.Values.Sum(m => m.Events);

    /// <summary>Numbers that catch-ups passed over.</summary>
    public int Skipped => _mirrors.Values.Sum(m => m.Skipped.Count);

    /// <summary>Times it dialled again.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Listens until told that it is enough.</summary>
    public async Task Watch(IPEndPoint server, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await Step(server, enough);
            if (IsAsleep && _mirrors.Values.All(m => m.Epoch is not null))
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, enough).ContinueWith(_ => { }, TaskScheduler.Default);
            if (!IsFickle)
                continue;
            switch (random.Next(400))
            {
                case < 4:
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 90)), TimeProvider.System, CancellationToken.None);
                    break;
                case < 6:
                    _line?.Abort();
                    break;
            }
        }
    }

    /// <summary>Listens until everything that is stored was told.</summary>
    public async Task CatchUp(IPEndPoint server, Truth truth)
    {
        using var patience = new CancellationTokenSource(Wait.Patience, TimeProvider.System);
        while (_mirrors.Values.FirstOrDefault(m => m.Cursor < truth.Rooms[m.Room].Head) is { } behind)
        {
            Assert.False(patience.IsCancellationRequested, $"{behind.Room} stays at {behind.Cursor} of {truth.Rooms[behind.Room].Head}; the line: {_line?.Fate}.");
            await Step(server, patience.Token);
        }

        if (_line is not null)
            await _line.DisposeAsync();
    }

    public void Matches(Truth truth) => Assert.All(_mirrors.Values, mirror => mirror.Matches(truth.Rooms[mirror.Room]));

    private async Task Step(IPEndPoint server, CancellationToken noLonger)
    {
        if (_line is null)
        {
            _line = await Line.Dial(server, receiveBuffer: IsFickle ? 4096 : null);
            foreach (var mirror in _mirrors.Values)
                await _line.Send(mirror.Epoch is null ? new { type = "join", room = mirror.Room, after = mirror.Cursor } : (object)new { type = "join", room = mirror.Room, after = mirror.Cursor, epoch = mirror.Epoch });
        }

        if (await _line.Next(noLonger) is { } frame)
        {
            Hear(frame);
        }
        else if (!noLonger.IsCancellationRequested)
        {
            await _line.DisposeAsync();
            _line = null;
            Reconnects++;
        }
    }

    private void Hear(JsonElement frame)
    {
        var type = frame.TypeOf();
        Assert.False(type is "reset" or "error", $"Told {frame}.");
        if (type == "joined")
            _mirrors[frame.Text("room")!].Joined(frame);
        else if (s_events.Contains(type))
            _mirrors[frame.Text("room")!].Hear(frame);
    }
}
