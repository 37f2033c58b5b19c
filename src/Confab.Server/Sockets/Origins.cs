using System.Net;
using Confab.Server.Operations;

namespace Confab.Server.Sockets;

/// <summary>
/// Which web pages may talk to the server: its own, those that were allowed, and any of this machine while the server is reached by this
/// machine only. A page somewhere on the web must not be able to talk to a chat on the visitor's machine; and since a name on the web may
/// come to mean that machine (DNS rebinding), "its own" is not enough there.
/// </summary>
internal sealed class Origins
{
    private readonly HashSet<string> _allowed;
    private readonly bool _loopbackOnly;

    public Origins(ServerOptions options, IConfiguration configuration)
    {
        _allowed = options.AllowedOrigins.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(origin => origin.TrimEnd('/')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _loopbackOnly = Listening.IsLoopbackOnly(configuration);
    }

    public bool IsAllowed(HttpRequest request)
    {
        // RFC 6454 §7: no browser, no origin. Two of them are one too many.
        var origins = request.Headers.Origin;
        if (origins.Count == 0)
            return true;
        return origins.Count == 1 && origins[0] is { } origin && IsAllowed(origin, $"{request.Scheme}://{request.Host}");
    }

    /// <summary>Whether an origin may talk to the server that is reached as <paramref name="own"/>.</summary>
    public bool IsAllowed(string origin, string own) =>
        _allowed.Contains(origin) || (_loopbackOnly ? IsLoopback(origin) : string.Equals(origin, own, StringComparison.OrdinalIgnoreCase));

    private static bool IsLoopback(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/" &&
        (uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));
}
