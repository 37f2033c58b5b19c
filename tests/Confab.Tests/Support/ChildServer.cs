using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Confab.Tests.Support;

/// <summary>The real server in a process of its own, which can be killed, frozen and told to stop; its address and its directory outlive it.</summary>
internal sealed partial class ChildServer : IAsyncDisposable
{
    private const int Kill9 = 9, Terminate15 = 15, Continue18 = 18, Stop19 = 19;

    private readonly ConcurrentQueue<string> _output = new();
    private readonly string[] _options;
    private readonly string _folder;
    private readonly FaultyDisk? _disk;
    private bool _isOnOneCore;
    private int? _firstUnwatched;
    private Process? _process;
    private TaskCompletionSource _ready = new();

    private ChildServer(string data, FaultyDisk? disk, string[] options, string? folder = null)
    {
        _folder = folder ?? AppContext.BaseDirectory;
        Data = data;
        _disk = disk;
        _options = options;
        EndPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
        Http = new HttpClient { BaseAddress = new Uri($"http://{EndPoint}"), Timeout = Wait.Patience };
    }

    public string Data { get; }

    public IPEndPoint EndPoint { get; }

    public HttpClient Http { get; }

    /// <summary>What it wrote to the console, all its lives together.</summary>
    public IReadOnlyList<string> Output => [.. _output];

    public int Id => Process.Id;

    public bool HasEnded => Process.HasExited;

    /// <summary>Bytes of memory that are its own (proc(5), VmRSS).</summary>
    public long ResidentBytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{Process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    private Process Process => _process ?? throw new InvalidOperationException("The server was not started.");

    /// <summary>A directory on the disk that holds the build, which no system keeps in memory only.</summary>
    public static string NewDirectory() => Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "data", Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>Starts a server and waits until it serves.</summary>
    public static Task<ChildServer> Start(string data, params string[] options) => Start(data, disk: null, options);

    /// <summary>Starts a server whose disk fails when the test says so.</summary>
    public static async Task<ChildServer> Start(string data, FaultyDisk? disk, params string[] options)
    {
        var server = new ChildServer(data, disk, options);
        server.Start();
        await server.Ready();
        return server;
    }

    /// <summary>Starts a server that was built into another folder.</summary>
    public static async Task<ChildServer> StartFrom(string folder, string data)
    {
        var server = new ChildServer(data, disk: null, [], folder);
        server.Start();
        await server.Ready();
        return server;
    }

    /// <summary>Starts a server that has one core, however many there are.</summary>
    public static async Task<ChildServer> StartOnOneCore(string data)
    {
        var server = new ChildServer(data, disk: null, []) { _isOnOneCore = true };
        server.Start();
        await server.Ready();
        return server;
    }

    /// <summary>Starts a server whose kernel watches no socket from this descriptor on.</summary>
    public static async Task<ChildServer> StartUnwatched(string data, int firstUnwatched, params string[] options)
    {
        var server = new ChildServer(data, disk: null, options) { _firstUnwatched = firstUnwatched };
        server.Start();
        await server.Ready();
        return server;
    }

    /// <summary>Starts it, again after it ended; ready some time later.</summary>
    public void Start()
    {
        _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // taskset(1) becomes what it starts.
        string[] command = _isOnOneCore ? ["taskset", "--cpu-list", "0", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { Path.Combine(_folder, "Confab.Server.dll"), $"--urls=http://{EndPoint}", $"--data={Data}" }.Concat(_options))
            start.ArgumentList.Add(argument);
        _disk?.PutUnder(start);
        if (_firstUnwatched is { } first)
            FullEpoll.PutUnder(start, first);
        var ready = _ready;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Hear(e.Data, ready);
        _process.ErrorDataReceived += (_, e) => Hear(e.Data, ready);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public async Task Ready()
    {
        var ended = Process.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (await Task.WhenAny(_ready.Task, ended).WaitAsync(Wait.Patience, TimeProvider.System) == ended)
            throw new InvalidOperationException($"The server did not start: {string.Join('\n', _output)}");
    }

    /// <summary>Ends it as a power cut would, at this very moment.</summary>
    public async Task Kill()
    {
        Signal(Kill9);
        await Process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Freeze() => Signal(Stop19);

    public void Thaw() => Signal(Continue18);

    /// <summary>Asks it to stop, as systemd and Docker do.</summary>
    public void Terminate() => Signal(Terminate15);

    /// <summary>Waits until it has ended, and gives its exit code.</summary>
    public async Task<int> Ended()
    {
        await Process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Wait.Patience, TimeProvider.System);
        return Process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            Signal(Kill9);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process?.Dispose();
        Http.Dispose();
        if (Directory.Exists(Data))
            Directory.Delete(Data, recursive: true);
    }

    private void Signal(int signal) => Assert.Equal(0, kill(Process.Id, signal));

    private void Hear(string? line, TaskCompletionSource ready)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (line.StartsWith("WebSocket server running", StringComparison.Ordinal))
            ready.TrySetResult();
    }

    // Below the range that connections draw their ports from, so that it is still free after a restart.
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken; another may be free.
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
