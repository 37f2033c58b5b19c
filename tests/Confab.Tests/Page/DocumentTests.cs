using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>The page's files, as they go over the wire.</summary>
public partial class DocumentTests(Chromium chromium, ITestOutputHelper output) : PageTest(chromium)
{
    private const int BudgetBytes = 60_000;

    protected override string[] Options => ["--name=Fernhill & Co"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_place_has_the_name_that_its_owner_gave_it()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Page).ToHaveTitleAsync("#general · Fernhill & Co");
        await Expect(ann.Page.Locator(".brand strong")).ToHaveTextAsync("Fernhill & Co");
        await Expect((await Visit(name: null)).Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Fernhill & Co");

        using var answer = await Server.Http.GetAsync(new Uri("/manifest.webmanifest", UriKind.Relative), Cancel);
        Assert.Equal("application/manifest+json", answer.Content.Headers.ContentType?.MediaType);
        var manifest = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;
        Assert.Equal(("Fernhill & Co", "Fernhill & Co", "/", "standalone"), (Text("name"), Text("short_name"), Text("start_url"), Text("display")));
        var icon = Assert.Single(manifest.GetProperty("icons").EnumerateArray());
        using var drawn = await Server.Http.GetAsync(new Uri(icon.GetProperty("src").GetString()!, UriKind.Relative), Cancel);
        Assert.Equal((HttpStatusCode.OK, icon.GetProperty("type").GetString()), (drawn.StatusCode, drawn.Content.Headers.ContentType?.MediaType));

        string? Text(string key) => manifest.GetProperty(key).GetString();
    }

    [Fact]
    public async Task The_document_is_asked_for_each_time_and_its_files_never_again()
    {
        foreach (var path in new[] { "/", "/rooms/general/42", "/search", "/settings", "/sw.js" })
        {
            using var answer = await Get(path);
            Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
            using var again = await Get(path, etag: answer.Headers.ETag);
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        }

        var assets = Asset().Matches(await Server.Http.GetStringAsync(new Uri("/", UriKind.Relative), Cancel)).Select(match => match.Value).ToList();
        Assert.NotEmpty(assets);
        foreach (var asset in assets)
        {
            using var answer = await Get(asset);
            Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl?.ToString());
        }

        using var missing = await Get("/assets/missing.js");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using var worker = await Get("/sw.js");
        Assert.Equal("text/javascript", worker.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_file_comes_as_small_as_the_browser_can_read_it()
    {
        var script = Asset().Matches(await Server.Http.GetStringAsync(new Uri("/", UriKind.Relative), Cancel)).Select(match => match.Value).First(path => path.EndsWith(".js", StringComparison.Ordinal));
        var sizes = new List<int>();
        foreach (var (accepted, coding) in new[] { ("gzip, deflate, br", "br"), ("gzip;q=1.0, br;q=0", "gzip"), ("", null) })
        {
            using var answer = await Get(script, accepted);
            Assert.Equal(coding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
            Assert.Contains("Accept-Encoding", answer.Headers.Vary);
            var bytes = await answer.Content.ReadAsByteArrayAsync(Cancel);
            Assert.Equal(bytes.Length, answer.Content.Headers.ContentLength);
            sizes.Add(bytes.Length);
        }

        Assert.Equal(sizes.Order(), sizes);
        Assert.Distinct(sizes);
    }

    [Fact]
    public async Task The_page_talks_after_sixty_kilobytes()
    {
        var ann = await Visit("Ann", "/rooms/general", options => options.ServiceWorkers = ServiceWorkerPolicy.Block);
        ann.MayWarn = "Service Worker registration blocked";
        await ann.Say("Hello");
        var loaded = await ann.Page.EvaluateAsync<string[]>("() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter((path) => path.startsWith('/assets/') && !path.endsWith('.svg'))");
        Assert.Contains(loaded, path => path.EndsWith(".js", StringComparison.Ordinal));
        Assert.Contains(loaded, path => path.EndsWith(".css", StringComparison.Ordinal));
        var total = 0;
        foreach (var path in loaded.Prepend("/").Distinct())
        {
            using var answer = await Get(path, "br");
            var size = (await answer.Content.ReadAsByteArrayAsync(Cancel)).Length;
            total += size;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size,7:N0} B  {path}"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total,7:N0} B of {BudgetBytes:N0}"));
        Assert.True(total <= BudgetBytes, $"The first load has {total} bytes.");
    }

    private async Task<HttpResponseMessage> Get(string path, string? accepted = null, EntityTagHeaderValue? etag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (!string.IsNullOrEmpty(accepted))
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        if (etag is not null)
            request.Headers.IfNoneMatch.Add(etag);
        return await Server.Http.SendAsync(request, Cancel);
    }

    [GeneratedRegex(@"/assets/[\w.-]+")]
    private static partial Regex Asset();
}
