using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Cli;
using Confab.Tests.Support;

namespace Confab.Tests.Http;

/// <summary>A new room whose name differs from another's by case or look-alikes only is refused.</summary>
public sealed class LookAlikesTests : TempFolder
{
    [Theory]
    [InlineData("Trail", "trail")]
    [InlineData("TRAIL", "trail")]
    [InlineData("Trail", "traiI")]
    [InlineData("trail", "trai1")]
    [InlineData("TRAIL", "trai1")]
    [InlineData("trail", "tr\u0430il")]
    [InlineData("Board", "\u0412oard")]
    [InlineData("board", "\u0412oard")]
    [InlineData("\u041C\u043E\u0441\u043A\u0432\u0430", "\u041C\u041E\u0421\u041A\u0412\u0410")]
    [InlineData("room", "r00m")]
    [InlineData("modem", "modern")]
    [InlineData("wide", "\uFF57\uFF49\uFF44\uFF45")]
    [InlineData("Gr\u00F6\u00DFe", "GRO\u0308SSE")]
    [InlineData("\u03A3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C2", "\u03A3\u038A\u03A3\u03A5\u03A6\u039F\u03A3")]
    [InlineData("we \u2764", "we \u2764\uFE0F")]
    [InlineData("\U0001F469\u200D\U0001F680", "\U0001F469\U0001F680")]
    [InlineData("a-b", "a\u2010b")]
    public async Task What_looks_the_same_is_refused_whichever_came_first(string one, string other)
    {
        foreach (var (first, second) in new[] { (one, other), (other, one) })
        {
            await using var server = await TestServer.Start();
            using var created = await server.Http.PostAsJsonAsync("/api/rooms", new { name = first }, Cancel);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
            await Problem.Is(await server.Http.PostAsJsonAsync("/api/rooms", new { name = second }, Cancel), HttpStatusCode.Conflict, "conflict");
        }
    }

    [Theory]
    [InlineData("mail", "mall")]
    [InlineData("MAIL", "mall")]
    [InlineData("IT", "LT")]
    [InlineData("bit", "blt")]
    [InlineData("tea", "teas")]
    [InlineData("ab", "a b")]
    [InlineData("resume", "r\u00E9sum\u00E9")]
    [InlineData("\u65E5\u672C", "\u65E5\u6728")]
    [InlineData("\U0001F44D", "\U0001F44E")]
    public async Task What_looks_different_is_created(string one, string other)
    {
        await using var server = await TestServer.Start();
        foreach (var name in new[] { one, other })
        {
            using var created = await server.Http.PostAsJsonAsync("/api/rooms", new { name }, Cancel);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        }
    }

    [Fact]
    public async Task The_refusal_names_the_room_that_is_there_also_after_a_restart()
    {
        for (var start = 0; start < 2; start++)
        {
            await using var server = await TestServer.Start($"--data={Folder.FullName}");
            if (start == 0)
                (await server.Http.PostAsJsonAsync("/api/rooms", new { name = "Tea & biscuits" }, Cancel)).Dispose();
            using var refused = await server.Http.PostAsJsonAsync("/api/rooms", new { name = "tea & BISCUITS" }, Cancel);
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Equal("A room whose name looks the same already exists: Tea & biscuits", (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel)).Text("detail"));
        }
    }

    [Fact]
    public async Task Of_those_that_are_created_at_once_one_is()
    {
        await using var server = await TestServer.Start();
        var answers = await Task.WhenAll(new[] { "pantry", "Pantry", "PANTRY", "p\u0430ntry" }.Select(name => server.Http.PostAsJsonAsync("/api/rooms", new { name }, Cancel)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        Assert.Equal(4, (await server.Http.GetFromJsonAsync<JsonElement>("/api/rooms", Cancel)).GetArrayLength());
    }

    [Fact]
    public async Task A_name_that_was_not_stored_is_free_again()
    {
        await using var server = await TestServer.Start("--Confab:MaxRooms=3");
        using var full = await server.Http.PostAsJsonAsync("/api/rooms", new { name = "pantry" }, Cancel);
        await Problem.Is(full, HttpStatusCode.Forbidden, "forbidden");
        using var archived = await server.Http.PatchAsJsonAsync("/api/rooms/random", new { archived = true, username = "ann" }, Cancel);
        Assert.Equal(HttpStatusCode.OK, archived.StatusCode);
        // An archived room keeps its name.
        await Problem.Is(await server.Http.PostAsJsonAsync("/api/rooms", new { name = "Random" }, Cancel), HttpStatusCode.Conflict, "conflict");
        using var created = await server.Http.PostAsJsonAsync("/api/rooms", new { name = "Pantry" }, Cancel);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
    }

    [Fact]
    public async Task Rooms_of_before_keep_their_names_and_are_found_by_them()
    {
        new Database(Folder.FullName, TimeProvider.System).Dispose();
        string[] names = ["General", "gen\u00ADeral", "tea  time", "tea time", "\u200DTeam", "Team\uFE0F", "\u3164a"];
        using (var connection = new SqliteConnection(PathOf(Database.FileName)))
        {
            foreach (var name in names)
                connection.Execute($"INSERT INTO rooms (name, topic, created_at) VALUES ('{name}', '', 1)");
        }

        await using var server = await TestServer.Start($"--data={Folder.FullName}");
        await using var ann = await server.Open();
        foreach (var name in names.Append("general"))
        {
            Assert.Equal(name, (await ann.Join(name, "ann")).Text("room"));
            Assert.Equal(name, (await server.Room(Uri.EscapeDataString(name))).Text("name"));
        }

        Assert.Equal("tea time", (await ann.Join(" tea \u00A0 time", "ann")).Text("room"));
        Assert.Equal("general", (await ann.Join("general\u00AD", "ann")).Text("room"));
        foreach (var name in new[] { "GENERAL", "Tea Time", "TEAM" })
            await Problem.Is(await server.Http.PostAsJsonAsync("/api/rooms", new { name }, Cancel), HttpStatusCode.Conflict, "conflict");
    }
}
