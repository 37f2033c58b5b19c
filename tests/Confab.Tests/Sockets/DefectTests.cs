using Confab.Server.Messages;
using Confab.Server.Sockets;
using Confab.Tests.Hosting;
using Confab.Tests.Proofs;
using Confab.Tests.Raw;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Sockets;

/// <summary>A defect of ours that one connection meets: it ends, and takes no other with it.</summary>
public sealed class DefectTests
{
    [Fact]
    public async Task A_connection_that_fails_on_an_answer_of_the_log_is_cut_alone()
    {
        await using var server = await TestServer.Start("--Confab:ChangesPerConnection=1");
        var loop = new EventLoop(9, ownSockets: false, server.Services.GetRequiredService<LoopServices>());
        server.Services.GetRequiredService<MessageLog>().Published += loop.Wake;
        var link = new Failing();
        loop.Post(link);

        // With one change under way it is not read from. Once that is answered it is again, and that is what fails.
        await Wait.Until("the connection to be cut", () => link.IsClosed);
        Assert.Single(server.Log.All, line => line.Contains("A connection failed and was cut", StringComparison.Ordinal));
        var next = new Failing();
        loop.Post(next);
        await Wait.Until("the loop to go on", () => next.IsClosed);
        loop.Stop();
    }

    private sealed class Failing : LoopWork, ILink
    {
        private bool _wasRead;
        private volatile bool _isClosed;

        public bool IsClosed => _isClosed;

        public override void Run(EventLoop loop) =>
            new Connection(loop, this, () => { }).Open(WireFrame.Text("""{"type":"message","id":"1","room":"general","username":"ann","content":"hi"}""").ToBytes());

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
