using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>Somebody in a room, who keeps what they were told of who is there.</summary>
public sealed class Someone : IAsyncDisposable
{
    private readonly List<string> _told = [];

    private Someone(RawWebSocket socket) => Socket = socket;

    public RawWebSocket Socket { get; }

    public long Count { get; private set; }

    /// <summary>The names of those present, in order; null when only the count was told.</summary>
    public string[]? Users { get; private set; }

    public static async Task<Someone> Come(TestServer server) => new(await server.Open());

    public static async Task<Someone> Come(TestServer server, string room, string? username)
    {
        var someone = await Come(server);
        await someone.Join(room, username);
        return someone;
    }

    /// <summary>
    /// Waits until everything that was shown before has reached all of them. A message follows it on its way through the server, and where both
    /// are in one write it goes first; the answer to what is asked after it is in a later one.
    /// </summary>
    public static async Task Settle(TestServer server, string room, params IReadOnlyCollection<Someone> people)
    {
        var content = Guid.NewGuid().ToString("N");
        await using var speaker = await server.Open();
        await speaker.Request(content, $$"""{"type":"message","id":"{{content}}","room":"{{room}}","username":"speaker","content":"{{content}}"}""");
        await Task.WhenAll(people.Select(someone => someone.Settle(content)));
    }

    public ValueTask DisposeAsync() => Socket.DisposeAsync();

    /// <summary>Joins, and begins anew with what the answer tells.</summary>
    public async Task Join(string room, string? username)
    {
        await Socket.SendJson(username is null ? new { type = "join", room } : new { type = "join", room, username });
        await Until(frame => frame.TypeOf() == "joined");
        _told.Clear();
    }

    public async Task Leave(string room)
    {
        await Socket.SendJson(new { type = "leave", room });
        await Until(frame => frame.TypeOf() == "left");
    }

    /// <summary>What was told since it was last asked, as <c>user_joined ann 2</c>.</summary>
    public string[] Told()
    {
        var told = _told.ToArray();
        _told.Clear();
        return told;
    }

    private async Task Settle(string content)
    {
        await Until(frame => frame.TypeOf() == "message" && frame.GetProperty("data").Text("content") == content);
        await Socket.SendJson(new { type = "ping", id = content });
        await Until(frame => frame.Text("id") == content);
    }

    private async Task Until(Func<JsonElement, bool> isIt)
    {
        JsonElement frame;
        do
            Keep(frame = await Socket.Next());
        while (!isIt(frame));
    }

    private void Keep(JsonElement frame)
    {
        if (frame.TypeOf() is not ("joined" or "user_joined" or "user_left" or "user_list" or "typing"))
            return;
        _told.Add(string.Join(' ', new[] { frame.TypeOf(), frame.Text("username"), frame.TryGetProperty("count", out var count) ? $"{count}" : null }.Where(word => word is not null)));
        if (frame.TypeOf() == "typing")
            return;
        Count = count.GetInt64();
        Users = frame.TryGetProperty("users", out var users) ? [.. users.EnumerateArray().Select(name => name.GetString()!).Order(StringComparer.Ordinal)] : null;
    }
}
