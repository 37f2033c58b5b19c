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

    private static bool IsLoopback(string url)
    {
        var host = BindingAddress.Parse(url).Host;
        return host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }
}
