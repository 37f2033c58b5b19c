using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Messages;

/// <summary>Whom a message means: said by the server, by the names in use.</summary>
public sealed class MentionTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static readonly JsonElement s_vectors = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Repository.PathOf("protocol/vectors/mentions.json")));

    private readonly TestServer _server = shared.Server;

    public static TheoryData<string, string[]> Cases => new(s_vectors.GetProperty("cases").EnumerateArray().Select(one => (one.Text("content")!, Names(one))));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_server_says_whom_a_message_means(string content, string[] mentions)
    {
        var room = await _server.NewRoom();
        await using var ann = await _server.Open();
        foreach (var name in s_vectors.GetProperty("names").EnumerateArray())
            await ann.Join(room, name.GetString());
        await ann.SendJson(new { type = "message", room, content });
        Assert.Equal(mentions, Names((await ann.NextOf("message")).GetProperty("data")));

        // As it is read, too; and an edit says it anew.
        var read = await _server.Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room}/messages/1", TestContext.Current.CancellationToken);
        Assert.Equal(mentions, Names(read));
        await ann.SendJson(new { type = "edit", room, message = 1, content = "nobody" });
        Assert.Empty(Names((await ann.NextOf("edited")).GetProperty("data")));
        await ann.SendJson(new { type = "edit", room, message = 1, content });
        Assert.Equal(mentions, Names((await ann.NextOf("edited")).GetProperty("data")));
        await ann.SendJson(new { type = "delete", room, message = 1 });
        Assert.Empty(Names((await ann.NextOf("deleted")).GetProperty("data")));
    }

    [Fact]
    public async Task A_name_is_in_use_once_somebody_joined_or_wrote_under_it_and_stays_so_after_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("confab-test-");
        await using (var server = await TestServer.Start($"--data={data.FullName}"))
        {
            await using var ann = await server.Open();
            await ann.Join("general", "ann");
            Assert.Equal(["ann"], await Mentioned(ann, "@ann @Dara @Elif @ghost"));
            await using var dara = await server.Open();
            await dara.Join("random", "Dara");
            using var _ = await server.Http.PostAsJsonAsync("/api/rooms/tech/messages", new { username = "Elif", content = "hi" }, TestContext.Current.CancellationToken);
            Assert.Equal(["ann", "Dara", "Elif"], await Mentioned(ann, "@ann @dara @elif @ghost"));
        }

        await using (var server = await TestServer.Start($"--data={data.FullName}"))
        {
            await using var bob = await server.Open();
            await bob.Join("general", "bob");
            Assert.Equal(["ann", "Dara", "Elif"], await Mentioned(bob, "@ann @dara @elif @ghost"));
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Of_names_that_differ_by_case_only_the_one_that_is_written_is_meant_or_all_of_them()
    {
        var room = await _server.NewRoom();
        await using var kim = await _server.Open();
        foreach (var name in new[] { "kim", "Kim", "KÍM" })
            await kim.Join(room, name);
        Assert.Equal(["Kim"], await Mentioned(kim, "@Kim", room));
        Assert.Equal(["Kim", "KÍM", "kim"], (await Mentioned(kim, "@kIM", room)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Twenty_places_of_a_message_are_looked_at()
    {
        var room = await _server.NewRoom();
        await using var ann = await _server.Open();
        foreach (var i in Enumerable.Range(0, 25))
            await ann.Join(room, $"n{i}");
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"n{i}"), await Mentioned(ann, string.Join(' ', Enumerable.Range(0, 25).Select(i => $"@n{i}")), room));
    }

    private static async Task<string[]> Mentioned(RawWebSocket connection, string content, string room = "general")
    {
        await connection.SendJson(new { type = "message", room, content });
        return Names((await connection.NextOf("message")).GetProperty("data"));
    }

    private static string[] Names(JsonElement data) =>
        data.TryGetProperty("mentions", out var names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];
}
