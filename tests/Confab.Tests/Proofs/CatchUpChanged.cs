using Confab.Server.Access;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Sockets;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Cli;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Proofs;

/// <summary>Catching up through a room where nearly everything was changed later on: long stretches of numbers have nothing to show.</summary>
public sealed class CatchUpChanged : TempFolder
{
    // Somebody reacted to each message but the last.
    private const int Messages = 10_000, Head = (2 * Messages) - 1;

    public CatchUpChanged()
    {
        new Database(Folder.FullName, TimeProvider.System).Dispose();
        using var connection = new SqliteConnection(PathOf(Database.FileName));
        connection.Execute($"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Messages})
              INSERT INTO messages (room, seq, changed, sender, content, timestamp) SELECT 1, i, iif(i < {Messages}, {Messages} + i, i), 'ann', 'message ' || i, i FROM n;
            INSERT INTO reactions (room, message, emoji, sender, seq) SELECT 1, seq, '👍', 'bot', changed FROM messages WHERE changed <> seq;
            INSERT INTO changes (room, seq, kind, message, sender, timestamp) SELECT 1, seq, 3, message, sender, 1 FROM reactions;
            UPDATE rooms SET head = {Head} WHERE id = 1;
            """);
    }

    [Fact]
    public async Task No_page_looks_at_more_than_4096_numbers()
    {
        await using var server = await TestServer.Start($"--data={Folder.FullName}");
        var readers = server.Services.GetRequiredService<Readers>();
        var loop = server.Services.GetRequiredService<EventLoops>().Next();
        var audience = new Audience(loop, server.Services.GetRequiredService<RoomDirectory>().Find(Actor.System, "general"u8)!);
        var told = new List<long>();
        LogPage page;
        for (var after = 0L; ; after = page.To)
        {
            var read = new PageRead(loop, audience, new PageKey(after, 0));
            page = await readers.Query(reader =>
            {
                read.Run(reader);
                return read.Page;
            });
            Assert.InRange(page.To - after, 1, 4096);
            told.AddRange(page.Numbers);
            Assert.Equal(page.To == Head, page.IsLast);
            if (page.IsLast)
                break;
        }

        Assert.Equal(Enumerable.Range(Messages, Messages).Select(n => (long)n), told);
    }

    [Fact]
    public async Task Stretches_with_nothing_to_show_are_passed_over()
    {
        await using var server = await TestServer.Start($"--data={Folder.FullName}");
        await using var bob = await server.Open();
        await bob.SendJson("""{"type":"join","room":"general","after":0}""");
        var mirror = new Mirror("general");
        mirror.Joined(await bob.NextOf("joined"));
        while (mirror.Cursor < Head)
            mirror.Hear(await bob.NextOf("message", "edited", "deleted", "reacted"));
        mirror.Matches(Truth.Read(Folder.FullName).Rooms["general"]);
    }
}
