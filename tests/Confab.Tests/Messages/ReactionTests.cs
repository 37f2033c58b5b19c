using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Hosting;
using Confab.Tests.Raw;

namespace Confab.Tests.Messages;

public sealed class ReactionTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Fact]
    public async Task A_reaction_counts_everybody_and_names_the_first_50()
    {
        var room = await _server.NewRoom();
        await using var client = await _server.Open();
        var people = Enumerable.Range(1, 52).Select(i => $"u{i}").ToArray();
        await client.Request("0", $$"""{"type":"message","id":"0","room":"{{room}}","username":"ann","content":"Tea?"}""");
        foreach (var who in people)
            Assert.Equal("ack", (await client.Request(who, $$"""{"type":"react","id":"{{who}}","room":"{{room}}","username":"{{who}}","message":1,"emoji":"🍵"}""")).TypeOf());

        var message = await _server.Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room}/messages/1", TestContext.Current.CancellationToken);
        var reaction = message.GetProperty("reactions")[0];
        Assert.Equal(52, reaction.Number("count"));
        Assert.Equal(people[..50], reaction.GetProperty("usernames").EnumerateArray().Select(name => name.GetString()!));
    }
}
