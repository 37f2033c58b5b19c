using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Confab.Tests.Http;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Files;

/// <summary>What comes back, and as what: nothing that was uploaded may act as a page of this server.</summary>
public sealed class ServingTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Other = "application/octet-stream";

    private readonly TestServer _server = shared.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // What it is called and what it is said to be must not matter.
    public static TheoryData<string, string, string, byte[]> Kinds => new()
    {
        { "tea.png", "image/png", "image/png", Samples.Picture(".png") },
        { "tea.html", "text/html", "image/png", Samples.Picture(".png") },
        { "tea.jpg", "image/jpeg", "image/jpeg", Samples.Picture(".jpg") },
        { "tea.gif", "image/gif", "image/gif", Samples.Picture(".gif") },
        { "tea.webp", "image/webp", "image/webp", Samples.Picture(".webp") },
        { "tea.avif", "image/avif", "image/avif", Samples.Picture(".avif") },
        { "tea.mp4", "video/mp4", "video/mp4", Samples.Mp4 },
        { "tea.webm", "video/webm", "video/webm", Samples.Webm },
        { "tea.ogg", "audio/ogg", "audio/ogg", Samples.Ogg },
        { "tea.wav", "audio/x-wav", "audio/wav", Samples.Wav },
        { "tea.mp3", "audio/mpeg", "audio/mpeg", Samples.Mp3 },
        { "tea.txt", "text/plain", "text/plain", Encoding.UTF8.GetBytes("Tee für zwei\n") },
        { "page.html", "text/html", Other, Samples.Html },
        { "page.png", "image/png", Other, Samples.Html },
        { "page.txt", "text/plain", Other, [0xEF, 0xBB, 0xBF, .. " \n"u8, .. Samples.Html] },
        { "drawing.svg", "image/svg+xml", Other, Samples.Svg },
        { "drawing.png", "image/png", Other, Samples.Svg },
        { "paper.pdf", "application/pdf", Other, Samples.Pdf },
        { "tea.tiff", "image/tiff", Other, Samples.Picture(".tif") },
        { "broken.png", "image/png", Other, [.. Samples.Picture(".png")[..60], .. new byte[40]] },
        { "cut.jpg", "image/jpeg", Other, Samples.PhotoOnItsSide(600, 400)[..^2000] },
        { "only-magic.gif", "image/gif", Other, [.. "GIF89a/*"u8, .. Samples.Html] },
        { "liar.webp", "image/webp", Other, [.. "RIFF\0\0\0\0WEBP"u8, .. Samples.Html] },
        { "bomb.png", "image/png", Other, Samples.Bomb(60_000, 60_000) },
        { "utf16.txt", "text/plain", Other, [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("<script>")] },
        { "program.exe", "application/x-msdownload", Other, [.. "MZ"u8, 0, 1, 2, 3] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_file_is_served_as_what_its_bytes_are_and_inline_only_if_that_is_safe(string name, string said, string type, byte[] bytes)
    {
        var file = await _server.Upload("general", bytes, name, said);
        Assert.Equal(type, file.GetProperty("type").GetString());
        var isPicture = type.StartsWith("image/", StringComparison.Ordinal);
        Assert.Equal(isPicture, file.TryGetProperty("width", out _));

        foreach (var path in (string[])["", "/page.html"])
        {
            using var answer = await _server.GetFile(file.IdOf(), path);
            AssertHarmless(answer);
            Assert.Equal(type == "text/plain" ? "text/plain; charset=utf-8" : type, answer.Content.Headers.ContentType!.ToString());
            Assert.Equal(type == Other ? "attachment" : "inline", answer.Content.Headers.ContentDisposition!.DispositionType);
            Assert.Equal(name, answer.Content.Headers.ContentDisposition.FileNameStar);
            Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync(Cancel));
        }

        using var thumbnail = await _server.GetFile(file.IdOf(), "/thumbnail");
        if (!isPicture)
        {
            await Problem.Is(thumbnail, HttpStatusCode.NotFound, "not_found");
            return;
        }

        AssertHarmless(thumbnail);
        Assert.Equal("image/webp", thumbnail.Content.Headers.ContentType!.ToString());
        Assert.Equal("inline", thumbnail.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Fact]
    public async Task A_picture_with_a_page_behind_it_stays_a_picture()
    {
        byte[] polyglot = [.. Samples.Picture(".gif"), .. Samples.Html];
        var file = await _server.Upload("general", polyglot, "polyglot.html", "text/html");
        using var answer = await _server.GetFile(file.IdOf(), "/polyglot.html");
        AssertHarmless(answer);
        Assert.NotEqual("text/html", answer.Content.Headers.ContentType!.MediaType);
        using var thumbnail = await _server.GetFile(file.IdOf(), "/thumbnail");
        Assert.DoesNotContain("script", await thumbnail.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_part_is_served_when_a_part_is_asked_for()
    {
        var bytes = Enumerable.Range(0, 10_000).Select(i => (byte)i).ToArray();
        var file = await _server.Upload("general", bytes);
        using var middle = await Ask(file.IdOf(), r => r.Headers.Range = new RangeHeaderValue(100, 199));
        Assert.Equal(HttpStatusCode.PartialContent, middle.StatusCode);
        Assert.Equal("bytes 100-199/10000", middle.Content.Headers.ContentRange!.ToString());
        Assert.Equal(bytes[100..200], await middle.Content.ReadAsByteArrayAsync(Cancel));
        AssertHarmless(middle);
        using var beyond = await Ask(file.IdOf(), r => r.Headers.Range = new RangeHeaderValue(10_000, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        using var known = await Ask(file.IdOf(), r => r.Headers.IfNoneMatch.Add(middle.Headers.ETag!));
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        using var thumbnailTag = await Ask(file.IdOf(), r => r.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"other\"")));
        Assert.Equal(HttpStatusCode.OK, thumbnailTag.StatusCode);
    }

    [Fact]
    public async Task A_head_is_answered_as_a_get_is_without_the_bytes()
    {
        var file = await _server.Upload("general", Samples.Picture(".png"), "tea.png", "image/png");
        foreach (var path in (string[])["", "/tea.png", "/thumbnail"])
        {
            using var got = await _server.GetFile(file.IdOf(), path);
            using var head = await Ask(file.IdOf() + path, r => r.Method = HttpMethod.Head);
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
            AssertHarmless(head);
            Assert.Equal(Headers(got), Headers(head));
            Assert.Contains(Headers(head), header => header.StartsWith("Content-Length: ", StringComparison.Ordinal));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancel));
        }

        using var missing = await Ask(file.IdOf()[..^1] + "-", r => r.Method = HttpMethod.Head);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);

        static IEnumerable<string> Headers(HttpResponseMessage answer) =>
            answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_download_that_is_broken_off_ends_without_a_word()
    {
        await using var server = await TestServer.Start();
        var file = await server.Upload("general", new byte[20_000_000]);
        using (var answer = await server.Http.GetAsync(new Uri($"/api/files/{file.IdOf()}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel))
        {
            var body = await answer.Content.ReadAsStreamAsync(Cancel);
            await body.ReadExactlyAsync(new byte[1000], Cancel);
        }

        await Wait.Until("the file to be closed", () => !new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Any(fd => fd.LinkTarget is { } path && server.OnDisk().Contains(path)));
        Assert.DoesNotContain(server.Log.All, line => line.StartsWith("Warning", StringComparison.Ordinal) || line.StartsWith("Error", StringComparison.Ordinal));
    }

    private async Task<HttpResponseMessage> Ask(string id, Action<HttpRequestMessage> with)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/files/{id}");
        with(request);
        return await _server.Http.SendAsync(request, Cancel);
    }

    private static void AssertHarmless(HttpResponseMessage answer)
    {
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("default-src 'none'; sandbox", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.Equal("max-age=31536000, private, immutable", string.Join(", ", answer.Headers.GetValues("Cache-Control").SelectMany(v => v.Split(", ")).OrderBy(v => v is "immutable" ? 2 : v is "private" ? 1 : 0)));
        Assert.NotNull(answer.Headers.ETag);
    }
}
