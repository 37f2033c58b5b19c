using System.Net;

namespace Confab.Server.Operations;

/// <summary>Where the server is to listen, as the platform's configuration says it.</summary>
internal static class Listening
{
    public const string DefaultUrl = "http://localhost:9292";

    /// <summary>Every URL that was asked for: <c>--urls</c>, <c>ASPNETCORE_URLS</c>, or endpoints of the section <c>Kestrel</c>.</summary>
    public static string[] Urls(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>().ToArray();
        if (endpoints.Length > 0)
            return endpoints;
        var ports = (configuration["http_ports"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => $"http://*:{p}")
            .Concat((configuration["https_ports"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => $"https://*:{p}")).ToArray();
        var urls = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return urls.Length > 0 ? urls : ports.Length > 0 ? ports : [DefaultUrl];
    }

    public static bool IsLoopbackOnly(IConfiguration configuration) => Urls(configuration).All(IsLoopback);

    // What the platform would refuse later, in words about its own parts.
    private static BindingAddress Parse(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address is { Scheme: "http" or "https", PathBase: "", Port: >= 0 and <= IPEndPoint.MaxPort } && !(address.Port == 0 && address.Host == "localhost"))
                return address;
        }
        catch (FormatException)
        {
            // Refused like the others.
        }

        throw new RefusedToStartException($"{url} is no address to listen at (--urls); one is http://localhost:9292 or https://0.0.0.0:443, with port 0 for any free one of 127.0.0.1.");
    }

    private static bool IsLoopback(string url)
    {
        var host = Parse(url).Host;
        return host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }
}
