using System.Net;
using Confab.Tests.Cli;
using Confab.Tests.Http;
using Confab.Tests.Support;

namespace Confab.Tests.Files;

/// <summary>What lies on the disk is what messages have: no more and no less, also after a crash.</summary>
public sealed class DiskTests : TempFolder
{
    [Fact]
    public async Task The_same_bytes_are_kept_once_and_until_the_last_message_that_has_them_is_gone()
    {
        await using var server = await TestServer.Start();
        var (one, two) = (await server.NewRoom(), await server.NewRoom());
        var picture = Samples.Picture(".png");
        var first = await server.Upload(one, picture, "a.png");
        var second = await server.Upload(two, picture, "b.png");
        Assert.NotEqual(first.IdOf(), second.IdOf());
        await server.PostWith(one, first.IdOf());
        await server.PostWith(two, second.IdOf());
        Assert.Equal(2, server.OnDisk().Length); // the picture and its thumbnail

        await server.Delete(one, 1);
        await Problem.Is(await server.GetFile(first.IdOf()), HttpStatusCode.NotFound, "not_found");
        using (var other = await server.GetFile(second.IdOf()))
            Assert.Equal(picture, await other.Content.ReadAsByteArrayAsync(Cancel));
        await server.Delete(two, 1);
        await server.HasOnDisk(0);
        await Problem.Is(await server.GetFile(second.IdOf(), "/thumbnail"), HttpStatusCode.NotFound, "not_found");
        await server.Upload(one, picture);
        Assert.Equal(2, server.OnDisk().Length);
    }

    [Fact]
    public async Task Uploading_what_is_just_being_deleted_loses_nothing()
    {
        await using var server = await TestServer.Start("--limits=off");
        var room = await server.NewRoom();
        byte[] bytes = [.. "the same every time"u8];
        await using var ann = await server.Open();
        for (var i = 0; i < 40; i++)
        {
            var old = await server.Upload(room, bytes);
            var message = (await server.PostWith(room, old.IdOf())).GetProperty("id").GetInt64();
            var deleting = ann.SendJson(new { type = "delete", room, username = "ann", message });
            var anew = await server.Upload(room, bytes);
            await deleting;
            using var fetched = await server.GetFile(anew.IdOf());
            Assert.Equal(HttpStatusCode.OK, fetched.StatusCode);
            await server.Delete(room, (await server.PostWith(room, anew.IdOf())).GetProperty("id").GetInt64());
        }

        await server.HasOnDisk(0);
    }

    [Fact]
    public async Task A_restart_keeps_the_files_and_sweeps_what_a_crash_left()
    {
        var data = PathOf("data");
        string attached, waiting;
        await using (var server = await TestServer.Start($"--data={data}"))
        {
            attached = (await server.Upload("general", "attached"u8.ToArray())).IdOf();
            await server.PostWith("general", attached);
            waiting = (await server.Upload("general", "waiting"u8.ToArray())).IdOf();
        }

        var kept = Uploads.OnDisk(data);
        Assert.Equal(2, kept.Length);
        var hash = new string('e', 62);
        Directory.CreateDirectory(Path.Combine(data, "files", "ee"));
        Directory.CreateDirectory(Path.Combine(data, "files", "incoming"));
        foreach (var left in (string[])[Path.Combine("ee", hash), Path.Combine("ee", hash[..^1] + "0.webp"), Path.Combine("incoming", "half"), Path.Combine("incoming", "half.webp")])
            await File.WriteAllTextAsync(Path.Combine(data, "files", left), "left", Cancel);

        await using (var server = await TestServer.Start($"--data={data}"))
        {
            await Until(() => Uploads.OnDisk(data).Length == 2);
            Assert.Equal(kept.Order(), Uploads.OnDisk(data).Order());
            using var fetched = await server.GetFile(attached);
            Assert.Equal("attached", await fetched.Content.ReadAsStringAsync(Cancel));
            using var unattached = await server.GetFile(waiting);
            Assert.Equal(HttpStatusCode.OK, unattached.StatusCode);
        }

        // A day later nobody has attached it.
        await using (var server = await TestServer.Start(new Later(TimeSpan.FromHours(25)), $"--data={data}"))
        {
            await Until(() => Uploads.OnDisk(data).Length == 1);
            await Problem.Is(await server.GetFile(waiting), HttpStatusCode.NotFound, "not_found");
            using var fetched = await server.GetFile(attached);
            Assert.Equal(HttpStatusCode.OK, fetched.StatusCode);
        }
    }

    [Fact]
    public async Task A_backup_has_the_files_and_verify_misses_one_that_is_not_there()
    {
        var data = PathOf("data");
        string id;
        await using (var server = await TestServer.Start($"--data={data}"))
        {
            id = (await server.Upload("general", Samples.Picture(".png"), "tea.png")).IdOf();
            await server.PostWith("general", id);
            Assert.Equal(0, (await ToolRun.Of("backup", PathOf("b.db"), "--data", data)).ExitCode);
            Assert.Equal(0, (await ToolRun.Of("verify", "--data", data, "--hash")).ExitCode);
        }

        var restored = PathOf("restored");
        var told = await ToolRun.Of("restore", PathOf("b.db"), "--data", restored);
        Assert.True(told.ExitCode == 0, $"{told}");
        await using (var server = await TestServer.Start($"--data={restored}"))
        {
            using var thumbnail = await server.GetFile(id, "/thumbnail");
            Assert.Equal(HttpStatusCode.OK, thumbnail.StatusCode);
        }

        // The one before it is set aside with its files, and can be restored as well.
        Assert.Equal(0, (await ToolRun.Of("restore", PathOf("b.db"), "--data", restored, "--force")).ExitCode);
        var aside = Assert.Single(Directory.GetFiles(restored, "*before-*"));
        Assert.Equal(0, (await ToolRun.Of("restore", aside, "--data", PathOf("again"))).ExitCode);

        var blob = Uploads.OnDisk(data).Single(file => !file.EndsWith(".webp", StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(blob, Cancel);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(blob, bytes, Cancel);
        Assert.Equal(0, (await ToolRun.Of("verify", "--data", data)).ExitCode);
        Assert.Contains("has other bytes", (await ToolRun.Of("verify", "--data", data, "--hash")).Output);
        await File.WriteAllBytesAsync(blob, bytes[..^1], Cancel);
        Assert.Contains($"should have {bytes.Length}", (await ToolRun.Of("verify", "--data", data)).Output);
        File.Delete(blob);
        Assert.Contains($"general: the file {id} of message 1 is not on the disk", (await ToolRun.Of("verify", "--data", data)).Output);
        Assert.Equal(1, (await ToolRun.Of("backup", PathOf("c.db"), "--data", data)).ExitCode);
    }

    private static async Task Until(Func<bool> holds)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < RawConnection.Patience);
            await Task.Delay(10, Cancel);
        }
    }

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
