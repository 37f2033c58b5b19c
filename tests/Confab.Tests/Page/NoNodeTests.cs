using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Page;

/// <summary>A machine without Node.js: the server is built all the same, chat works, and what is missing is said by the build and at the page's address.</summary>
public sealed class NoNodeTests : IDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("confab-no-node-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_is_built_without_its_page_serves_chat_and_says_what_is_missing()
    {
        foreach (var file in new[] { "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", "BannedSymbols.txt" })
            File.Copy(Repository.PathOf(file), Path.Combine(_place.FullName, file));
        foreach (var project in new[] { "src/Confab.Protocol", "src/Confab.Server" })
            CopySources(new DirectoryInfo(Repository.PathOf(project)), Path.Combine(_place.FullName, project));

        var output = await Build();
        Assert.Contains("warning CONFAB001", output, StringComparison.Ordinal);

        var folder = Path.Combine(_place.FullName, "src/Confab.Server/bin/Release/net10.0");
        await using var server = await ChildServer.StartFrom(folder, Path.Combine(_place.FullName, "data"));
        foreach (var address in new[] { "/", "/rooms/general" })
        {
            using var page = await server.Http.GetAsync(address, Cancel);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
            Assert.Contains("Install Node.js", await page.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        using var posted = await server.Http.PostAsJsonAsync("/api/rooms/general/messages", new { username = "ann", content = "hi" }, Cancel);
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
    }

    public void Dispose() => _place.Delete(recursive: true);

    // A machine that has none answers as the shell does.
    private async Task<string> Build()
    {
        var programs = _place.CreateSubdirectory("programs").FullName;
        foreach (var program in new[] { "node", "npm" })
        {
            var path = Path.Combine(programs, program);
            await File.WriteAllTextAsync(path, "#!/bin/sh\necho \"$0: not found\" >&2\nexit 127\n", Cancel);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var start = new ProcessStartInfo("dotnet", ["build", "src/Confab.Server", "-c", "Release", "-nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false"])
        {
            WorkingDirectory = _place.FullName,
            RedirectStandardOutput = true,
            Environment = { ["PATH"] = $"{programs}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}" },
        };
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync(Cancel);
        await build.WaitForExitAsync(Cancel);
        Assert.True(build.ExitCode == 0, output);
        return output;
    }

    private static void CopySources(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in from.GetFiles())
            file.CopyTo(Path.Combine(to, file.Name));
        foreach (var folder in from.GetDirectories().Where(folder => folder.Name is not ("bin" or "obj" or "wwwroot")))
            CopySources(folder, Path.Combine(to, folder.Name));
    }
}
