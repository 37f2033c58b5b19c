using System.Net.Http.Json;
using Confab.Client;
using Confab.Protocol;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Files;
using Confab.Tests.Support;

namespace Confab.Tests.Cli;

/// <summary><c>confab backup</c> and <c>confab restore</c>: what was copied under load is sound, and a restored history is known as another one.</summary>
public sealed class BackupTests(SampleDatabase sample) : TempFolder, IClassFixture<SampleDatabase>
{
    [Fact]
    public async Task A_backup_under_load_is_sound_and_a_client_of_the_old_history_starts_over_after_restoring_it()
    {
        string oldEpoch, backup = PathOf("backup.db");
        long before;
        await using (var server = await TestServer.Start("--limits=off"))
        await using (var client = await Connect(server))
        {
            oldEpoch = client.Hello!.Epoch;
            using var enough = new CancellationTokenSource();
            var posting = PostUntil(enough.Token, client);
            before = await client.PostAsync("general", "before the backup", cancellationToken: Cancel);
            await Succeeds("backup", backup, "--data", server.Data);
            await Succeeds("verify", "--data", server.Data);
            var after = await client.PostAsync("general", "after the backup", cancellationToken: Cancel);
            await enough.CancelAsync();
            await posting;
            Assert.True(after > before + 1, "Nothing was posted while the backup was written.");
        }

        var restored = PathOf("restored");
        var told = await Succeeds("restore", backup, "--data", restored);
        await Succeeds("verify", "--data", restored);
        await using var again = await TestServer.Start($"--data={restored}");
        await using var returning = await Connect(again);
        Assert.NotEqual(oldEpoch, returning.Hello!.Epoch);
        Assert.Contains(returning.Hello.Epoch, told.Output);
        await returning.JoinAsync("general", new JoinOptions { After = before, Epoch = oldEpoch, History = 200 }, Cancel);
        var reset = Assert.IsType<RoomReset>(await FirstOf(returning));
        Assert.Equal(returning.Hello.Epoch, reset.Reset.Epoch);
        Assert.True(reset.Snapshot.Seq >= before);
        var message = await again.Http.GetFromJsonAsync<MessageData>($"/api/rooms/general/messages/{before}", WireJson.Default.Options, Cancel);
        Assert.Equal("before the backup", message!.Content);
    }

    [Fact]
    public async Task A_backup_succeeds_while_files_are_attached_and_their_messages_deleted()
    {
        await using var server = await TestServer.Start("--limits=off");
        await using var client = await Connect(server);
        for (var i = 0; i < 40; i++)
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.PostAsync("general", new string('x', 2000), cancellationToken: Cancel)));
        var kept = (await server.Upload("tech", [1, 2, 3])).IdOf();
        await server.PostWith("tech", kept);
        var enough = false;
        var coming = Task.WhenAll(Enumerable.Range(0, 3).Select(n => Task.Run(async () =>
        {
            for (var i = 0; !Volatile.Read(ref enough); i++)
            {
                var file = (await server.Upload("random", System.Text.Encoding.ASCII.GetBytes($"{n} {i}"))).IdOf();
                await server.Delete("random", (await server.PostWith("random", file)).GetProperty("id").GetInt64());
            }
        })));
        try
        {
            for (var i = 0; i < 15; i++)
            {
                await Succeeds("backup", PathOf($"{i}.db"), "--data", server.Data);
                await Succeeds("restore", PathOf($"{i}.db"), "--data", PathOf($"{i}"));
                await Succeeds("verify", "--data", PathOf($"{i}"), "--hash");
            }
        }
        finally
        {
            Volatile.Write(ref enough, true);
        }

        await coming;
    }

    [Fact]
    public async Task A_backup_holds_nothing_of_deleted_messages()
    {
        var data = PathOf("data");
        using (var changes = new Changes(data))
        {
            for (var i = 1; i <= 200; i++)
                changes.Add(ChangeKind.Message, changes.General, "ann", content: $"confidential-{i}-" + new string('x', 500));
            changes.Commit();
            for (var i = 1; i <= 200; i++)
                changes.Add(ChangeKind.Delete, changes.General, "ann", target: i);
            changes.Commit();
        }

        Assert.Contains("confidential-", await File.ReadAllTextAsync(Path.Combine(data, Database.FileName), System.Text.Encoding.Latin1, Cancel));
        await Succeeds("backup", PathOf("backup.db"), "--data", data);
        Assert.DoesNotContain("confidential-", await File.ReadAllTextAsync(PathOf("backup.db"), System.Text.Encoding.Latin1, Cancel));
    }

    [Fact]
    public async Task A_backup_is_one_file_that_no_more_may_read_than_the_database()
    {
        var data = sample.CopyTo(Folder);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(data, Database.FileName), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var place = Folder.CreateSubdirectory("backups").FullName;
        await Succeeds("backup", Path.Combine(place, "b.db"), "--data", data);
        Assert.Equal(Path.Combine(place, "b.db"), Assert.Single(Directory.GetFileSystemEntries(place)));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(place, "b.db")));
    }

    [Fact]
    public async Task A_backup_overwrites_nothing()
    {
        await File.WriteAllTextAsync(PathOf("backup.db"), "precious", Cancel);
        await Fails("exists", "backup", PathOf("backup.db"), "--data", sample.CopyTo(Folder));
        Assert.Equal("precious", await File.ReadAllTextAsync(PathOf("backup.db"), Cancel));
    }

    [Fact]
    public async Task Where_there_is_no_database_there_is_no_backup()
    {
        await Fails("no database", "backup", PathOf("backup.db"), "--data", PathOf("nowhere"));
        Assert.Empty(Folder.GetFileSystemInfos());
    }

    [Fact]
    public async Task A_backup_that_cannot_be_written_leaves_nothing_behind()
    {
        var data = sample.CopyTo(Folder);
        await Fails("", "backup", PathOf("missing/backup.db"), "--data", data);
        Damage(data, "PRAGMA user_version = 999");
        await Fails("schema 999", "backup", PathOf("backup.db"), "--data", data);
        Assert.Equal(data, Assert.Single(Folder.GetFileSystemInfos()).FullName);
    }

    [Fact]
    public async Task A_copy_that_breaks_a_promise_does_not_get_the_name_of_a_backup()
    {
        var data = sample.CopyTo(Folder);
        Damage(data, "DELETE FROM messages WHERE room = 1 AND seq = 1");
        var told = await ToolRun.Of("backup", PathOf("backup.db"), "--data", data);
        Assert.Equal(1, told.ExitCode);
        Assert.Contains("BROKEN  The numbers of a room", told.Output);
        Assert.False(File.Exists(PathOf("backup.db")));
        Assert.Contains(Assert.Single(Folder.GetFiles()).FullName, told.Output);
    }

    [Fact]
    public async Task Nothing_is_restored_under_a_running_server()
    {
        await using var server = await TestServer.Start();
        var before = Files();
        await Fails("in use", "restore", Path.Combine(sample.CopyTo(Folder), Database.FileName), "--data", server.Data, "--force");
        Assert.Equal(before, Files());

        // The server makes its search index meanwhile.
        string[] Files() => [.. Directory.GetFiles(server.Data).Where(file => !Path.GetFileName(file).StartsWith(SearchIndex.FileName, StringComparison.Ordinal)).Order()];
    }

    [Fact]
    public async Task A_database_that_is_there_is_replaced_only_by_force_and_kept()
    {
        var data = sample.CopyTo(Folder);
        var backup = PathOf("backup.db");
        await Succeeds("backup", backup, "--data", data);
        using (var changes = new Changes(data))
        {
            changes.Add(ChangeKind.Message, changes.General, "ann", content: "after the backup");
            changes.Commit();
        }

        await Fails("exists", "restore", backup, "--data", data);
        Assert.Equal(SampleDatabase.Head + 1, HeadOf(Path.Combine(data, Database.FileName)));

        var told = await Succeeds("restore", backup, "--data", data, "--force");
        Assert.Equal(SampleDatabase.Head, HeadOf(Path.Combine(data, Database.FileName)));
        var aside = Assert.Single(Directory.GetFiles(data, "*before-*"));
        Assert.Contains(aside, told.Output);
        Assert.Equal(SampleDatabase.Head + 1, HeadOf(aside));
        await Succeeds("verify", "--data", data);
    }

    [Fact]
    public async Task What_a_killed_server_left_in_its_log_does_not_reach_the_restored_database()
    {
        var killed = sample.CopyTo(Folder);
        var data = Folder.CreateSubdirectory("data").FullName;
        using (var changes = new Changes(killed))
        {
            for (var i = 0; i < 50; i++)
            {
                changes.Add(ChangeKind.Message, changes.General, "ann", content: "in the log only");
                changes.Commit();
            }

            // As a kill -9 leaves them: the last connection did not empty the log.
            foreach (var suffix in new[] { "", "-wal", "-shm" })
                File.Copy(Path.Combine(killed, Database.FileName + suffix), Path.Combine(data, Database.FileName + suffix));
        }

        await Succeeds("restore", Path.Combine(sample.CopyTo(Folder), Database.FileName), "--data", data, "--force");
        Assert.Equal(SampleDatabase.Head, HeadOf(Path.Combine(data, Database.FileName)));
        Assert.Equal(SampleDatabase.Head + 50, HeadOf(Directory.GetFiles(data, "*before-*").Order().First()));
        await Succeeds("verify", "--data", data);
    }

    [Theory]
    [InlineData("DELETE FROM changes WHERE seq = 4")]
    [InlineData("DROP INDEX changes_client_id")]
    public async Task What_is_not_sound_is_not_restored(string damage)
    {
        var source = sample.CopyTo(Folder);
        Damage(source, damage);
        var data = PathOf("data");
        var told = await ToolRun.Of("restore", Path.Combine(source, Database.FileName), "--data", data);
        Assert.Equal(1, told.ExitCode);
        Assert.Contains("BROKEN", told.Output);
        Assert.DoesNotContain(Directory.GetFiles(data), file => file.Contains(Database.FileName));
    }

    [Fact]
    public async Task What_is_no_database_is_not_restored()
    {
        await File.WriteAllTextAsync(PathOf("backup.db"), new string('x', 10_000), Cancel);
        await Fails("not a database", "restore", PathOf("backup.db"), "--data", PathOf("data"));
        Assert.DoesNotContain(Directory.GetFiles(PathOf("data")), file => file.Contains(Database.FileName));
        await Fails("does not exist", "restore", PathOf("missing.db"), "--data", PathOf("data"));
    }

    private static async Task PostUntil(CancellationToken enough, ConfabClient client)
    {
        while (!enough.IsCancellationRequested)
            await Task.WhenAll(Enumerable.Range(0, 50).Select(i => client.PostAsync(i % 2 == 0 ? "general" : "tech", $"load {i}", cancellationToken: Cancel)));
    }

    private static async Task<ConfabClient> Connect(TestServer server)
    {
        var client = new ConfabClient(new UriBuilder(server.Address) { Scheme = "ws", Path = "/chat" }.Uri, new ConfabClientOptions { Username = "ann" });
        await client.ConnectAsync(Cancel);
        return client;
    }

    private static async Task<ConfabEvent> FirstOf(ConfabClient client)
    {
        await foreach (var first in client.ReadEventsAsync(Cancel))
            return first;
        throw new InvalidOperationException("There was no event.");
    }

    private static async Task<ToolRun> Succeeds(params string[] args)
    {
        var told = await ToolRun.Of(args);
        Assert.True(told.ExitCode == 0, $"{told}");
        return told;
    }

    private static async Task Fails(string reason, params string[] args)
    {
        var told = await ToolRun.Of(args);
        Assert.Equal(2, told.ExitCode);
        Assert.Contains(reason, told.Error);
    }

    private static long HeadOf(string path)
    {
        using var connection = new SqliteConnection(path, readOnly: true);
        return connection.QueryInt64("SELECT head FROM rooms WHERE id = 1");
    }

    private static void Damage(string directory, string sql)
    {
        using var connection = new SqliteConnection(Path.Combine(directory, Database.FileName));
        connection.Execute(sql);
    }
}
