using System.Text.Json;
using System.Text.Unicode;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Cli;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>Rows that no server has written: whatever stands in them, a client is sent UTF-8 and JSON, or a refusal.</summary>
public sealed class FaultsText(SampleDatabase sample) : TempFolder, IClassFixture<SampleDatabase>
{
    private const string Bad = "CAST(x'61ff62' AS TEXT)";

    public static TheoryData<string> Damage() =>
    [
        $"UPDATE messages SET content = {Bad} WHERE deleted = 0",
        $"UPDATE messages SET sender = {Bad}",
        $"UPDATE messages SET html = {Bad} WHERE deleted = 0",
        $"UPDATE messages SET content = CAST(x'6100' AS TEXT) WHERE deleted = 0",
        $"UPDATE messages SET content = CAST(x'edA080' AS TEXT) WHERE deleted = 0",
        $"UPDATE messages SET html = CAST(x'6100' AS TEXT) WHERE deleted = 0",
        $"UPDATE messages SET reply_to = 1 WHERE seq = 10; UPDATE messages SET sender = {Bad} WHERE seq = 10",
        $"UPDATE rooms SET topic = {Bad}",
        $"UPDATE rooms SET name = {Bad} WHERE id = 3",
        $"UPDATE rooms SET name = CAST(x'6100' AS TEXT) WHERE id = 3",
        $"UPDATE reactions SET emoji = {Bad}",
        $"UPDATE reactions SET sender = {Bad}",
        $"UPDATE messages SET files = 1 WHERE seq = 1; INSERT INTO files (id, room, message, sha256, name, type, size, created_at) VALUES ('f', 1, 1, randomblob(32), {Bad}, {Bad}, 1, 1)",
        "UPDATE messages SET timestamp = 9223372036854775807",
        "UPDATE messages SET timestamp = -9223372036854775807",
        "UPDATE messages SET edited_at = 9223372036854775807 WHERE edited_at IS NOT NULL",
    ];

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task Whatever_stands_in_a_row_a_client_is_sent_UTF_8_and_JSON_or_a_refusal(string sql)
    {
        var data = sample.CopyTo(Folder);
        using (var connection = new SqliteConnection(Path.Combine(data, Database.FileName)))
            connection.Execute(sql);
        await using var server = await TestServer.Start($"--data={data}", "--limits=off");

        foreach (var path in new[] { "/api/rooms", "/api/rooms/general", "/api/rooms/general/messages?after=0", "/api/rooms/general/messages/1", "/api/rooms/general/messages/1/replies", "/api/rooms/general/pins", "/api/search?q=three", "/api/search?q=a" })
        {
            using var answer = await server.Http.GetAsync(path, Cancel);
            Assert.True((int)answer.StatusCode is 200 or 404 or 503, $"{path}: {answer.StatusCode}");
            var body = await answer.Content.ReadAsByteArrayAsync(Cancel);
            Assert.True(Utf8.IsValid(body), path);
            if (body.Length > 0)
                JsonDocument.Parse(body).Dispose();
        }

        await using var ann = await server.Open();
        foreach (var join in new[] { "\"history\":50", "\"after\":0,\"history\":0" })
        {
            await using var socket = await server.Open();
            await socket.SendJson($$"""{"type":"join","id":"j","room":"general","username":"ann",{{join}}}""");
            await socket.SendJson("""{"type":"ping","id":"end"}""");
            var isClosed = false;
            while (await socket.Receive() is { } frame)
            {
                if (frame.IsClose)
                {
                    // Told to come again later, and never that what it was sent was no text.
                    Assert.Equal(1013, frame.CloseCode);
                    isClosed = true;
                    break;
                }

                Assert.True(Utf8.IsValid(frame.Payload));
                if (frame.IsText && frame.Json.TypeOf() == "pong")
                    break;
            }

            if (!isClosed)
                await socket.Answers();
        }

        await ann.Join("random", "ann");
        Assert.Equal("ack", (await ann.Request("m", """{"type":"message","id":"m","room":"random","content":"goes on"}""")).TypeOf());
        Assert.Equal("ready\n", await server.Http.GetStringAsync("/health/ready", Cancel));
    }
}
