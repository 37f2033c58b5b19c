using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Support;
using CsCheck;

namespace Confab.Tests.Cli;

/// <summary><c>confab verify</c>: what is sound passes, and whatever breaks a rule is found.</summary>
public sealed class VerifyTests(SampleDatabase sample) : TempFolder, IClassFixture<SampleDatabase>
{
    private const string FileRule = "The file is whole (PRAGMA integrity_check)";

    // Each breaks at least the rule beside it; room 1 is `general`.
    private static readonly (string Rule, string Sql)[] s_damage =
    [
        (FileRule, "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'client_id IS NOT NULL', 'client_id IS NULL') WHERE name = 'messages_client_id'"),
        ("The tables and indexes are those of its schema", "DROP INDEX changes_client_id"),
        ("The tables and indexes are those of its schema", "CREATE TRIGGER t AFTER INSERT ON messages BEGIN DELETE FROM messages; END"),
        ("Every row belongs to a room", "INSERT INTO messages (room, seq, changed, sender, content, timestamp) VALUES (9, 1, 1, 'ann', 'x', 1)"),
        ("Every row belongs to a room", "INSERT INTO changes (room, seq, kind, sender, timestamp) VALUES (9, 1, 5, 'ann', 1)"),
        ("Every row belongs to a room", "INSERT INTO reactions (room, message, emoji, sender, seq) VALUES (9, 1, 'x', 'ann', 1)"),
        ("Every row belongs to a room", "INSERT INTO pins (room, message, seq) VALUES (9, 1, 1)"),
        ("Every row belongs to a room", "INSERT INTO read_markers (room, sender, seq) VALUES (9, 'ann', 1)"),
        ("Every row belongs to a room", "INSERT INTO files (id, room, message, sha256, name, type, size, created_at) VALUES ('f', 9, NULL, randomblob(32), 'n', 't', 1, 1)"),
        ("The numbers of a room are 1, 2, 3, … without a gap", "DELETE FROM messages WHERE room = 1 AND seq = 1"),
        ("The numbers of a room are 1, 2, 3, … without a gap", "DELETE FROM changes WHERE room = 1 AND seq = 9"),
        ("The numbers of a room are 1, 2, 3, … without a gap", "UPDATE messages SET seq = 40, changed = 40 WHERE room = 1 AND seq = 10; UPDATE rooms SET head = 40 WHERE id = 1"),
        ("The numbers of a room are 1, 2, 3, … without a gap", "PRAGMA ignore_check_constraints = 1; INSERT INTO changes (room, seq, kind, sender, timestamp) VALUES (1, 0, 5, 'ann', 1)"),
        ("The last number of a room is its head", "UPDATE rooms SET head = 11 WHERE id = 1"),
        ("The last number of a room is its head", "UPDATE rooms SET head = 9 WHERE id = 1"),
        ("The last number of a room is its head", "DELETE FROM messages WHERE room = 1 AND seq = 10"),
        ("A number is a message or a change, not both", "INSERT INTO changes (room, seq, kind, sender, timestamp) VALUES (1, 10, 5, 'ann', 1)"),
        ("A change is of a known kind, and names a message unless it is of the room", "UPDATE changes SET kind = 77 WHERE seq = 3"),
        ("A change is of a known kind, and names a message unless it is of the room", "UPDATE changes SET message = NULL WHERE seq = 3"),
        ("A change is of a known kind, and names a message unless it is of the room", "UPDATE changes SET message = 1 WHERE seq = 9"),
        ("A changed message exists, and was stored before its change", "UPDATE changes SET message = 4 WHERE seq = 3"),
        ("A changed message exists, and was stored before its change", "UPDATE changes SET message = 10 WHERE seq = 3"),
        ("A message's last change is the last one that names it", "UPDATE messages SET changed = 1 WHERE room = 1 AND seq = 1"),
        ("A message's last change is the last one that names it", "UPDATE messages SET changed = 3 WHERE room = 1 AND seq = 1"),
        ("A message's last change is the last one that names it", "UPDATE messages SET changed = 9 WHERE room = 1 AND seq = 1"),
        ("A message's last change is the last one that names it", "UPDATE messages SET changed = 11 WHERE room = 1 AND seq = 10"),
        ("A message is deleted exactly if its last change says so, and then has no content", "UPDATE messages SET deleted = 1 WHERE room = 1 AND seq = 10"),
        ("A message is deleted exactly if its last change says so, and then has no content", "UPDATE messages SET deleted = 0 WHERE room = 1 AND seq = 2"),
        ("A message is deleted exactly if its last change says so, and then has no content", "UPDATE messages SET content = 'two' WHERE room = 1 AND seq = 2"),
        ("A message is deleted exactly if its last change says so, and then has no content", "UPDATE messages SET body_hash = x'00' WHERE room = 1 AND seq = 2"),
        ("A message is deleted exactly if its last change says so, and then has no content", "UPDATE messages SET html = '<p>two</p>' WHERE room = 1 AND seq = 2"),
        ("A message is deleted exactly if its last change says so, and then has no content", "UPDATE messages SET mentions = '[\"ann\"]' WHERE room = 1 AND seq = 2"),
        ("A message carries the time of its last edit", "UPDATE messages SET edited_at = NULL WHERE room = 1 AND seq = 1"),
        ("A message carries the time of its last edit", "UPDATE messages SET edited_at = edited_at + 1 WHERE room = 1 AND seq = 1"),
        ("A message carries the time of its last edit", "UPDATE messages SET edited_at = 1 WHERE room = 1 AND seq = 10"),
        ("A reaction is of a message that is there, and its number is that of its change", "UPDATE reactions SET message = 4"),
        ("A reaction is of a message that is there, and its number is that of its change", "UPDATE reactions SET message = 2"),
        ("A reaction is of a message that is there, and its number is that of its change", "UPDATE reactions SET message = 10"),
        ("A reaction is of a message that is there, and its number is that of its change", "UPDATE reactions SET seq = 5"),
        ("A reaction is of a message that is there, and its number is that of its change", "UPDATE reactions SET seq = 3"),
        ("A reaction is of a message that is there, and its number is that of its change", "UPDATE reactions SET sender = 'cat'"),
        ("As many reactions stand as were made and not taken back", "DELETE FROM reactions"),
        ("As many reactions stand as were made and not taken back", "INSERT INTO reactions (room, message, emoji, sender, seq) VALUES (1, 1, '🎉', 'ann', 5)"),
        ("A message is pinned exactly if it is there and the last change of its pin says so", "DELETE FROM pins"),
        ("A message is pinned exactly if it is there and the last change of its pin says so", "UPDATE pins SET seq = 2"),
        ("A message is pinned exactly if it is there and the last change of its pin says so", "UPDATE pins SET message = 77"),
        ("A message is pinned exactly if it is there and the last change of its pin says so", "INSERT INTO pins (room, message, seq) VALUES (1, 10, 9)"),
        ("A message is pinned exactly if it is there and the last change of its pin says so", "UPDATE changes SET kind = 7 WHERE room = 3 AND seq = 4"),
        ("A sender's id stands for one change in a room", "UPDATE changes SET client_id = 'a1' WHERE seq = 3"),
        ("A read marker is within its room's numbers", "UPDATE read_markers SET seq = 11"),
        ("A read marker is within its room's numbers", "UPDATE read_markers SET seq = -1"),
        ("An answered message exists, and is older than its answer", "UPDATE messages SET reply_to = 3 WHERE room = 1 AND seq = 10"),
        ("An answered message exists, and is older than its answer", "UPDATE messages SET reply_to = 10 WHERE room = 1 AND seq = 2"),
        ("An attached file's message is there, and counts it", "UPDATE messages SET files = 1 WHERE room = 1 AND seq = 10"),
        ("An attached file's message is there, and counts it", "INSERT INTO files (id, room, message, sha256, name, type, size, created_at) VALUES ('f', 1, 2, randomblob(32), 'n', 't', 1, 1)"),
        ("An attached file's message is there, and counts it", "INSERT INTO files (id, room, message, sha256, name, type, size, created_at) VALUES ('f', 1, 10, randomblob(32), 'n', 't', 1, 1)"),
        ("An attached file's message is there, and counts it", "INSERT INTO files (id, room, message, sha256, name, type, size, created_at) VALUES ('f', 1, 77, randomblob(32), 'n', 't', 1, 1)"),
        ("An attached file's bytes are on the disk", "INSERT INTO files (id, room, message, sha256, name, type, size, created_at) VALUES ('f', 1, 10, randomblob(32), 'n', 't', 1, 1); UPDATE messages SET files = 1 WHERE room = 1 AND seq = 10"),
        ("A room is archived exactly if the last change of that says so", "UPDATE rooms SET archived = 0 WHERE id = 3"),
        ("A room is archived exactly if the last change of that says so", "UPDATE rooms SET archived = 1 WHERE id = 1"),
        ("A room is archived exactly if the last change of that says so", "UPDATE changes SET kind = 9 WHERE room = 3 AND seq = 5"),
        ("A change is of a known kind, and names a message unless it is of the room", "UPDATE changes SET message = 1 WHERE room = 3 AND seq = 5"),
        ("A room's last change is its last change of topic, pins or archiving", "UPDATE rooms SET changed = 0 WHERE id = 1"),
        ("A room's last change is its last change of topic, pins or archiving", "UPDATE rooms SET changed = 8 WHERE id = 1"),
        ("A room's last change is its last change of topic, pins or archiving", "UPDATE rooms SET changed = 3 WHERE id = 3"),
        ("A room's last change is its last change of topic, pins or archiving", "UPDATE rooms SET changed = 1 WHERE id = 3"),
        ("Every time is in range", "UPDATE messages SET timestamp = 253402300800000 WHERE room = 1 AND seq = 10"),
        ("Every time is in range", "UPDATE messages SET edited_at = 9223372036854775807 WHERE room = 1 AND seq = 1"),
        ("A text is UTF-8 without NUL", "UPDATE messages SET content = CAST(x'61ff62' AS TEXT) WHERE room = 1 AND seq = 10"),
        ("A text is UTF-8 without NUL", "UPDATE messages SET content = CAST(x'6100' AS TEXT) WHERE room = 1 AND seq = 10"),
        ("A text is UTF-8 without NUL", "UPDATE messages SET sender = CAST(x'eda080' AS TEXT) WHERE room = 1 AND seq = 10"),
        ("A text is UTF-8 without NUL", "UPDATE rooms SET topic = CAST(x'ff' AS TEXT)"),
        ("The history has one name, its epoch", "DELETE FROM server"),
        ("The history has one name, its epoch", "UPDATE server SET epoch = ''"),
    ];

    public static TheoryData<string, string> Damage() => new(s_damage.Select(d => (d.Rule, d.Sql)));

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task What_breaks_a_rule_is_found(string rule, string sql)
    {
        var directory = sample.CopyTo(Folder);
        Run(directory, sql);
        Assert.Contains(rule, BrokenIn(directory));

        var told = await ToolRun.Of("verify", "--data", directory);
        Assert.Equal(1, told.ExitCode);
        Assert.Contains($"BROKEN  {rule}", told.Output);
    }

    [Fact]
    public async Task A_sound_database_passes()
    {
        var directory = sample.CopyTo(Folder);
        Assert.Empty(BrokenIn(directory));

        var told = await ToolRun.Of("verify", "--data", directory);
        Assert.Equal(0, told.ExitCode);
        Assert.Contains("rooms 3, messages 4, other changes 11", told.Output);
        Assert.DoesNotContain("BROKEN", told.Output);
    }

    [Fact]
    public void Every_rule_is_seen_broken()
    {
        using var verification = new Verification(Path.Combine(sample.CopyTo(Folder), Database.FileName));
        Assert.Equal(verification.Check().Select(r => r.Rule).Order(), s_damage.Select(d => d.Rule).Distinct().Order());
    }

    [Fact]
    public async Task A_damaged_file_is_told_and_not_thrown()
    {
        var directory = sample.CopyTo(Folder);
        await using (var file = File.OpenWrite(Path.Combine(directory, Database.FileName)))
        {
            // Every page after the first, which holds the schema.
            file.Position = 4096;
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, (int)file.Length - 4096).ToArray(), Cancel);
        }

        var told = await ToolRun.Of("verify", "--data", directory);
        Assert.Equal(1, told.ExitCode);
        Assert.Contains("BROKEN", told.Output);
        Assert.Contains("malformed", told.Output);
    }

    [Fact]
    public async Task An_index_that_lacks_a_row_is_found()
    {
        var directory = sample.CopyTo(Folder);
        Run(directory, """
            PRAGMA writable_schema = 1;
            UPDATE sqlite_schema SET sql = replace(sql, 'client_id IS NOT NULL', 'client_id = ''nobody''') WHERE name = 'messages_client_id'
            """);
        Run(directory, "UPDATE messages SET client_id = 'b9' WHERE room = 1 AND seq = 10; INSERT INTO messages (room, seq, changed, sender, content, timestamp, client_id) VALUES (3, 2, 2, 'ann', 'x', 1, 'a9')");
        Run(directory, """
            PRAGMA writable_schema = 1;
            UPDATE sqlite_schema SET sql = replace(sql, 'client_id = ''nobody''', 'client_id IS NOT NULL') WHERE name = 'messages_client_id'
            """);
        Assert.Contains(FileRule, BrokenIn(directory));
        Assert.Contains("row", (await ToolRun.Of("verify", "--data", directory)).Output);
    }

    [Fact]
    public async Task Violations_name_the_room_and_are_not_told_without_end()
    {
        var directory = sample.CopyTo(Folder);
        Run(directory, """
            WITH RECURSIVE n(i) AS (SELECT 12 UNION ALL SELECT i + 2 FROM n WHERE i < 200)
            INSERT INTO messages (room, seq, changed, sender, content, timestamp) SELECT 1, i, i, 'ann', 'x', 1 FROM n
            """);
        var told = await ToolRun.Of("verify", "--data", directory);
        Assert.Contains("general: 12 is there, the number before it is not", told.Output);
        Assert.Equal(Verification.MaxNamed, told.Output.Split("the number before it is not").Length - 1);
        Assert.Contains("… and more", told.Output);
    }

    [Fact]
    public async Task Names_in_the_database_cannot_write_to_the_terminal()
    {
        var directory = sample.CopyTo(Folder);
        Run(directory, "UPDATE read_markers SET seq = 99, sender = char(27) || '[2Jbob'");
        var told = await ToolRun.Of("verify", "--data", directory);
        Assert.Contains("␛[2Jbob has read up to 99", told.Output);
        Assert.DoesNotContain('\e', told.Output);
    }

    [Fact]
    public async Task Where_there_is_no_database_none_is_made()
    {
        var told = await ToolRun.Of("verify", "--data", PathOf("nowhere"));
        Assert.Equal(2, told.ExitCode);
        Assert.Contains("does not exist", told.Error);
        Assert.False(Directory.Exists(PathOf("nowhere")));
    }

    [Fact]
    public async Task A_database_of_another_version_is_not_judged()
    {
        var directory = sample.CopyTo(Folder);
        Run(directory, "PRAGMA user_version = 999");
        var told = await ToolRun.Of("verify", "--data", directory);
        Assert.Equal(2, told.ExitCode);
        Assert.Contains("schema 999", told.Error);
    }

    [Fact]
    public void Whatever_the_writer_stores_is_sound()
    {
        string[] people = ["ann", "bob", "cat"];
        string[] emoji = ["👍", "🎉"];
        var kinds = new[] { ChangeKind.Message, ChangeKind.Message, ChangeKind.Edit, ChangeKind.Delete, ChangeKind.React, ChangeKind.React, ChangeKind.Unreact, ChangeKind.Pin, ChangeKind.Unpin, ChangeKind.Topic, ChangeKind.Read, ChangeKind.Archive, ChangeKind.Unarchive, ChangeKind.Unarchive };
        var change = Gen.Select(Of(kinds), Of(people), Gen.Long[0, 40], Of(emoji), Gen.Int[0, 30], Gen.Bool);
        change.List[1, 12].List[1, 12].Sample(batches =>
        {
            var directory = Folder.CreateSubdirectory(Guid.NewGuid().ToString("N"));
            using (var changes = new Changes(directory.FullName))
            {
                foreach (var batch in batches)
                {
                    foreach (var (kind, who, target, text, id, inTech) in batch)
                        changes.Add(kind, inTech ? changes.Tech : changes.General, who, target, text, id < 20 ? $"id{id}" : "");
                    changes.Commit();
                }
            }

            Assert.Empty(BrokenIn(directory.FullName));
            directory.Delete(recursive: true);
        }, iter: 30, threads: 1);
    }

    private static Gen<T> Of<T>(T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static List<string> BrokenIn(string directory)
    {
        using var verification = new Verification(Path.Combine(directory, Database.FileName));
        return [.. verification.Check().Where(rule => !rule.Holds).Select(rule => rule.Rule)];
    }

    private static void Run(string directory, string sql)
    {
        using var connection = new SqliteConnection(Path.Combine(directory, Database.FileName));
        connection.Execute(sql);
    }
}
