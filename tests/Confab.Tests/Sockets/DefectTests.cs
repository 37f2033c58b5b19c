using Confab.Server.Access;
using Confab.Server.Messages;
using Confab.Server.Sockets;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Sockets;

/// <summary>A defect of ours that one connection meets: it ends, and takes no other with it.</summary>
public sealed class DefectTests
{
    // With one change or a join under way it is not read from. Once that is answered it is again, and that is what fails.
    [Theory]
    [InlineData("""{"type":"message","id":"1","room":"general","username":"ann","content":"hi"}""")]
    [InlineData("""{"type":"join","id":"1","room":"general","username":"ann","history":1}""")]
    public async Task A_connection_that_fails_on_an_answer_is_cut_alone(string frame)
    {
        await using var server = await TestServer.Start("--Confab:ChangesPerConnection=1");
        var loop = new EventLoop(9, ownSockets: false, server.Services.GetRequiredService<LoopServices>());
        server.Services.GetRequiredService<MessageLog>().Settled += loop.Wake;
        var link = new Failing(frame);
        loop.Post(link);
        await Wait.Until("the connection to be cut", () => link.IsClosed);
        Assert.Single(server.Log.All, line => line.Contains("A connection failed and was closed", StringComparison.Ordinal));
        var next = new Failing(frame);
        loop.Post(next);
        await Wait.Until("the loop to go on", () => next.IsClosed);
        loop.Stop();
    }

    private sealed class Failing(string frame) : LoopWork, ILink
    {
        private bool _wasRead;
        private volatile bool _isClosed;

        public bool IsClosed => _isClosed;

        public override void Run(EventLoop loop) =>
            new Connection(loop, this, Actor.Nameless, Unlimited.Rate, () => { }).Open(WireFrame.Text(frame).ToBytes());

        public void Want(bool read, bool write)
        {
            if (_wasRead && read)
                throw new InvalidOperationException("The link cannot be read again.");
            _wasRead |= read;
        }

        public int Receive(Span<byte> buffer) => 0;

        public int Send(ReadOnlySpan<byte> bytes) => bytes.Length;

        public bool EndSending() => true;

        public void Close() => _isClosed = true;
    }
}
