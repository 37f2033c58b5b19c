using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>A disk that is full: refused, never lost, and gone on with once there is space again. The disk is a tmpfs of a few megabytes.</summary>
public sealed class FaultsDisk
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_refuses_and_loses_nothing_and_space_brings_it_back()
    {
        var disk = Directory.CreateTempSubdirectory("confab-disk-").FullName;
        await Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk);
        try
        {
            var ballast = Path.Combine(disk, "ballast");
            await File.WriteAllBytesAsync(ballast, new byte[2 << 20], Cancel);
            await using (var server = await TestServer.Start($"--data={Path.Combine(disk, "data")}", "--limits=off", "--Confab:MinFreeBytes=1"))
                await FillAndFree(server, ballast);
        }
        finally
        {
            await Run("umount", disk);
            Directory.Delete(disk);
        }
    }

    [Fact]
    public async Task What_cannot_be_written_is_refused_at_the_start_and_loses_nothing()
    {
        var disk = Directory.CreateTempSubdirectory("confab-disk-").FullName;
        var data = Path.Combine(disk, "data");
        var database = Path.Combine(data, "confab.db");
        await Run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk);
        try
        {
            await using (var server = await TestServer.Start($"--data={data}"))
                await PostUntil(server, HttpStatusCode.Created, () => { });

            await Run("mount", "-o", "remount,ro", disk);
            await IsRefused(data, $"The data directory {data} cannot be written");
            await Run("mount", "-o", "remount,rw", disk);

            await Run("mount", "--bind", database, database);
            await Run("mount", "-o", "remount,bind,ro", database);
            await IsRefused(data, $"The database {database} cannot be written");
            await Run("umount", database);

            await using (var server = await TestServer.Start($"--data={data}"))
                Assert.Equal(1, (await server.Room("general")).GetProperty("head").GetInt64());
        }
        finally
        {
            await Run("umount", "--recursive", disk);
            Directory.Delete(disk);
        }
    }

    // As an operator sees it: the program says why, and ends with 1.
    private static async Task IsRefused(string data, string why)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Confab.Server.dll"), "--urls=http://127.0.0.1:0", $"--data={data}"]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Contains(why, said);
        Assert.DoesNotContain("   at ", said);
        Assert.Equal(1, process.ExitCode);
    }

    private static async Task FillAndFree(TestServer server, string ballast)
    {
        await using var watcher = await server.Open();
        await watcher.Join("general", "ann");
        var stored = 0;
        var refused = await PostUntil(server, HttpStatusCode.ServiceUnavailable, () => stored++);
        Assert.Contains("storage_unavailable", refused);
        Assert.Equal(stored, (await server.Room("general")).GetProperty("head").GetInt64());
        for (var seq = 1; seq <= stored; seq++)
            Assert.Equal(seq, (await watcher.NextOf("message")).GetProperty("seq").GetInt64());

        // The socket says the same, and acknowledges nothing.
        var answer = await watcher.Request("full", $$"""{"type":"message","id":"full","room":"general","content":"{{new string('x', 16_000)}}"}""");
        Assert.Equal("storage_unavailable", answer.GetProperty("code").GetString());
        Assert.True(answer.GetProperty("retry_after_ms").GetInt32() > 0);

        File.Delete(ballast);
        await PostUntil(server, HttpStatusCode.Created, () => { });
        Assert.Equal(stored + 1, (await watcher.NextOf("message")).GetProperty("seq").GetInt64());
    }

    // Posts large messages until one is answered like that; any other answer must be the other of the two.
    private static async Task<string> PostUntil(TestServer server, HttpStatusCode status, Action otherwise)
    {
        for (var i = 0; i < 1000; i++)
        {
            using var answer = await server.Http.PostAsJsonAsync("/api/rooms/general/messages", new { username = "bob", content = new string('y', 16_000) }, Cancel);
            if (answer.StatusCode == status)
                return await answer.Content.ReadAsStringAsync(Cancel);
            otherwise();
        }

        throw new InvalidOperationException($"A thousand posts, and none was answered with {status}.");
    }

    private static async Task Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, $"{command} needs root here.");
    }
}
