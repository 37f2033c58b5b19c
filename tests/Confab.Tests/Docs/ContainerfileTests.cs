using System.Text.RegularExpressions;
using Confab.Server.Hosting;
using Confab.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace Confab.Tests.Docs;

/// <summary>What can be known of the Containerfile without building it.</summary>
public sealed partial class ContainerfileTests
{
    private static readonly string[] s_lines = File.ReadAllLines(Repository.PathOf("Containerfile"));

    [Fact]
    public void It_publishes_as_the_README_says()
    {
        var publish = Assert.Single(s_lines, line => line.Contains("dotnet publish", StringComparison.Ordinal))["RUN ".Length..];
        Assert.Contains($"\n{publish}\n", File.ReadAllText(Repository.PathOf("README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_copies_exists()
    {
        var paths = s_lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]).ToArray();
        Assert.Contains("src", paths);
        Assert.All(paths, path => Assert.True(Path.Exists(Repository.PathOf(path)), path));
    }

    // What the build reads from above its projects would be missing in the image without a word.
    [Fact]
    public void It_copies_every_file_of_the_root_that_a_build_reads()
    {
        var copied = s_lines.SelectMany(line => line.Split(' ')).ToHashSet();
        string[] read = [".props", ".targets", ".editorconfig", "global.json", "nuget.config", "BannedSymbols.txt"];
        var files = Directory.EnumerateFiles(Repository.PathOf("."), "*").Select(file => Path.GetFileName(file)!).Where(name => read.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));
        Assert.All(files, name => Assert.Contains(name, copied));
    }

    [Fact]
    public void Its_port_is_the_servers_and_its_volume_is_where_the_data_goes()
    {
        var entry = EntryPoint().Match(string.Join('\n', s_lines)).Groups[1].Value.Replace("\"", "", StringComparison.Ordinal).Split(", ");
        var port = new Uri(Assert.Single(new Listening(new ConfigurationBuilder().Build(), new ServerOptions()).Urls)).Port;
        Assert.Equal(["/confab/Confab.Server", "--urls", $"http://0.0.0.0:{port}", "--data", "/data"], entry);
        Assert.Contains($"EXPOSE {port}", s_lines);
        Assert.Contains("VOLUME /data", s_lines);
        Assert.Contains("USER $APP_UID", s_lines);
    }

    [GeneratedRegex(@"ENTRYPOINT \[(.*)\]")]
    private static partial Regex EntryPoint();
}
