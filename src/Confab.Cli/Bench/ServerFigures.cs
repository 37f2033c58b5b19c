using System.Globalization;

namespace Confab.Cli.Bench;

/// <summary>What the server says of itself under <c>/metrics</c>.</summary>
internal sealed record ServerFigures(double CpuSeconds, double MemoryBytes)
{
    /// <summary>Reads them; null when they cannot be reached, as behind a proxy.</summary>
    public static async Task<ServerFigures?> Read(Uri chat, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            var text = await http.GetStringAsync(new UriBuilder(chat) { Scheme = "http", Path = "/metrics" }.Uri, cancel);
            return new ServerFigures(Sum(text, "dotnet_process_cpu_time_seconds_total"), Sum(text, "dotnet_process_memory_working_set_bytes"));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    // A line is a name, labels in braces, a value and a time.
    private static double Sum(string text, string name) => text.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Replace(name, "", StringComparison.Ordinal).Trim().Split(' ')[0], CultureInfo.InvariantCulture));
}
