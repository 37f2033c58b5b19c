using System.Net;

namespace Confab.Server.Hosting;

/// <summary>Where the server is to listen, as the platform's configuration and <c>--metrics-urls</c> say it.</summary>
internal sealed class Listening
{
    private const string DefaultUrl = "http://localhost:9292";

    private readonly HashSet<int> _operatorsPorts;

    public Listening(IConfiguration configuration, ServerOptions options)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>().ToArray();
        var operators = Split(options.MetricsUrls);
        if (endpoints.Length > 0 && operators.Length > 0)
            throw new RefusedToStartException("--metrics-urls works only with --urls, not with endpoints from the section Kestrel.");
        var ports = Split(configuration["http_ports"]).Select(p => $"http://*:{p}").Concat(Split(configuration["https_ports"]).Select(p => $"https://*:{p}")).ToArray();
        var urls = Split(configuration["urls"]);
        var everybodys = endpoints.Length > 0 ? endpoints : urls.Length > 0 ? urls : ports.Length > 0 ? ports : [DefaultUrl];
        IsLoopbackOnly = everybodys.All(url => IsLoopback(Parse(url, "--urls").Host));
        _operatorsPorts = [.. operators.Select(url => Parse(url, "--metrics-urls").Port)];
        if (_operatorsPorts.Contains(0) || everybodys.Any(url => _operatorsPorts.Contains(Parse(url, "--urls").Port)))
            throw new RefusedToStartException("--metrics-urls needs a separate port.");
        Urls = endpoints.Length > 0 ? [] : [.. everybodys, .. operators];
    }

    /// <summary>What the platform is to be told; none where it knows by itself.</summary>
    public string[] Urls { get; }

    /// <summary>Whether nobody but this machine reaches the server; what is for its operator is not counted.</summary>
    public bool IsLoopbackOnly { get; }

    /// <summary>Whether what is for the operator has ports of its own.</summary>
    public bool HasOperatorsPorts => _operatorsPorts.Count > 0;

    /// <summary>Whether a port is only for what is the operator's.</summary>
    public bool IsOperators(int port) => _operatorsPorts.Contains(port);

    public static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) ||
        (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // What the platform would refuse later, in words about its own parts.
    private static BindingAddress Parse(string url, string option)
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

        throw new RefusedToStartException($"{url} is not a valid listen address ({option}). Examples: http://localhost:9292, https://0.0.0.0:443, and http://127.0.0.1:0 for any free port.");
    }
}
