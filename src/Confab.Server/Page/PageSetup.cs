using System.Net.Mime;
using System.Text;
using System.Text.Encodings.Web;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Microsoft.Net.Http.Headers;

namespace Confab.Server.Page;

/// <summary>The page: one document for every address it has, and the files that belong to it.</summary>
internal static class PageSetup
{
    private const string Index = "/index.html", Worker = "/sw.js";
    private const string NotBuilt = "This server was built without its page, because Node.js was missing. Install Node.js (20.19, 22.12, or 24 and later) and build again. The chat works: see /docs, and the WebSocket at /chat.";

    // Scripts and styles are the server's own files and nothing else; HTML becomes part of the page through one policy (Trusted Types).
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; " +
        "base-uri 'self'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types confab";

    private static readonly string[] s_addresses = ["/", "/rooms/{**rest}", "/search", "/settings"];

    public static void AddPage(this WebApplicationBuilder builder) => builder.Services.AddSingleton<PageFiles>();

    public static void MapPage(this WebApplication app)
    {
        if (!PageFiles.Exist)
        {
            foreach (var address in s_addresses)
                app.MapGet(address, () => TypedResults.Text(NotBuilt, statusCode: StatusCodes.Status503ServiceUnavailable)).ExcludeFromDescription().Requires(Operation.SeePage);
            return;
        }

        var files = app.Services.GetRequiredService<PageFiles>();
        var name = app.Services.GetRequiredService<ServerOptions>().Name;
        foreach (var address in s_addresses)
        {
            app.MapGet(address, http =>
            {
                http.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
                http.Response.Headers["Referrer-Policy"] = "no-referrer";
                http.Response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
                return Send(http, Document(http.Request.PathBase), isImmutable: false);
            }).ExcludeFromDescription().Requires(Operation.SeePage);
        }

        app.MapGet("/manifest.webmanifest", http => Send(http, Manifest(name, http.Request.PathBase), isImmutable: false)).ExcludeFromDescription().Requires(Operation.SeePage);
        app.MapGet("/icon.svg", http => SendOrNotFound(http, isImmutable: false)).ExcludeFromDescription().Requires(Operation.SeePage);
        app.MapGet(Worker, http => Send(http, Keeping(Document(http.Request.PathBase), files.Find(Worker)!), isImmutable: false)).ExcludeFromDescription().Requires(Operation.SeePage);
        app.MapGet("/assets/{file}", http => SendOrNotFound(http, isImmutable: true)).ExcludeFromDescription().Requires(Operation.SeePage);

        // Small, and made anew: a proxy says with each request under which path the page is.
        PageFile Document(PathString path) => Placed(files.Find(Index)!, name, path);

        Task SendOrNotFound(HttpContext http, bool isImmutable)
        {
            if (files.Find(http.Request.Path) is { } file)
                return Send(http, file, isImmutable);
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
    }

    // The owner's name for the place and the path it is under, where the page looks for them.
    private static PageFile Placed(PageFile index, string name, PathString path)
    {
        var html = Encoding.UTF8.GetString(index.Plain)
            .Replace("content=\"Confab\"", $"content=\"{HtmlEncoder.Default.Encode(name)}\"", StringComparison.Ordinal)
            .Replace("<base href=\"/\">", $"<base href=\"{HtmlEncoder.Default.Encode(path.ToUriComponent())}/\">", StringComparison.Ordinal)
            .Replace("<title>Confab</title>", $"<title>{HtmlEncoder.Default.Encode(name)}</title>", StringComparison.Ordinal);
        var plain = Encoding.UTF8.GetBytes(html);
        return new PageFile(plain, null, null, index.Type, PageFile.NameOf(plain));
    }

    // The worker keeps the document with its headers: another name or another policy is another version of the page, and is offered as such.
    private static PageFile Keeping(PageFile document, PageFile worker)
    {
        var version = PageFile.NameOf([.. document.Plain, .. Encoding.UTF8.GetBytes(ContentSecurityPolicy)]).Trim('"');
        var plain = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(worker.Plain).Replace("__DOCUMENT__", version, StringComparison.Ordinal));
        return new PageFile(plain, null, null, worker.Type, PageFile.NameOf(plain));
    }

    private static PageFile Manifest(string name, PathString path)
    {
        var plain = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new
        {
            id = $"{path.ToUriComponent()}/",
            name,
            short_name = name,
            start_url = $"{path.ToUriComponent()}/",
            display = "standalone",
            background_color = "#fbfaf6",
            theme_color = "#f1efe8",
            icons = new[] { new { src = $"{path.ToUriComponent()}/icon.svg", sizes = "any", type = "image/svg+xml", purpose = "any" } },
        });
        return new PageFile(plain, null, null, "application/manifest+json", PageFile.NameOf(plain));
    }

    // RFC 9110 §12.5.3: of the codings that were made, the smallest that is accepted.
    private static async Task Send(HttpContext http, PageFile file, bool isImmutable)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = isImmutable ? "public, max-age=31536000, immutable" : "no-cache";
        headers.ETag = file.ETag;
        if (file.Brotli is not null)
            headers.AppendCommaSeparatedValues(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (http.Request.Headers.IfNoneMatch == file.ETag)
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var (bytes, coding) = file switch
        {
            { Brotli: { } brotli } when Accepts("br") => (brotli, "br"),
            { Gzip: { } gzip } when Accepts("gzip") => (gzip, "gzip"),
            _ => (file.Plain, null),
        };
        if (coding is not null)
            headers.ContentEncoding = coding;
        headers.ContentType = file.Type;
        headers.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);

        bool Accepts(string wanted) => StringWithQualityHeaderValue.TryParseList(http.Request.Headers.AcceptEncoding, out var accepted) &&
            accepted.Any(one => one.Value.Equals(wanted, StringComparison.OrdinalIgnoreCase) && one.Quality is not 0);
    }
}
