using Confab.Protocol;
using Confab.Server.Hosting;

namespace Confab.Server.Sockets;

/// <summary>
/// Which web pages may talk to the server: its own, those that were allowed, and any of this machine while the server is reached by this
/// machine only. A page somewhere on the web must not be able to talk to a chat on the visitor's machine. What its own name is <see cref="Hosts"/> has
/// seen to before. The page's files are everybody's: they say nothing that is not public.
/// </summary>
internal sealed class Origins
{
    private readonly HashSet<string> _allowed;
    private readonly bool _loopbackOnly;
    private readonly Metrics _metrics;

    public Origins(ServerOptions options, Listening listening, Metrics metrics)
    {
        _metrics = metrics;
        _allowed = options.AllowedOrigins.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(origin => origin.TrimEnd('/')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _loopbackOnly = listening.IsLoopbackOnly;
    }

    /// <summary>Refuses requests to the API of a page that may not talk to the server, and tells browsers of those that may (CORS). What is no browser sends no Origin.</summary>
    public async Task Guard(HttpContext http, RequestDelegate next)
    {
        var request = http.Request;
        if (!request.Path.StartsWithSegments("/api"))
        {
            await next(http); // the handshake refuses in its own words
            return;
        }

        // Words of people; what is not, as a file, says so itself.
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "no-store";

        if (!IsAllowed(request))
        {
            _metrics.Refused(RefusalCode.Forbidden);
            await Problems.Of(new(RefusalCode.Forbidden, "This origin is not allowed.")).ExecuteAsync(http);
            return;
        }

        if (request.Headers.Origin.Count > 0)
        {
            http.Response.Headers.AccessControlAllowOrigin = request.Headers.Origin;
            http.Response.Headers.AccessControlExposeHeaders = "Link, Location, Retry-After";
            http.Response.Headers.Vary = "Origin";
            if (HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0)
            {
                http.Response.Headers.AccessControlAllowMethods = "GET, POST, PATCH, DELETE";
                http.Response.Headers.AccessControlAllowHeaders = "Content-Type, Idempotency-Key";
                http.Response.Headers.AccessControlMaxAge = "600";
                http.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
        }

        await next(http);
    }

    public bool IsAllowed(HttpRequest request)
    {
        // RFC 6454 §7: no browser, no origin. Two of them are one too many.
        var origins = request.Headers.Origin;
        if (origins.Count == 0)
            return true;
        // RFC 6454 §6.2: an origin does not say the scheme's own port, which a proxy may put into Host.
        var host = request.Host.Port == (request.IsHttps ? 443 : 80) ? new HostString(request.Host.Host) : request.Host;
        return origins.Count == 1 && origins[0] is { } origin && (IsAllowed(origin, OwnOrigin(request, request.Host)) || IsAllowed(origin, OwnOrigin(request, host)));
    }

    /// <summary>Whether an origin may talk to the server that is reached as <paramref name="own"/>.</summary>
    public bool IsAllowed(string origin, string own) =>
        _allowed.Contains(origin) || string.Equals(origin, own, StringComparison.OrdinalIgnoreCase) || (_loopbackOnly && IsLoopback(origin));

    private static string OwnOrigin(HttpRequest request, HostString host) => $"{request.Scheme}://{host.ToUriComponent()}";

    private static bool IsLoopback(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" &&
        uri.PathAndQuery == "/" && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0 && Listening.IsLoopback(uri.Host);
}
