using System.Text;
using Confab.Server.Messages;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Cli;
using Confab.Tests.Support;

namespace Confab.Tests.Messages;

/// <summary>A database from before there was HTML.</summary>
public sealed class HtmlMigrationTests : TempFolder
{
    [Fact]
    public void What_was_said_before_stays_text()
    {
        var path = PathOf(Database.FileName);
        using (var old = new SqliteConnection(path))
        {
            old.Execute(File.ReadAllText(Repository.PathOf("src/Confab.Server/Storage/Sqlite/Migrations/001-rooms-are-logs.sql")));
            old.Execute("""
                PRAGMA user_version = 1;
                INSERT INTO rooms (id, name, head, created_at) VALUES (1, 'general', 1, 1);
                INSERT INTO messages (room, seq, changed, sender, content, timestamp) VALUES (1, 1, 1, 'ann', '**old**', 1);
                """);
        }

        using (var database = new Database(Folder.FullName, TimeProvider.System))
        using (var reader = Changes.StoreOf(database).OpenReader())
            Assert.Equal("""{"id":1,"room":"general","username":"ann","content":"**old**","timestamp":"1970-01-01T00:00:00.001Z"}""", Encoding.UTF8.GetString(History.Find(reader, new QuietRoom(1, "general"), 1)!));
        using var verification = new Verification(path);
        Assert.All(verification.Check(), rule => Assert.True(rule.Holds, rule.Rule));
    }
}
