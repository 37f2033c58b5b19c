namespace Confab.Cli.Bench;

/// <summary>A load, as the generator under bench/load describes it too.</summary>
/// <param name="Name">Its name.</param>
/// <param name="About">What it is, for people.</param>
/// <param name="Connections">WebSocket connections.</param>
/// <param name="Rooms">Rooms, over which the connections are spread evenly.</param>
/// <param name="Publishers">The connections that also publish, the first ones.</param>
/// <param name="Window">Messages of a publisher that not every member has yet, at most; 0 for no such limit.</param>
/// <param name="PerSecond">Messages a second of all publishers together, sent when they are due; 0 for as many as the window allows.</param>
internal sealed record Scenario(string Name, string About, int Connections, int Rooms, int Publishers, int Window, int PerSecond)
{
    public static readonly IReadOnlyList<Scenario> All =
    [
        new("S1", "1 room, 1,000 members, 1 publisher, window 64", 1000, 1, 1, 64, 0),
        new("S2", "100 rooms × 10 members, all publish, window 1", 1000, 100, 1000, 1, 0),
        new("S2w8", "100 rooms × 10 members, all publish, window 8", 1000, 100, 1000, 8, 0),
        new("S3a", "1 room × 200 members, 50 messages a second", 200, 1, 200, 0, 50),
        new("S3b", "100 rooms × 10 members, 1,000 messages a second", 1000, 100, 1000, 0, 1000),
        new("S4", "10,000 idle connections in 1,000 rooms", 10_000, 1000, 0, 0, 0),
        new("S5", "1 room, 1 member, window 64", 1, 1, 1, 64, 0),
    ];

    public bool IsIdle => Publishers == 0;

    public static string RoomName(int room) => $"r{room:0000}";
}
