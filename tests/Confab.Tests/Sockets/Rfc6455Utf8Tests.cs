using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

public sealed class Rfc6455Utf8Tests(SharedServer shared) : Rfc6455Utf8(shared), IClassFixture<SharedServer>;

public sealed class Rfc6455Utf8OverStreamsTests(StreamServer shared) : Rfc6455Utf8(shared), IClassFixture<StreamServer>;

/// <summary>RFC 6455 §8.1 and RFC 3629 §4: text is UTF-8.</summary>
public abstract class Rfc6455Utf8(ServerFixture shared)
{
    private readonly TestServer _server = shared.Server;

    /// <summary>The first and the last of each length, and what borders on the forbidden.</summary>
    public static TheoryData<string> Valid { get; } =
    [
        "20", "7E", "7F", "C280", "DFBF", "E0A080", "E18080", "ED9FBF", "EE8080", "EFBFBD", "EFBFBE", "EFBFBF", "EFB790",
        "F0908080", "F09FBFBF", "F48FBFBF", "CEBAE1BDB9CF83CEBCCEB5", "F09F918DF09F8FBD", "EFBBBF",
    ];

    public static TheoryData<string> Invalid { get; } =
    [
        "80", "BF", "8080", "C0", "C1", "F5", "F8", "FC", "FE", "FF", "FEFEFFFF", // what never begins or stands alone
        "C0AF", "C080", "C1BF", "E08080", "E080AF", "E09FBF", "F0808080", "F08080AF", "F08FBFBF", "F888808080", "FC8480808080", // overlong
        "EDA080", "EDAFBF", "EDB080", "EDBFBF", "EDA080EDB080", "EDA0BDEDB880", // surrogates
        "F4908080", "F7BFBFBF", "F5808080", // beyond U+10FFFF
        "C2", "E0A0", "E180", "F09080", "F48FBF", "C220", "E1A020", "F0908020", "C2C280", "E18041", "CEBAE1BDB9CF83CEBCCEB5EDA080656469746564", // cut short, or followed by the wrong
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Valid_text_is_accepted(string hex)
    {
        await using var socket = await _server.Open();
        await socket.Send(WireFrame.Text(Pings.With(Convert.FromHexString(hex))));
        await socket.IsAnswered();
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Valid_text_is_accepted_cut_into_fragments_and_packets_anywhere(string hex)
    {
        var message = Pings.With(Convert.FromHexString(hex));
        for (var fragment = 1; fragment <= 3; fragment++)
        {
            await using var socket = await _server.Open();
            await socket.SendInPieces(WireFrame.Several(message.Chunk(fragment).Select((part, i) => new WireFrame(i == 0 ? 1 : 0, part) { Fin = false })), 64);
            await socket.Send(WireFrame.Continuation([], fin: true));
            await socket.IsAnswered();
        }
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Invalid_text_closes_with_1007(string hex) =>
        await _server.IsClosedBy(WireFrame.Text(Pings.With(Convert.FromHexString(hex))), 1007);

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Invalid_text_split_across_fragments_closes_with_1007(string hex)
    {
        var message = Pings.With(Convert.FromHexString(hex));
        await _server.IsClosedBy(
            [.. WireFrame.Several(message.Chunk(1).Select((part, i) => new WireFrame(i == 0 ? 1 : 0, part) { Fin = false })), .. WireFrame.Continuation([], fin: true).ToBytes()],
            1007);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Invalid_text_at_the_very_end_closes_with_1007(string hex) =>
        await _server.IsClosedBy(WireFrame.Text([.. Pings.OfLength(40), .. Convert.FromHexString(hex)]), 1007);

    [Fact]
    public async Task Text_that_ends_in_the_middle_of_a_character_closes_with_1007() =>
        await _server.IsClosedBy(WireFrame.Several(WireFrame.Text([.. Pings.OfLength(40), 0xF0, 0x9F], fin: false), WireFrame.Continuation([], fin: true)), 1007);

    [Fact]
    public async Task A_pong_or_a_ping_between_the_bytes_of_a_character_changes_nothing()
    {
        await using var socket = await _server.Open();
        var message = Pings.With([0xF0, 0x9F, 0x91, 0x8D]);
        var cut = message.Length - 4;
        await socket.Send(WireFrame.Several(WireFrame.Text(message[..cut], fin: false), WireFrame.Ping([0x80]), WireFrame.Continuation(message[cut..], fin: true)));
        Assert.True((await socket.Receive())!.IsPong);
        await socket.IsAnswered();
    }
}
