using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Sockets;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Proofs;

/// <summary>What is still under way when a connection closes.</summary>
public sealed class Closing
{
    [Fact]
    public async Task A_join_that_is_answered_after_the_close_lets_nobody_in()
    {
        await using var server = await TestServer.Start("--Confab:Readers=1");
        var loop = new EventLoop(9, ownSockets: false, server.Services.GetRequiredService<LoopServices>());
        var late = new JoinsTooLate(server.Services.GetRequiredService<Readers>());
        loop.Post(late);
        await late.IsOver;
        Assert.Equal(0, server.Services.GetRequiredService<RoomDirectory>().Find(Actor.System, "general"u8)!.Present);
        // hello, closing, and the close as the last word
        Assert.Equal([Opcode.Text, Opcode.Text, Opcode.Close], late.Sent);
        loop.Stop();
    }

    // The server is told to stop while the room is being read for somebody who joins.
    private sealed class JoinsTooLate(Readers readers) : LoopWork, ILink
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsOver => _over.Task;

        public List<Opcode> Sent { get; } = [];

        public override void Run(EventLoop loop)
        {
            var connection = new Connection(loop, this, Actor.Nameless, Unlimited.Rate, () => { });
            connection.Open(WireFrame.Text("""{"type":"join","room":"general","username":"late"}""").ToBytes());
            connection.Drain(1);
            // There is one reader, so this is read after the room was.
            _ = readers.Query(_ =>
            {
                loop.Post(new Last(this));
                return true;
            });
        }

        public int Receive(Span<byte> buffer) => 0;

        public int Send(ReadOnlySpan<byte> bytes)
        {
            for (var at = 0; at < bytes.Length; at += WebSocketFraming.ServerFrameLength(bytes[at..]))
                Sent.Add((Opcode)(bytes[at] & 15));
            return bytes.Length;
        }

        public void Want(bool read, bool write)
        {
        }

        public bool EndSending() => true;

        public void Close()
        {
        }

        // Two rounds later everything that was to be written is written.
        private sealed class Last(JoinsTooLate owner) : LoopWork
        {
            private int _rounds;

            public override void Run(EventLoop loop)
            {
                if (_rounds++ < 2)
                    loop.Post(this);
                else
                    owner._over.SetResult();
            }
        }
    }
}
