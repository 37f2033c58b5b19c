using Confab.Server.Access;
using Confab.Server.Rooms;
using Confab.Server.Sockets;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Proofs;

/// <summary>The bells between the log's thread and the loops: none is lost, however they cross.</summary>
public sealed class Bells
{
    [Fact]
    public async Task A_late_bell_does_not_undo_a_later_one()
    {
        await using var server = await TestServer.Start();
        var loop = new EventLoop(9, ownSockets: false, server.Services.GetRequiredService<LoopServices>());
        var room = server.Services.GetRequiredService<RoomDirectory>().Find(Actor.System, "general"u8)!;
        var crossing = new Crossing(room);
        loop.Post(crossing);
        await Wait.Until("the later bell to be heard", () => crossing.Audience?.Head == 12);
        loop.Stop();
    }

    // Somebody joins: its loop has read the head as 11 and is about to ring it, when the log's thread rings 12.
    private sealed class Crossing(Room room) : LoopWork
    {
        public Audience? Audience { get; private set; }

        public override void Run(EventLoop loop)
        {
            Audience = loop.AudienceOf(room);
            loop.Rung(Audience, 12);
            loop.Rung(Audience, 11);
        }
    }
}
