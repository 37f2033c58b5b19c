using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Confab.Protocol;

namespace Confab.Server.Hosting;

/// <summary>
/// The names by which the server may be reached. A name on the web may come to mean this machine (DNS rebinding); then a page there is of the server's own
/// origin for its browser, and only the name tells. So a name counts if it is an address, this machine's own, one of <c>--hosts</c>, or that of an allowed
/// origin.
/// </summary>
internal sealed class Hosts
{
    private static readonly IdnMapping s_idn = new();

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly string[] _suffixes;
    private readonly Metrics _metrics;

    public Hosts(ServerOptions options, Metrics metrics)
    {
        _metrics = metrics;
        var given = Split(options.Hosts).Select(Ascii).ToLookup(name => name.StartsWith("*.", StringComparison.Ordinal));
        _suffixes = [".localhost", .. given[true].Select(name => name[1..])];
        var machine = IPGlobalProperties.GetIPGlobalProperties();
        string[] own = ["localhost", machine.HostName, $"{machine.HostName}.local", $"{machine.HostName}.{machine.DomainName}"];
        var allowed = Split(options.AllowedOrigins).Select(origin => Uri.TryCreate(origin, UriKind.Absolute, out var uri) ? uri.IdnHost : origin);
        _names.UnionWith([.. own, .. allowed, .. given[false]]);
    }

    /// <summary>Refuses what was asked under a name that is not the server's (RFC 9110 §15.5.20).</summary>
    public Task Guard(HttpContext http, RequestDelegate next)
    {
        // As it came: the platform shows names of other scripts in those.
        var host = new HostString(http.Request.Host.ToUriComponent()).Host;
        if (IsOwn(host))
            return next(http);
        _metrics.Refused(RefusalCode.Forbidden);
        http.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return http.Response.WriteAsync($"{host} is not a name of this server. To allow it, start the server with --hosts {host}\n");
    }

    public bool IsOwn(string host)
    {
        var name = host.EndsWith('.') ? host[..^1] : host;
        return name.Length == 0 || _names.Contains(name) || IPAddress.TryParse(name.Trim('[', ']'), out _) ||
            Array.Exists(_suffixes, suffix => name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // As it stands in a request (RFC 5891).
    private static string Ascii(string name)
    {
        var wildcard = name.StartsWith("*.", StringComparison.Ordinal) ? "*." : "";
        try
        {
            var ascii = s_idn.GetAscii(name[wildcard.Length..].TrimEnd('.'));
            if (Uri.CheckHostName(ascii) is UriHostNameType.Dns)
                return wildcard + ascii;
        }
        catch (ArgumentException)
        {
            // Refused like the others.
        }

        throw new RefusedToStartException($"{name} is not a valid host name (--hosts). Examples: chat.example.org, *.example.org, without scheme or port.");
    }
}
