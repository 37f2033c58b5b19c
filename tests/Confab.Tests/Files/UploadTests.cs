using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confab.Server.Hosting;
using Confab.Tests.Http;
using Confab.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Files;

public sealed class UploadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_too_big_is_refused_at_once_and_leaves_nothing(bool announced)
    {
        await using var server = await TestServer.Start("--Confab:Files:MaxBytes=100000");
        using (var exactly = await server.TryUpload("general", new byte[100_000]))
            Assert.Equal(HttpStatusCode.Created, exactly.StatusCode);

        await using var connection = await RawConnection.Connect(server.EndPoint);
        var length = announced ? "Content-Length: 1000000000" : "Transfer-Encoding: chunked";
        await connection.Send(Encoding.ASCII.GetBytes($"POST /api/rooms/general/files?name=big HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n"));
        if (!announced)
            await connection.Send(Encoding.ASCII.GetBytes($"{100_001:x}\r\n{new string('x', 100_001)}\r\n"));
        // Nothing more is sent, and the answer comes all the same.
        var answer = await connection.ReadAnswer();
        Assert.Equal(413, answer.Status);
        Assert.Single(server.OnDisk());
    }

    [Theory]
    [InlineData("../../etc/passwd", ".._.._etc_passwd")]
    [InlineData(@"..\..\boot.ini", ".._.._boot.ini")]
    [InlineData("a\0b.txt", "a_b.txt")]
    [InlineData("a\r\nSet-Cookie: x=1.txt", "a__Set-Cookie_ x=1.txt")]
    [InlineData("invoice\u202Efdp.exe", "invoice_fdp.exe")]
    [InlineData("  tea\u2066.png ", "tea_.png")]
    [InlineData("..", "_")]
    [InlineData("a\uFFFE.txt", "a_.txt")]
    [InlineData("thumbnail", "thumbnail_")] // the address of another thing
    [InlineData("Grüße & \"Küsse\" 👋.txt", "Grüße & \"Küsse\" 👋.txt")]
    public async Task A_name_is_made_harmless_and_comes_back_as_one(string name, string harmless)
    {
        await using var server = await TestServer.Start();
        var file = await server.Upload("general", "x"u8.ToArray(), name);
        Assert.Equal(harmless, file.GetProperty("name").GetString());
        using var fetched = await server.GetFile(file.IdOf());
        var disposition = fetched.Content.Headers.ContentDisposition!;
        Assert.Equal(harmless, disposition.FileNameStar);
        Assert.Single(fetched.Content.Headers.GetValues("Content-Disposition"));
        Assert.False(fetched.Headers.Contains("Set-Cookie"));
        Assert.Single(server.OnDisk());
        Assert.Matches("^[0-9a-f]{62}$", Path.GetFileName(server.OnDisk()[0]));
    }

    [Fact]
    public async Task What_cannot_be_uploaded_is_refused()
    {
        await using var server = await TestServer.Start();
        await Problem.Is(await server.TryUpload("nowhere", [1]), HttpStatusCode.NotFound, "not_found");
        await Problem.Is(await server.TryUpload("general", [1], "  "), HttpStatusCode.BadRequest, "bad_request");
        await Problem.Is(await server.TryUpload("general", [1], new string('x', 256)), HttpStatusCode.BadRequest, "bad_request");
        await Problem.Is(await server.Http.PostAsync("/api/rooms/general/files", new ByteArrayContent([1]), Cancel), HttpStatusCode.BadRequest, "bad_request");
        await Problem.Is(await server.TryUpload("general", []), HttpStatusCode.BadRequest, "empty");
        server.Services.GetRequiredService<Draining>().IsOn = true;
        await Problem.Is(await server.TryUpload("general", [1]), HttpStatusCode.ServiceUnavailable, "unavailable");
        Assert.Empty(server.OnDisk());
        foreach (var id in (string[])["x", new string('A', 22), "..%2F..%2Fconfab.db"])
            await Problem.Is(await server.GetFile(id), HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Below_the_floor_of_free_space_nothing_is_taken()
    {
        await using var server = await TestServer.Start($"--Confab:MinFreeBytes={long.MaxValue / 2}");
        await Problem.Is(await server.TryUpload("general", [1]), HttpStatusCode.ServiceUnavailable, "storage_unavailable");
        Assert.Empty(server.OnDisk());
    }

    [Fact]
    public async Task Uploads_count_as_changes_of_an_address_and_at_a_time()
    {
        await using var limited = await TestServer.Start("--Confab:WritesPerSecondPerAddress=1");
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => limited.TryUpload("general", [1])));
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.TooManyRequests);

        await using var one = await TestServer.Start("--Confab:Files:MaxUploads=1");
        await using var slow = await RawConnection.Connect(one.EndPoint);
        await slow.Send("POST /api/rooms/general/files?name=slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345"u8.ToArray());
        await one.HasOnDisk(1);
        await Problem.Is(await one.TryUpload("general", [1]), HttpStatusCode.ServiceUnavailable, "unavailable");
        await slow.Send("67890"u8.ToArray());
        Assert.Equal(201, (await slow.ReadAnswer()).Status);
        await one.Upload("general", [1]);
    }

    [Fact]
    public async Task An_upload_that_takes_too_long_is_refused_and_leaves_nothing()
    {
        await using var server = await TestServer.Start("--Confab:Files:UploadSeconds=1");
        await using var slow = await RawConnection.Connect(server.EndPoint);
        await slow.Send("POST /api/rooms/general/files?name=slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345"u8.ToArray());
        Assert.Equal(400, (await slow.ReadAnswer()).Status);
        await server.HasOnDisk(0);
    }

    [Theory]
    [InlineData("/api/rooms/general/files?name=slow", "application/octet-stream")]
    [InlineData("/api/rooms/general/messages", "application/json")]
    public async Task A_body_that_drips_is_refused_as_too_slow_and_not_as_our_fault(string path, string type)
    {
        // The platform's own pace, with less patience at the begin.
        await using var server = await TestServer.Start(services => services.Configure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(1.1))));
        await using var slow = await RawConnection.Connect(server.EndPoint);
        await slow.Send(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: 1000\r\n\r\n{{"));
        var answer = await slow.ReadAnswer();
        Assert.Equal(408, answer.Status);
        Assert.Equal("unavailable", JsonDocument.Parse(answer.Body).RootElement.GetProperty("code").GetString());
        await server.HasOnDisk(0);
        Assert.DoesNotContain(server.Log.All, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_large_upload_hears_why_it_is_refused_while_it_still_sends()
    {
        await using var server = await TestServer.Start("--Confab:Files:MaxBytes=100000");
        using var content = new StreamContent(new MemoryStream(new byte[64 << 20])) { Headers = { ContentLength = null } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/rooms/general/files?name=big") { Content = content, Headers = { TransferEncodingChunked = true } };
        await Problem.Is(await server.Http.SendAsync(request, Cancel), HttpStatusCode.RequestEntityTooLarge, "too_long");
        Assert.Empty(server.OnDisk());
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        await using var server = await TestServer.Start();
        await using (var connection = await RawConnection.Connect(server.EndPoint))
        {
            await connection.Send("POST /api/rooms/general/files?name=half HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345"u8.ToArray());
            await server.HasOnDisk(1);
        }

        await server.HasOnDisk(0);
    }

    [Fact]
    public async Task A_full_disk_refuses_the_upload_and_keeps_nothing_of_it()
    {
        var disk = Directory.CreateTempSubdirectory("confab-disk-").FullName;
        await Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk);
        try
        {
            await using (var server = await TestServer.Start($"--data={disk}/data", "--Confab:MinFreeBytes=0"))
            {
                using var content = new StreamContent(new MemoryStream(new byte[8 << 20])) { Headers = { ContentLength = null } };
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/rooms/general/files?name=big") { Content = content, Headers = { TransferEncodingChunked = true } };
                await Problem.Is(await server.Http.SendAsync(request, Cancel), HttpStatusCode.ServiceUnavailable, "storage_unavailable");
                Assert.Empty(Uploads.OnDisk($"{disk}/data"));
                using var message = await server.TryPost("general", new { username = "ann", content = "still here" });
                Assert.Equal(HttpStatusCode.Created, message.StatusCode);
            }
        }
        finally
        {
            await Run("umount", disk);
            Directory.Delete(disk);
        }
    }

    private static async Task Run(string command, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(command, arguments);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, $"{command} needs root here.");
    }
}
