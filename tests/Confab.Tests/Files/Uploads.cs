using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Files;

/// <summary>Uploads, posts and looks at the disk, as the tests of files need it.</summary>
internal static class Uploads
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<HttpResponseMessage> TryUpload(this TestServer server, string room, byte[] bytes, string name = "file.bin", string contentType = "application/octet-stream")
    {
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };
        return await server.Http.PostAsync($"/api/rooms/{room}/files?name={Uri.EscapeDataString(name)}", content, Cancel);
    }

    /// <summary>Uploads, and gives the answer.</summary>
    public static async Task<JsonElement> Upload(this TestServer server, string room, byte[] bytes, string name = "file.bin", string contentType = "application/octet-stream")
    {
        using var answer = await server.TryUpload(room, bytes, name, contentType);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Cancel)}");
        var file = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal($"/api/files/{file.IdOf()}", answer.Headers.Location?.OriginalString);
        return file;
    }

    public static Task<HttpResponseMessage> TryPost(this TestServer server, string room, object message) =>
        server.Http.PostAsJsonAsync($"/api/rooms/{room}/messages", message, Cancel);

    /// <summary>Posts a message of ann with files, and gives it.</summary>
    public static async Task<JsonElement> PostWith(this TestServer server, string room, params string[] attachments)
    {
        using var answer = await server.TryPost(room, new { username = "ann", attachments });
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Cancel)}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    /// <summary>Deletes a message of ann, over the socket.</summary>
    public static async Task Delete(this TestServer server, string room, long message)
    {
        await using var ann = await server.Open();
        await ann.SendJson(new { type = "delete", id = $"delete-{message}", room, username = "ann", message });
        await ann.NextOf("ack");
    }

    public static Task<HttpResponseMessage> GetFile(this TestServer server, string id, string rest = "") => server.Http.GetAsync($"/api/files/{id}{rest}", Cancel);

    public static string IdOf(this JsonElement file) => file.GetProperty("id").GetString()!;

    /// <summary>Everything in the folder of files.</summary>
    public static string[] OnDisk(this TestServer server) => OnDisk(server.Data);

    public static string[] OnDisk(string data) =>
        Directory.Exists(Path.Combine(data, "files")) ? Directory.GetFiles(Path.Combine(data, "files"), "*", SearchOption.AllDirectories) : [];

    /// <summary>Waits until so many files lie on the disk.</summary>
    public static async Task HasOnDisk(this TestServer server, int count)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (server.OnDisk().Length != count)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < RawConnection.Patience, $"Expected {count} files on the disk: {string.Join(", ", server.OnDisk())}");
            await Task.Delay(10, Cancel);
        }
    }
}
