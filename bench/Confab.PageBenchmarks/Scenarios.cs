using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace Confab.PageBenchmarks;

/// <summary>What is measured, each with what it prints.</summary>
internal static class Scenarios
{
    private const int Runs = 5;
    private const int SlowerBy = 4;

    /// <summary>A visit on a slow processor and a slow network (4×, 1.6 Mbit/s, 150 ms): until the newest message of a room can be read.</summary>
    public static async Task Visit(Stage stage)
    {
        const string room = "visit";
        await stage.Fill(room, 500);
        List<double> first = [], returning = [];
        for (var run = 0; run < Runs; run++)
        {
            var page = await stage.Person();
            await Throttle(page);
            first.Add(await UntilRead(page, stage, room));
            // The service worker has what it keeps, the page has kept what it read.
            await page.EvaluateAsync("navigator.serviceWorker.ready.then(() => new Promise((done) => setTimeout(done, 5000)))");
            await page.GotoAsync("about:blank");
            returning.Add(await UntilRead(page, stage, room));
            await page.Context.CloseAsync();
        }

        Print("first visit, ms", first);
        Print("returning visit, ms", returning);
    }

    /// <summary>
    /// 100,000 messages, scrolled by the wheel for ten seconds up, then down, at three speeds: the time between frames, as the browser stamps them
    /// (what a script's clock says of a frame is when its main thread came to it, which varies by milliseconds even on a page where nothing happens).
    /// </summary>
    public static async Task Scroll(Stage stage)
    {
        const string room = "scroll";
        await stage.Fill(room, 100_000);
        foreach (var speed in new[] { 3_000, 9_000, 18_000 })
        {
            List<double> up = [], down = [];
            for (var run = 0; run < 3; run++)
            {
                var page = await stage.Person();
                await page.GotoAsync(new Uri(stage.Address, $"/rooms/{room}").AbsoluteUri);
                await page.Locator(".message").Last.WaitForAsync();
                await page.Mouse.MoveAsync(800, 400);
                up.AddRange(await Frames(page, -speed));
                down.AddRange(await Frames(page, speed));
                await page.Context.CloseAsync();
            }

            PrintFrames($"up at {speed} px/s", up);
            PrintFrames($"down at {speed} px/s", down);
        }
    }

    /// <summary>600 messages in a minute, on a processor four times slower: how much of the time the main thread is busy.</summary>
    public static async Task Live(Stage stage)
    {
        const string room = "live";
        await stage.Fill(room, 500);
        var page = await stage.Person();
        await page.GotoAsync(new Uri(stage.Address, $"/rooms/{room}").AbsoluteUri);
        await page.Locator(".message").Last.WaitForAsync();
        var tools = await page.Context.NewCDPSessionAsync(page);
        await tools.SendAsync("Performance.enable");
        await tools.SendAsync("Emulation.setCPUThrottlingRate", new() { ["rate"] = SlowerBy });
        await Task.Delay(2000);
        var before = await BusySeconds(tools);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 600; i++)
        {
            _ = stage.Say(room, i);
            var due = TimeSpan.FromMilliseconds(100 * (i + 1)) - watch.Elapsed;
            if (due > TimeSpan.Zero)
                await Task.Delay(due);
        }

        var busy = (await BusySeconds(tools) - before) / watch.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"main thread busy {busy:P0} of {watch.Elapsed.TotalSeconds:0} s"));
        await page.Context.CloseAsync();
    }

    private static async Task<double> UntilRead(IPage page, Stage stage, string room)
    {
        var watch = Stopwatch.StartNew();
        await page.GotoAsync(new Uri(stage.Address, $"/rooms/{room}").AbsoluteUri, new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
        await page.Locator(".message").Last.WaitForAsync();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static async Task Throttle(IPage page)
    {
        var tools = await page.Context.NewCDPSessionAsync(page);
        await tools.SendAsync("Network.enable");
        await tools.SendAsync("Network.emulateNetworkConditions", new() { ["offline"] = false, ["latency"] = 150, ["downloadThroughput"] = 200_000, ["uploadThroughput"] = 93_750 });
        await tools.SendAsync("Emulation.setCPUThrottlingRate", new() { ["rate"] = SlowerBy });
    }

    private static async Task<double> BusySeconds(ICDPSession tools)
    {
        var metrics = (await tools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics");
        return metrics.EnumerateArray().Single(metric => metric.GetProperty("name").GetString() == "TaskDuration").GetProperty("value").GetDouble();
    }

    // A turn of the wheel at every frame of a screen, for ten seconds.
    private static async Task<double[]> Frames(IPage page, int pixelsPerSecond)
    {
        await page.EvaluateAsync("""
            () => {
              globalThis.frames_ = [];
              let last;
              const next = (at) => {
                if (last !== undefined) globalThis.frames_?.push(at - last);
                last = at;
                if (globalThis.frames_) requestAnimationFrame(next);
              };
              requestAnimationFrame(next);
            }
            """);
        var watch = Stopwatch.StartNew();
        for (var turn = 1; turn <= 600; turn++)
        {
            await page.Mouse.WheelAsync(0, pixelsPerSecond / 60f);
            var due = TimeSpan.FromSeconds(turn / 60.0) - watch.Elapsed;
            if (due > TimeSpan.Zero)
                await Task.Delay(due);
        }

        return await page.EvaluateAsync<double[]>("() => { const all = globalThis.frames_; globalThis.frames_ = undefined; return all; }");
    }

    private static void PrintFrames(string what, List<double> frames)
    {
        var sorted = frames.Order().ToArray();
        var late = sorted.Count(frame => frame > 20) / (double)sorted.Length;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {sorted.Length} frames, p50 {At(sorted, 0.5):0.0} ms, p99 {At(sorted, 0.99):0.0} ms, longest {sorted[^1]:0.0} ms; later than 20 ms {late:P2}"));
    }

    private static double At(double[] sorted, double share) => sorted[(int)(sorted.Length * share)];

    private static void Print(string what, List<double> times)
    {
        var sorted = times.Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: median {sorted[sorted.Length / 2]:0} (of {sorted.Length}: {sorted[0]:0} to {sorted[^1]:0})"));
    }
}
