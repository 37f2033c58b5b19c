using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>Two well-behaved people in a room, into which a hostile one is let: whatever that one does, they go on talking.</summary>
public sealed class Neighbours : IAsyncDisposable
{
    /// <summary>Many times what a message takes, and far less than what a hung server would take.</summary>
    private static readonly TimeSpan s_promptly = TimeSpan.FromSeconds(5);

    private readonly TestServer _server;
    private readonly RawWebSocket _ann;
    private readonly RawWebSocket _bob;
    private int _spoken;

    private Neighbours(TestServer server, string room, RawWebSocket ann, RawWebSocket bob)
    {
        _server = server;
        Room = room;
        _ann = ann;
        _bob = bob;
    }

    public string Room { get; }

    /// <summary>The one who listens.</summary>
    public RawWebSocket Ann => _ann;

    public static async Task<Neighbours> MoveIn(TestServer server)
    {
        var room = await server.NewRoom();
        var ann = await server.Open();
        await ann.Join(room, "ann");
        var bob = await server.Open();
        await bob.Join(room, "bob");
        return new Neighbours(server, room, ann, bob);
    }

    public async ValueTask DisposeAsync()
    {
        await _ann.DisposeAsync();
        await _bob.DisposeAsync();
    }

    /// <summary>Opens a connection and joins the room as mallory.</summary>
    public async Task<RawWebSocket> LetMalloryIn(int? receiveBuffer = null)
    {
        var mallory = await RawWebSocket.Open(_server.EndPoint, receiveBuffer: receiveBuffer);
        Assert.Equal("joined", (await mallory.Join(Room, "mallory")).TypeOf());
        return mallory;
    }

    /// <summary>Bob says something, and both hear it promptly.</summary>
    public async Task AreUndisturbed()
    {
        var content = $"still here {++_spoken}";
        var started = TimeProvider.System.GetTimestamp();
        await _bob.SendJson(new { type = "message", room = Room, content });
        await Hear(content);
        var took = TimeProvider.System.GetElapsedTime(started);
        Assert.True(took < s_promptly, $"A message took {took.TotalSeconds:F1} s.");
    }

    /// <summary>Bob says a lot, and both hear all of it.</summary>
    public async Task Talk(int messages, int bytes)
    {
        var padding = new string('x', bytes);
        var heard = Hear($"{messages - 1} {padding}");
        for (var i = 0; i < messages; i++)
            await _bob.SendJson(new { type = "message", room = Room, content = $"{i} {padding}" });
        await heard;
    }

    /// <summary>Both listen until these words come.</summary>
    public Task Hear(string content) => Task.WhenAll(Hear(_ann, content), Hear(_bob, content));

    /// <summary>Mallory is gone for everybody, and the server counts two again.</summary>
    public async Task SeeMalloryLeave()
    {
        var left = await _ann.NextOf("user_left");
        Assert.Equal("mallory", left.Text("username"));
        Assert.Equal(2, left.Number("count"));
        Assert.Equal(2, (await _server.Room(Room)).Number("present"));
    }

    private static async Task Hear(RawWebSocket socket, string content)
    {
        while ((await socket.NextOf("message")).GetProperty("data").Text("content") != content)
        {
            // What came before.
        }
    }
}
