using System.Reflection;
using System.Text;

namespace Confab.Server.Hosting;

/// <summary>
/// The command line: <c>--option value</c> or <c>--option=value</c>. The platform's own reader passes over what it does not understand; here a word that
/// means nothing is refused, since an operator who mistyped <c>--data</c> would else look for the rooms in vain.
/// </summary>
internal static class CommandLine
{
    /// <summary>Where to listen; the platform's own option, without a section.</summary>
    private const string Urls = "--urls";

    /// <summary>Sections of the configuration that others read, and whatever is in them.</summary>
    private static readonly string[] s_sections = [ServerOptions.Section, "Kestrel", "Logging"];

    /// <summary>The short forms, in the order of the help.</summary>
    public static readonly ShortOption[] Options =
    [
        new(Urls, "urls", "URL;URL", "addresses to listen on (default: http://localhost:9292)"),
        new("--name", "Confab:Name", "TEXT", "name of this place on the page (default: Confab)"),
        new("--data", "Confab:Data", "DIR", "directory of the database (default: data)"),
        new("--access", "Confab:Access", "open", "anybody who reaches the server can join any room under any name; required to listen beyond this machine"),
        new("--allowed-origins", "Confab:AllowedOrigins", "URL,URL", "further web origins that can connect"),
        new("--hosts", "Confab:Hosts", "NAME,NAME", "further host names of this server"),
        new("--proxies", "Confab:Proxies", "IP,NET", "proxies whose X-Forwarded-… headers are trusted (default: this machine)"),
        new("--path", "Confab:Path", "/PATH", "path under which the server is reached (default: the root)"),
        new("--metrics-urls", "Confab:MetricsUrls", "URL;URL", "separate addresses for /metrics, /docs and /openapi, and nothing else"),
        new("--limits", "Confab:RateLimits", "off", "no rate limits; on loopback only, for benchmarks"),
        new("--transport", "Confab:Transport", "kestrel", "use Kestrel's own transport on Linux, too"),
    ];

    private static string Version => typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>What <c>--help</c> and <c>--version</c> are answered with; null where the server is to start.</summary>
    public static string? Answer(string[] args) => args switch
    {
        _ when args.Any(a => a is "--help" or "-h" or "-?") => Help(),
        _ when args.Contains("--version") => $"Confab {Version}",
        _ => null,
    };

    /// <summary>The options as keys of the configuration.</summary>
    /// <remarks>Of an option that comes twice the last one counts, so that a script may put its own before those of its caller.</remarks>
    /// <exception cref="RefusedToStartException">A word that means nothing, or an option without its value.</exception>
    public static Dictionary<string, string?> Read(string[] args)
    {
        var given = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Length; i++)
        {
            var arg = args[i];
            if (!arg.StartsWith("--", StringComparison.Ordinal))
                throw Refused($"{arg} is not an option: options begin with two dashes.");
            var (name, value) = arg.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (arg[..at], arg[(at + 1)..]) : (arg, null);
            var key = KeyOf(name);
            if (value is null && ++i < args.Length && !args[i].StartsWith("--", StringComparison.Ordinal))
                value = args[i];
            given[key] = value ?? throw Refused($"{name} needs a value.");
        }

        return given;
    }

    private static string KeyOf(string name)
    {
        if (Array.Find(Options, o => o.Name == name) is { } option)
            return option.Key;
        var key = name[2..];
        if (key.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && s_sections.Contains(key[..colon], StringComparer.OrdinalIgnoreCase))
            return key;
        var nearest = Options.MinBy(o => Distance(o.Name, name))!.Name;
        throw Refused($"Unknown option {name}.{(Distance(nearest, name) <= 2 ? $" Did you mean {nearest}?" : "")}");
    }

    private static RefusedToStartException Refused(string why) => new($"{why} See --help.");

    private static string Help()
    {
        var help = new StringBuilder("Confab, a self-hosted chat server.\n\nUsage: Confab.Server [options]\n\n");
        foreach (var option in Options)
            help.Append("  ").Append($"{option.Name} {option.Value}".PadRight(28)).Append(option.What).Append('\n');
        help.Append("  ").Append("--help, --version".PadRight(28)).Append("show this text; show the version\n\n");
        return help.Append("""
            Each option can also be set as --Confab:Name=value, in the environment (Confab__Name) or in appsettings.json;
            docs/operations.md lists all of them.
            """).ToString();
    }

    // Levenshtein's: letters that are inserted, left out or other ones.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }

    /// <summary>An option in its short form.</summary>
    /// <param name="Name">With its dashes.</param>
    /// <param name="Key">In the configuration.</param>
    /// <param name="Value">What the help shows for its value.</param>
    /// <param name="What">What it is for, and its default.</param>
    internal sealed record ShortOption(string Name, string Key, string Value, string What);
}
