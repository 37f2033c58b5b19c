using System.Net.Http.Json;
using System.Text.Json;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Cli;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>The database's files vanish or change behind the server's back: nothing is acknowledged into files that nobody will find, and no other history passes for this one.</summary>
public sealed class FaultsFiles : TempFolder
{
    // A connection that is opened after its log or index was deleted makes another. What an operator, a job that cleans up or a lost disk does to the data directory.
    private static readonly Dictionary<string, (string Told, Action<string> Do)> s_mishaps = new()
    {
        ["delete confab.db"] = ("confab.db was deleted or renamed", data => File.Delete(In(data, ""))),
        ["rename confab.db"] = ("confab.db was deleted or renamed", data => File.Move(In(data, ""), In(data, ".old"))),
        ["delete the log"] = ("confab.db-wal was ", data => File.Delete(In(data, "-wal"))),
        ["delete the log's index"] = ("confab.db-shm was ", data => File.Delete(In(data, "-shm"))),
        ["delete the lock"] = ("confab.lock was deleted or renamed", data => File.Delete(Path.Combine(data, "confab.lock"))),
        ["rename the directory"] = ("was deleted or renamed", data => Directory.Move(data, $"{data}-old")),
        ["delete the directory"] = ("was deleted or renamed", data => Directory.Delete(data, recursive: true)),
        ["move another database there"] = ("confab.db was replaced", data => File.Move(In(data, ".copy"), In(data, ""), overwrite: true)),
        ["copy another database over it"] = ("confab.db was overwritten", data => CopyOver(In(data, ".copy"), In(data, ""))),
        ["cut the log off"] = ("confab.db-wal was overwritten", data => CopyOver(null, In(data, "-wal"))),
    };

    public static TheoryData<string> Mishaps() => [.. s_mishaps.Keys];

    [Theory]
    [MemberData(nameof(Mishaps))]
    public async Task A_server_whose_files_are_not_its_own_any_more_stops(string mishap)
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory());
        await Post(server, "1");
        await IsStamped(server.Data, before: 0);
        // Of the same length as the one that is open, and once its own.
        File.Copy(In(server.Data, ""), In(server.Data, ".copy"));
        var stamp = Stamp(server.Data);
        server.Terminate();
        await server.Ended();
        server.Start();
        await server.Ready();
        await Post(server, "2");
        await IsStamped(server.Data, stamp);

        s_mishaps[mishap].Do(server.Data);
        // While it goes on a probe hears 503, or the server is gone.
        await Wait.Until("the server to end", async () =>
        {
            try
            {
                using var ready = await server.Http.GetAsync("/health/ready", Cancel);
                Assert.True((int)ready.StatusCode is 200 or 503, $"{ready.StatusCode}");
                return server.HasEnded;
            }
            catch (HttpRequestException)
            {
                return true;
            }
        });
        Assert.Equal(70, await server.Ended());
        Assert.Contains(server.Output, line => line.Contains(s_mishaps[mishap].Told, StringComparison.Ordinal));
        if (Directory.Exists($"{server.Data}-old"))
            Directory.Delete($"{server.Data}-old", recursive: true);
    }

    [Theory]
    [InlineData("a backup over the database", "confab.db was overwritten")]
    [InlineData("the log cut off", "confab.db-wal was overwritten")]
    [InlineData("noise over the index", "confab.db-shm was overwritten")]
    public async Task One_that_is_written_to_all_the_while_stops_too(string mishap, string told)
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory(), "--limits=off");
        await Post(server, "1");
        await IsStamped(server.Data, before: 0);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var load = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Load(server, stop.Token)));
        await Wait.Until("some messages", async () => (await server.Http.GetFromJsonAsync<JsonElement>("/api/rooms/general", Cancel)).Number("head") > 200);
        if (mishap == "the log cut off")
        {
            // Before it is begun anew for the first time it is as long as before with the next commit, and its length tells nothing.
            CopyOver(null, In(server.Data, "-wal"));
        }
        else if (mishap == "a backup over the database")
        {
            Assert.Equal(0, (await ToolRun.Of("backup", PathOf("older.db"), "--data", server.Data)).ExitCode);
            await Wait.ForAsLongAs(TimeSpan.FromSeconds(1.5));
            CopyOver(PathOf("older.db"), In(server.Data, ""));
        }

        // Sometimes the next commit mends it.
        for (var i = 0; mishap == "noise over the index" && i < 20 && !server.HasEnded; i++)
        {
            WriteNoise(In(server.Data, "-shm"));
            await Wait.ForAsLongAs(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(70, await server.Ended());
        Assert.Contains(server.Output, line => line.Contains(told, StringComparison.Ordinal));
        await stop.CancelAsync();
        await load;
    }

    [Fact]
    public async Task A_database_that_is_missing_is_not_begun_anew_unless_that_is_said()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory());
        await Post(server, "1");
        server.Terminate();
        await server.Ended();
        var epoch = Truth.Read(server.Data).Epoch;

        server.Start();
        await server.Ready();
        await server.Kill();
        Assert.Equal(epoch, Truth.Read(server.Data).Epoch);

        foreach (var how in new[] { "is missing", "is empty" })
        {
            foreach (var suffix in new[] { "", "-wal", "-shm" })
                File.Delete(In(server.Data, suffix));
            if (how == "is empty")
                File.Create(In(server.Data, "")).Dispose();
            await IsRefused(server, how);
        }

        File.Delete(Path.Combine(server.Data, HighWaterMark.FileName));
        server.Start();
        await server.Ready();
        Assert.NotEqual(epoch, Truth.Read(server.Data).Epoch);
    }

    [Fact]
    public async Task A_database_without_its_log_does_not_pass_for_the_whole_one()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory());
        await Post(server, "1");
        server.Terminate();
        await server.Ended();
        var before = Truth.Read(server.Data);
        File.Copy(In(server.Data, ""), In(server.Data, ".older"));
        server.Start();
        await server.Ready();
        await Post(server, "2");
        var mark = HighWaterMark.Read(server.Data)!;
        await Wait.Until("the mark to be kept", () => HighWaterMark.Read(server.Data)!.Extent == before.Rooms.Values.Sum(room => room.Head + 1) + 1);
        Assert.Equal(before.Epoch, mark.Epoch);
        await server.Kill();
        File.Copy(In(server.Data, ".older"), In(server.Data, ""), overwrite: true);
        File.Delete(In(server.Data, "-wal"));
        File.Delete(In(server.Data, "-shm"));
        await IsRefused(server, "is older than what was stored in it");

        // Said to be meant, it goes on under another name, and whoever knows the number 2 of the old one starts over.
        File.Delete(Path.Combine(server.Data, HighWaterMark.FileName));
        server.Start();
        await server.Ready();
        Assert.Contains(server.Output, line => line.Contains("starts a new history", StringComparison.Ordinal));
        Assert.NotEqual(before.Epoch, Truth.Read(server.Data).Epoch);
        await using var bob = await RawWebSocket.Open(server.EndPoint);
        await bob.SendJson($$"""{"type":"join","id":"j","room":"general","username":"bob","after":2,"epoch":"{{before.Epoch}}"}""");
        Assert.Equal(Truth.Read(server.Data).Epoch, (await bob.NextOf("reset", "joined", "error")).Text("epoch"));
    }

    [Fact]
    public async Task A_database_that_was_put_there_by_hand_begins_a_new_history()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory());
        await Post(server, "1");
        server.Terminate();
        await server.Ended();
        var other = ChildServer.NewDirectory();
        File.Copy(In(server.Data, ""), In(other, ""));
        await using var elsewhere = await ChildServer.Start(other);
        Assert.NotEqual(Truth.Read(server.Data).Epoch, Truth.Read(other).Epoch);
        Assert.Equal(1, Truth.Read(other).Rooms["general"].Head);
    }

    [Fact]
    public async Task An_older_backup_that_was_restored_is_served()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory());
        await Post(server, "1");
        Assert.Equal(0, (await ToolRun.Of("backup", PathOf("backup.db"), "--data", server.Data)).ExitCode);
        await Post(server, "2");
        server.Terminate();
        await server.Ended();
        var restored = await ToolRun.Of("restore", PathOf("backup.db"), "--data", server.Data, "--force");
        Assert.Equal(0, restored.ExitCode);
        server.Start();
        await server.Ready();
        var now = Truth.Read(server.Data);
        Assert.Equal(1, now.Rooms["general"].Head);
        Assert.Contains(now.Epoch, restored.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Output, line => line.Contains("starts a new history", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_the_folder_of_files_has_vanished_uploads_are_refused_and_messages_go_on()
    {
        await using var server = await ChildServer.Start(ChildServer.NewDirectory());
        Assert.Equal(201, (int)(await Upload(server)).StatusCode);
        for (var life = 0; life < 2; life++)
        {
            if (life == 0)
                Directory.Delete(Path.Combine(server.Data, "files"), recursive: true);
            using var refused = await Upload(server);
            Assert.Equal(503, (int)refused.StatusCode);
            Assert.Equal("storage_unavailable", (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel)).Text("code"));
            Assert.False(Directory.Exists(Path.Combine(server.Data, "files")));
            await Post(server, $"{life}");
            server.Terminate();
            Assert.Equal(0, await server.Ended());
            server.Start();
            await server.Ready();
        }
    }

    private static string In(string data, string suffix) => Path.Combine(data, Database.FileName + suffix);

    // As cp does: into the same file.
    private static void CopyOver(string? from, string to)
    {
        var bytes = from is null ? [] : File.ReadAllBytes(from);
        using var file = new FileStream(to, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(bytes.Length);
        file.Write(bytes);
    }

    private static void WriteNoise(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Write(System.Security.Cryptography.RandomNumberGenerator.GetBytes(136));
    }

    // As fast as the server takes it, until it is gone.
    private static async Task Load(ChildServer server, CancellationToken stop)
    {
        try
        {
            await using var socket = await RawWebSocket.Open(server.EndPoint);
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                for (var j = 0; j < 16; j++)
                    await socket.SendJson($$"""{"type":"message","id":"{{i}}-{{j}}","room":"general","username":"ann","content":"{{new string('x', 200)}}"}""");
                for (var j = 0; j < 16; j++)
                    await socket.NextOf("ack", "error");
            }
        }
        catch (Exception e) when (e is IOException or TimeoutException or System.Net.Sockets.SocketException or InvalidOperationException or Xunit.Sdk.XunitException)
        {
            // The server is gone, or says so with a close if nothing was under way.
        }
    }

    // The server has written its number into the database, and looked at it there: it looks once a second.
    private static async Task IsStamped(string data, int before)
    {
        await Wait.Until("the database to be stamped", () => Stamp(data) != before);
        await Wait.ForAsLongAs(TimeSpan.FromSeconds(2));
    }

    private static int Stamp(string data)
    {
        using var file = new FileStream(In(data, ""), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = 68;
        var bytes = new byte[4];
        file.ReadExactly(bytes);
        return BitConverter.ToInt32(bytes);
    }

    private static async Task Post(ChildServer server, string content)
    {
        using var answer = await server.Http.PostAsJsonAsync("/api/rooms/general/messages", new { username = "ann", content }, Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
    }

    private static async Task<HttpResponseMessage> Upload(ChildServer server)
    {
        using var content = new ByteArrayContent([1, 2, 3]);
        return await server.Http.PostAsync("/api/rooms/general/files?name=a.bin", content, Cancel);
    }

    private static async Task IsRefused(ChildServer server, string why)
    {
        server.Start();
        Assert.Equal(1, await server.Ended());
        await Wait.Until("the reason", () => server.Output.Any(line => line.Contains(why, StringComparison.Ordinal) && line.Contains(HighWaterMark.FileName, StringComparison.Ordinal)));
    }
}
