using System.Text;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

[Collection(nameof(Alone))]
public sealed class Rfc6455SizeTests(SharedServer shared) : Rfc6455Size(shared), IClassFixture<SharedServer>
{
    // Through a stream our direction cannot end alone, so there the code arrives but the rest of the message may meet a reset.
    [Fact]
    public async Task A_client_in_the_middle_of_a_message_that_is_too_big_is_told_so_and_not_just_reset()
    {
        await using var socket = await Server.Open();
        var sending = socket.TrySend(WireFrame.Text(Pings.OfLength(4 << 20)).ToBytes());
        Assert.Equal(1009, (await socket.ReceiveClose()).CloseCode);
        Assert.True(await sending, "The connection was cut while the client was sending.");
        Assert.Null(await socket.Receive());
        Assert.False(socket.WasReset);
    }
}

[Collection(nameof(Alone))]
public sealed class Rfc6455SizeOverStreamsTests(StreamServer shared) : Rfc6455Size(shared), IClassFixture<StreamServer>;

/// <summary>The limit of a message: 64 KiB, all its fragments together, refused on what is announced and not on what came.</summary>
public abstract class Rfc6455Size(ServerFixture shared)
{
    private const int Limit = 64 * 1024;

    protected TestServer Server { get; } = shared.Server;

    [Theory]
    [InlineData(Limit + 1UL)]
    [InlineData(1UL << 20)]
    [InlineData(int.MaxValue)]
    [InlineData(uint.MaxValue)]
    [InlineData(1UL << 32)]
    [InlineData((1UL << 32) + 10)]
    [InlineData(1UL << 62)]
    public async Task An_announced_length_over_the_limit_closes_with_1009_before_a_byte_of_it_came(ulong length) =>
        await Server.IsClosedBy(WireFrame.Text([]) with { Claims = length }, 1009);

    [Theory]
    [InlineData(1UL << 63)]
    [InlineData((1UL << 63) + 40)]
    [InlineData(ulong.MaxValue)]
    public async Task A_length_with_its_highest_bit_set_closes(ulong length) =>
        await Server.IsClosedBy(WireFrame.Text([]) with { Claims = length }, 1002, 1009);

    [Fact]
    public async Task A_whole_message_one_byte_over_the_limit_closes_with_1009() =>
        await Server.IsClosedBy(WireFrame.Text(Pings.OfLength(Limit + 1)), 1009);

    [Fact]
    public async Task Fragments_that_are_together_over_the_limit_close_with_1009_at_the_header_that_goes_over()
    {
        var message = Pings.OfLength(Limit);
        await Server.IsClosedBy(
            [.. WireFrame.Text(message, fin: false).ToBytes(), .. (WireFrame.Continuation([], fin: true) with { Claims = 1 }).ToBytes()],
            1009);
    }

    [Fact]
    public async Task The_limit_counts_each_message_for_itself()
    {
        await using var socket = await Server.Open();
        for (var i = 0; i < 3; i++)
        {
            await socket.Send(WireFrame.Text(Pings.OfLength(Limit, $"{i}")));
            await socket.IsAnswered($"{i}");
        }
    }

    [Fact]
    public async Task Announced_lengths_cost_no_memory()
    {
        const int Connections = 50;
        var announcing = new List<RawWebSocket>();
        try
        {
            for (var i = 0; i < Connections; i++)
                announcing.Add(await Server.Open());
            var before = GC.GetTotalMemory(forceFullCollection: true);
            foreach (var socket in announcing)
            {
                // The answer to the ping says that the header behind it, in the same packet, has been looked at or will be without another read.
                await socket.Send([.. WireFrame.Text(Pings.OfLength(40)).ToBytes(), .. (WireFrame.Text([]) with { Claims = Limit }).ToBytes()]);
                await socket.IsAnswered();
            }

            var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
            Assert.True(grown < Connections * Limit / 2, $"{Connections} announced messages cost {grown / 1024} KiB before a byte of them came.");
        }
        finally
        {
            foreach (var socket in announcing)
                await socket.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_message_in_hundreds_of_thousands_of_fragments_closes_with_1008()
    {
        await using var socket = await Server.Open();
        var one = WireFrame.Continuation("x"u8.ToArray(), fin: false).ToBytes();
        byte[] thousand = [.. Enumerable.Repeat(one, 1000).SelectMany(bytes => bytes)];
        await socket.Send(WireFrame.Text("{"u8.ToArray(), fin: false));
        for (var i = 0; i < 60 && await socket.TrySend(thousand); i++)
        {
            // 60,000 bytes stay below the limit of the message's size.
        }

        await socket.IsClosedWith(1008);
    }

    [Fact]
    public async Task A_message_of_empty_fragments_without_end_closes_with_1008()
    {
        await using var socket = await Server.Open();
        byte[] thousand = [.. Enumerable.Repeat(WireFrame.Continuation([], fin: false).ToBytes(), 1000).SelectMany(bytes => bytes)];
        await socket.Send(WireFrame.Text(Encoding.UTF8.GetBytes("{"), fin: false));
        for (var i = 0; i < 300 && await socket.TrySend(thousand); i++)
        {
            // Hundreds of thousands of fragments, and not a byte of content.
        }

        await socket.IsClosedWith(1008);
    }
}
