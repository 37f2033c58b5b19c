using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Confab.Server.Hosting;

/// <summary>
/// Who may say for whom a request is: the proxies of <c>--proxies</c>. What they forward counts for the scheme, the host, the path under which the
/// server is reached, and the address that limits go by; from anybody else it is passed over.
/// </summary>
internal sealed partial class Proxies
{
    private const string Prefix = "X-Forwarded-Prefix";

    private readonly IPNetwork[] _networks;

    public Proxies(ServerOptions options) =>
        _networks = [.. options.Proxies.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];

    /// <summary>Whether all that comes from this address may be others'.</summary>
    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_networks, network => network.Contains(plain));
    }

    public void Use(WebApplication app)
    {
        if (_networks.Length == 0)
            return; // to the platform, none would mean everybody
        app.Use(CheckPrefix);
        app.UseForwardedHeaders(Forwarded());
    }

    // It becomes part of addresses in the page, where //evil.example would be another server.
    private static Task CheckPrefix(HttpContext http, RequestDelegate next)
    {
        var headers = http.Request.Headers;
        if (headers.TryGetValue(Prefix, out var given))
        {
            var path = given.ToString().TrimEnd('/');
            if (Path().IsMatch(path))
                headers[Prefix] = path;
            else
                headers.Remove(Prefix);
        }

        return next(http);
    }

    [GeneratedRegex(@"^(/(?!\.{1,2}(/|\z))[A-Za-z0-9._~-]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Path();

    private ForwardedHeadersOptions Forwarded()
    {
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedPrefix,
            ForwardLimit = null, // as many as are named; the first who is not is the client
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in _networks)
            forwarded.KnownIPNetworks.Add(network);
        return forwarded;
    }

    private static IPNetwork Parse(string text)
    {
        if (IPAddress.TryParse(text, out var address))
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return IPNetwork.TryParse(text, out var network)
            ? network
            : throw new RefusedToStartException($"{text} is not a valid proxy address (--proxies). Examples: 10.0.0.7, fd00::7, 10.0.0.0/24.");
    }
}
