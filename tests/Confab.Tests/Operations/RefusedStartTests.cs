using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Reflection;
using Confab.Server;
using Confab.Server.Hosting;
using Confab.Tests.Cli;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Operations;

/// <summary>A start that cannot be, as an operator sees it: one line that names the option or the file and says what is allowed, and exit code 1.</summary>
public sealed class RefusedStartTests : TempFolder
{
    public static TheoryData<string, string> OutOfRange
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var option in OptionKeys.All.Where(o => o.IsNumber))
            {
                var range = option.Property.GetCustomAttribute<RangeAttribute>() ?? throw new InvalidOperationException($"{option.Path} has no range.");
                foreach (var bad in new[] { "x", "", "1.5", $"{Convert.ToInt64(range.Minimum) - 1}", $"{(decimal)Convert.ToInt64(range.Maximum) + 1}" })
                    data.Add(option.Path, bad);
            }

            return data;
        }
    }

    [Theory]
    [InlineData("Confab:StallSeconds is 0; it must be a whole number from 1 to 86400.", "--Confab:StallSeconds=0")]
    [InlineData("Confab:StallSeconds is abc; it must be a whole number from 1 to 86400.", "--Confab:StallSeconds=abc")]
    [InlineData("Confab:Access (--access) is foo; it must be unset or open.", "--access", "foo")]
    [InlineData("nonsense is not a valid listen address (--urls)", "--urls=nonsense")]
    [InlineData("nowhere.pfx", "--urls=https://127.0.0.1:0", "--Kestrel:Certificates:Default:Path=nowhere.pfx")]
    [InlineData("Cannot listen on the address of --urls", "--urls=http://192.0.2.1:9292", "--access=open")]
    [InlineData("Unknown option --datta. Did you mean --data? See --help.", "--datta", "x")]
    [InlineData("Unknown option --port. See --help.", "--port", "9999")]
    [InlineData("Unknown option --port. See --help.", "--port=9999")]
    [InlineData("Unknown option --Nowhere:Data.", "--Nowhere:Data=x")]
    [InlineData("Unknown option --Data.", "--Data=x")]
    [InlineData("serve is not an option: options begin with two dashes.", "serve")]
    [InlineData("-d is not an option", "-d", "x")]
    [InlineData("/data is not an option", "/data", "x")]
    [InlineData("x is not an option", "--access", "open", "x")]
    [InlineData("--name needs a value.", "--name", "--access=open")]
    [InlineData("--name needs a value.", "--name")]
    [InlineData("https://x is not a valid host name (--hosts)", "--hosts=https://x")]
    [InlineData("x is not a valid proxy address (--proxies)", "--proxies=x")]
    [InlineData("Confab:Path (--path) is talk/; it must be a path such as /talk, without a trailing slash.", "--path=talk/")]
    [InlineData("--metrics-urls needs a separate port.", "--metrics-urls=http://127.0.0.1:0")]
    [InlineData("nowhere is not a valid listen address (--metrics-urls)", "--metrics-urls=nowhere")]
    public async Task It_says_why_in_one_line(string why, params string[] options) => await IsRefused(why, options);

    [Theory]
    [InlineData("CONFAB__NOTHING", "Unknown option Confab:NOTHING.")]
    [InlineData("Confab__Files__Nothing", "Unknown option Confab:Files:Nothing.")]
    [InlineData("Confab__Limits__Nothing", "Unknown option Confab:Limits:Nothing.")]
    [InlineData("Confab__Data__Below", "Unknown option Confab:Data:Below.")]
    public async Task A_name_in_the_environment_that_means_nothing_is_refused(string name, string why) => await IsRefused(why, [], (name, "1"));

    [Theory]
    [InlineData("--help", "--data DIR")]
    [InlineData("-h", "--data DIR")]
    [InlineData("--version", "Confab 0.")]
    public async Task What_is_asked_for_is_answered_and_nothing_starts(string option, string answer)
    {
        var (output, error, exitCode) = await Start([option]);
        Assert.Contains(answer, output);
        Assert.Equal("", error);
        Assert.Equal(0, exitCode);
        Assert.False(Directory.Exists(PathOf("data")));
    }

    [Fact]
    public async Task Of_an_option_that_comes_twice_the_last_one_counts()
    {
        await using var app = ConfabServer.Build([$"--data={PathOf("data")}", "--name", "one", "--Confab:Name=two", "--name=three"]);
        Assert.Equal("three", app.Services.GetRequiredService<ServerOptions>().Name);
    }

    [Fact]
    public void The_help_names_what_the_readme_names()
    {
        var readme = File.ReadAllText(Repository.PathOf("README.md"));
        Assert.All(CommandLine.Options, option => Assert.Contains($"| `{option.Name}", readme));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        Directory.CreateDirectory(PathOf("data"));
        await File.WriteAllTextAsync(PathOf("data/confab.db"), new string('x', 8192), Cancel);
        await IsRefused($"The database {PathOf("data/confab.db")} cannot be opened", []);
    }

    [Fact]
    public async Task A_damaged_database_is_named()
    {
        await using (var server = await TestServer.Start($"--data={PathOf("data")}"))
            await server.NewRoom();
        // The header stays; the first page's tree is lost.
        await using (var file = File.OpenWrite(PathOf("data/confab.db")))
        {
            file.Position = 100;
            file.Write(new byte[3996]);
        }

        await IsRefused($"The database {PathOf("data/confab.db")} cannot be opened", []);
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Every_number_has_its_range(string key, string value)
    {
        var refused = Assert.Throws<RefusedToStartException>(() => ConfabServer.Build(["--urls=http://127.0.0.1:0", $"--{key}={value}"]));
        Assert.StartsWith($"{key} is {value}; it must be a whole number from ", refused.Message);
    }

    [Theory]
    [InlineData("--Confab:TailBytesPerRoom=3000", "Confab:TailBytesPerRoom is 3000")]
    [InlineData("--limits=maybe", "Confab:RateLimits (--limits) is maybe; it must be on or off.")]
    [InlineData("--transport=tcp", "Confab:Transport (--transport) is tcp; it must be auto or kestrel.")]
    [InlineData("--name=", "Confab:Name (--name) is ; it must be 1 to 64 characters.")]
    [InlineData("--data=", "Confab:Data (--data) is ; it must be 1 to 4096 characters.")]
    [InlineData("--Confab:StalSeconds=5", "Unknown option Confab:StalSeconds.")]
    [InlineData("--Confab:Limits:FileBytes=5", "Confab:Limits:FileBytes is set by Confab:Files:MaxBytes.")]
    [InlineData("--urls=http://localhost:0", "http://localhost:0 is not a valid listen address")]
    [InlineData("--urls=http://127.0.0.1:99999", "http://127.0.0.1:99999 is not a valid listen address")]
    [InlineData("--urls=http://127.0.0.1:0/below", "http://127.0.0.1:0/below is not a valid listen address")]
    [InlineData("--urls=ftp://127.0.0.1", "ftp://127.0.0.1 is not a valid listen address")]
    public void What_does_not_fit_is_named(string option, string why)
    {
        var refused = Assert.Throws<RefusedToStartException>(() => ConfabServer.Build([.. option.StartsWith("--urls", StringComparison.Ordinal) ? Array.Empty<string>() : ["--urls=http://127.0.0.1:0"], option]));
        Assert.Contains(why, refused.Message);
    }

    private async Task IsRefused(string why, string[] options, params (string Name, string Value)[] environment)
    {
        string[] usual = ["--urls=http://127.0.0.1:0", $"--data={PathOf("data")}"];
        var (output, said, exitCode) = await Start([.. usual.Where(u => !options.Any(o => o.Split('=')[0] == u.Split('=')[0])), .. options], environment);
        Assert.Contains(why, said);
        Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("   at ", output);
        Assert.Equal(1, exitCode);
    }

    private static async Task<(string Output, string Error, int ExitCode)> Start(string[] options, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Confab.Server.dll"), .. options]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var said = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (await output, said, process.ExitCode);
    }
}
