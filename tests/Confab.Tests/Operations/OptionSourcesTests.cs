using System.Globalization;
using System.Text.Json.Nodes;
using Confab.Server;
using Confab.Server.Hosting;
using Confab.Tests.Cli;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Operations;

/// <summary>Each option can be set in each place that is promised. The environment is the whole process's, so nothing runs beside these.</summary>
[Collection(nameof(Alone))]
public sealed class OptionSourcesTests : TempFolder
{
    private const string RateLimits = "Confab:RateLimits";

    [Fact]
    public async Task Every_option_may_stand_in_the_environment()
    {
        await InEnvironment(Others(), given => IsRead(given));
        await InEnvironment(new() { [RateLimits] = "off", ["Confab:Data"] = PathOf("data") }, _ => LiftsLimits());
    }

    [Fact]
    public async Task Every_option_may_stand_in_appsettings()
    {
        await InAppSettings(Others(), given => IsRead(given));
        await InAppSettings(new() { [RateLimits] = "off", ["Confab:Data"] = PathOf("data") }, _ => LiftsLimits());
    }

    [Fact]
    public async Task The_command_line_comes_before_the_environment_and_that_before_the_file()
    {
        var file = new Dictionary<string, string> { ["Confab:Data"] = PathOf("data"), ["Confab:Readers"] = "3", ["Confab:Loops"] = "3", ["Confab:Fragments"] = "3" };
        var environment = new Dictionary<string, string> { ["Confab:Readers"] = "4", ["Confab:Loops"] = "4" };
        await InAppSettings(file, _ => InEnvironment(environment, async _ =>
        {
            await using var app = ConfabServer.Build(["--urls=http://127.0.0.1:0", "--Confab:Readers=5"]);
            var options = app.Services.GetRequiredService<ServerOptions>();
            Assert.Equal((5, 4, 3), (options.Readers, options.Loops, options.Fragments));
        }));
    }

    [Fact]
    public void Every_option_is_documented()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/operations.md"));
        foreach (var option in OptionKeys.All)
            Assert.Contains($"`{option.Path["Confab:".Length..].Replace("Limits:", "", StringComparison.Ordinal)}`", page);
    }

    // A value for each that is not its default; `RateLimits` would overrule some of them, and has a test of its own.
    private Dictionary<string, string> Others() => OptionKeys.All.Where(o => o.Path != RateLimits).ToDictionary(o => o.Path, o => o.Path switch
    {
        "Confab:Data" => PathOf("data"),
        "Confab:Name" => "Elsewhere",
        "Confab:Access" => nameof(AccessMode.Open),
        "Confab:AllowedOrigins" => "https://example.org",
        "Confab:Hosts" => "chat.example.org",
        "Confab:Proxies" => "10.0.0.0/8",
        "Confab:Path" => "/talk",
        "Confab:MetricsUrls" => "http://127.0.0.1:19999",
        "Confab:Transport" => "kestrel",
        "Confab:TailBytesPerRoom" => "4096",
        "Confab:Limits:FrameBytes" or "Confab:Limits:ContentBytes" => "2048",
        _ => (Convert.ToInt64(o.Read(new ServerOptions()), CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture),
    });

    private static async Task IsRead(Dictionary<string, string> given)
    {
        await using var app = ConfabServer.Build(["--urls=http://127.0.0.1:0"]);
        var options = app.Services.GetRequiredService<ServerOptions>();
        Assert.Equal(given, OptionKeys.All.Where(o => o.Path != RateLimits).ToDictionary(o => o.Path, o => Convert.ToString(o.Read(options), CultureInfo.InvariantCulture)!));
    }

    private static async Task LiftsLimits()
    {
        await using var app = ConfabServer.Build(["--urls=http://127.0.0.1:0"]);
        Assert.Equal(0, app.Services.GetRequiredService<ServerOptions>().Limits.MessagesPerSecond);
    }

    private static async Task InEnvironment(Dictionary<string, string> given, Func<Dictionary<string, string>, Task> test)
    {
        try
        {
            foreach (var (path, value) in given)
                Environment.SetEnvironmentVariable(path.Replace(":", "__", StringComparison.Ordinal), value);
            await test(given);
        }
        finally
        {
            foreach (var path in given.Keys)
                Environment.SetEnvironmentVariable(path.Replace(":", "__", StringComparison.Ordinal), null);
        }
    }

    private static async Task InAppSettings(Dictionary<string, string> given, Func<Dictionary<string, string>, Task> test)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        Assert.False(File.Exists(file), "The server has no appsettings.json of its own.");
        var root = new JsonObject();
        foreach (var (path, value) in given)
        {
            var at = root;
            var keys = path.Split(':');
            foreach (var key in keys[..^1])
                at = (JsonObject)(at[key] ??= new JsonObject());
            at[keys[^1]] = value;
        }

        try
        {
            await File.WriteAllTextAsync(file, root.ToJsonString(), Cancel);
            await test(given);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
