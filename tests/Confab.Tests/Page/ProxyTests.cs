using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>The page through the proxies of docs/operations.md, as they stand there but for names, ports and paths of files.</summary>
public sealed partial class ProxyTests(Chromium chromium) : PageTest(chromium)
{
    protected override string[]? Options => null;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nginx", "")]
    [InlineData("nginx", "/talk")]
    [InlineData("caddy", "")]
    [InlineData("caddy", "/talk")]
    public async Task Everything_works_behind_it(string proxy, string path)
    {
        var server = Outlives(await TestServer.Start("--hosts=localhost.example", $"--path={path}"));
        await using var running = await Proxy.Start(proxy, Example(proxy, path), server.Address.Port);
        await IsTalkedIn(running.Address, path);
    }

    [Fact]
    public async Task A_proxy_may_take_the_path_away_and_say_so()
    {
        var server = Outlives(await TestServer.Start());
        var config = Example("caddy", "/talk")
            .Replace("handle /talk/*", "handle_path /talk/*", StringComparison.Ordinal)
            .Replace("reverse_proxy 127.0.0.1:9292", "reverse_proxy 127.0.0.1:9292 {\n header_up X-Forwarded-Prefix /talk\n }", StringComparison.Ordinal);
        await using var running = await Proxy.Start("caddy", config, server.Address.Port);
        await IsTalkedIn(running.Address, "/talk");
    }

    [Fact]
    public async Task Limits_go_by_the_address_that_a_proxy_names_and_by_nobody_elses_word()
    {
        await using var trusting = await TestServer.Start("--Confab:ConnectionsPerAddress=1");
        await using var first = await RawWebSocket.Open(trusting.EndPoint, new Handshake { Headers = ["X-Forwarded-For: 192.0.2.1"] });
        await using var second = await RawWebSocket.Open(trusting.EndPoint, new Handshake { Headers = ["X-Forwarded-For: 192.0.2.1, 192.0.2.2"] });
        Assert.Equal(429, await Status(trusting, "X-Forwarded-For: 198.51.100.1, 192.0.2.2"));

        await using var wary = await TestServer.Start("--Confab:ConnectionsPerAddress=1", "--proxies=192.0.2.9");
        await using var third = await RawWebSocket.Open(wary.EndPoint, new Handshake { Headers = ["X-Forwarded-For: 192.0.2.1"] });
        Assert.Equal(429, await Status(wary, "X-Forwarded-For: 192.0.2.2"));

        static async Task<int> Status(TestServer server, string header)
        {
            await using var connection = await RawConnection.Connect(server.EndPoint);
            return (await connection.Ask(new Handshake { Headers = [header] })).Status;
        }
    }

    // A name, a message, a reload, a file, a room of one's own, what the API says of where things are, and no network.
    private async Task IsTalkedIn(Uri address, string path)
    {
        var place = new Uri(address, $"{path}/");
        var ann = await Visit(place, "Ann", $"{path}/rooms/general", with => with.IgnoreHTTPSErrors = true);
        await ann.Composer.FillAsync("through the proxy");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Message("through the proxy")).ToBeVisibleAsync();
        await ann.Room("tech").ClickAsync();
        await Expect(ann.Page).ToHaveURLAsync(new Uri(address, $"{path}/rooms/tech").ToString());
        await ann.Page.ReloadAsync();
        await Expect(ann.Page).ToHaveTitleAsync(TitleOfTech());
        await ann.Page.GotoAsync($"{path}/rooms/general/1");
        await Expect(ann.Message("through the proxy")).ToBeVisibleAsync();
        await Wait.Until("the worker to be there", () => ann.Page.EvaluateAsync<bool>("navigator.serviceWorker.getRegistration().then(r => r?.active !== undefined && r.active !== null)"));
        Assert.Equal(place.ToString(), await ann.Page.EvaluateAsync<string>("navigator.serviceWorker.getRegistration().then(r => r.scope)"));
        var manifest = await ann.Page.EvaluateAsync<string>("fetch(document.querySelector('link[rel=manifest]').href).then(r => r.json()).then(m => m.start_url)");
        Assert.Equal($"{path}/", manifest);

        using var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true, AllowAutoRedirect = false }) { BaseAddress = address };
        using var made = await http.PostAsync($"{path}/api/rooms", new StringContent("""{"name":"made"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")), Cancel);
        Assert.Equal((HttpStatusCode.Created, $"{path}/api/rooms/made"), (made.StatusCode, made.Headers.Location?.ToString()));
        await Scene.Post(http, "Bob", "and back", basePath: path);
        await Expect(ann.Message("and back")).ToBeVisibleAsync();
        using var page = await http.GetAsync($"{path}/api/rooms/general/messages?limit=1", Cancel);
        Assert.Contains($"<{path}/api/rooms/general/messages", page.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
    }

    [GeneratedRegex("tech")]
    private static partial Regex TitleOfTech();

    // The block of the docs; under a path, nginx's is the same with another location.
    private static string Example(string proxy, string path)
    {
        var docs = File.ReadAllText(Repository.PathOf("docs/operations.md"));
        var blocks = Blocks().Matches(docs).Where(block => block.Groups[1].Value == proxy).Select(block => block.Groups[2].Value).ToArray();
        if (path.Length == 0 || proxy == "caddy")
            return blocks[path.Length == 0 ? 0 : 1];
        var location = blocks[1].Split('\n')[0];
        return blocks[0].Replace("    location / {", location, StringComparison.Ordinal);
    }

    [GeneratedRegex("```(nginx|caddy)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    /// <summary>A proxy in a process of its own, with the configuration of the docs.</summary>
    private sealed class Proxy : IAsyncDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("confab-proxy-");
        private readonly Certificate _certificate = new();
        private Process? _process;

        public required Uri Address { get; init; }

        public static async Task<Proxy> Start(string name, string config, int server)
        {
            var port = FreePort();
            var proxy = new Proxy { Address = new Uri($"https://localhost:{port}/") };
            await proxy.Run(name, config.Replace("127.0.0.1:9292", $"127.0.0.1:{server}", StringComparison.Ordinal), port);
            using var probe = new TcpClient();
            await Wait.Until("the proxy to listen", async () =>
            {
                Assert.False(proxy._process!.HasExited, "The proxy ended.");
                try
                {
                    await probe.ConnectAsync(IPAddress.Loopback, port, Cancel);
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            });
            return proxy;
        }

        public async ValueTask DisposeAsync()
        {
            if (_process is { HasExited: false })
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }

            _process?.Dispose();
            _certificate.Dispose();
            _folder.Delete(recursive: true);
        }

        private async Task Run(string name, string config, int port)
        {
            var file = Path.Combine(_folder.FullName, "config");
            var (certificate, key) = (_certificate.PemPath, _certificate.KeyPath);
            if (name == "nginx")
            {
                config = config.Replace("listen 443", $"listen 127.0.0.1:{port}", StringComparison.Ordinal).Replace("chat.example.org;", "localhost;", StringComparison.Ordinal)
                    .Replace("/etc/ssl/chat.example.org.pem", certificate, StringComparison.Ordinal).Replace("/etc/ssl/chat.example.org.key", key, StringComparison.Ordinal);
                config = $"daemon off; pid {_folder}/pid; error_log {_folder}/error.log;\nevents {{}}\nhttp {{ access_log off;\n{string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind => $"{kind}_temp_path {_folder}/{kind};\n"))}{config}\n}}";
                _process = Start("nginx", "-p", _folder.FullName, "-c", file);
            }
            else
            {
                config = Site().Replace(config, $"https://localhost:{port} {{\n    bind 127.0.0.1\n    tls {certificate} {key}", 1);
                config = $"{{\n    admin off\n    auto_https off\n    log {{\n        output discard\n    }}\n}}\n{config}";
                _process = Start("caddy", "run", "--adapter", "caddyfile", "--config", file);
            }

            await File.WriteAllTextAsync(file, config, Cancel);
            _process.Start();
        }

        private static Process Start(string program, params string[] arguments) => new()
        {
            StartInfo = new ProcessStartInfo(program, arguments) { Environment = { ["HOME"] = Path.GetTempPath() } },
        };

        private static int FreePort()
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            return ((IPEndPoint)probe.LocalEndpoint).Port;
        }
    }

    [GeneratedRegex(@"^\S+ \{", RegexOptions.Multiline)]
    private static partial Regex Site();
}
