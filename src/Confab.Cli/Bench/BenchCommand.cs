using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Confab.Cli.Chat;
using Confab.Client;
using Spectre.Console;
using Command = System.CommandLine.Command;

namespace Confab.Cli.Bench;

/// <summary><c>confab bench</c>: puts a server under a load of the kinds that its benchmarks are of, and says how it did.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var scenarios = new Argument<string[]>("SCENARIO") { Description = string.Join("; ", Scenario.All.Select(s => $"{s.Name}: {s.About}")), Arity = ArgumentArity.OneOrMore };
        scenarios.AcceptOnlyFromAmong([.. Scenario.All.Select(s => s.Name)]);
        var url = ChatCommand.UrlOption();
        var json = new Option<FileInfo>("--json") { Description = "Also write the results to this file", HelpName = "FILE" };
        var warmUp = Seconds("--warm-up", "Seconds of warm-up", 3);
        var measured = Seconds("--seconds", "Seconds of measurement", 4);
        var command = new Command("bench", "Puts a server under load, in rooms r0000 and up; start it with --limits off") { scenarios, url, json, warmUp, measured };
        command.SetAction((parsed, cancel) => Execute(
            [.. parsed.GetRequiredValue(scenarios).Select(name => Scenario.All.Single(s => s.Name == name))],
            parsed.GetRequiredValue(url),
            parsed.GetValue(json),
            new Lengths(TimeSpan.FromSeconds(parsed.GetValue(warmUp)), TimeSpan.FromSeconds(parsed.GetValue(measured))),
            parsed.InvocationConfiguration,
            cancel));
        return command;
    }

    private static Option<double> Seconds(string name, string description, double value)
    {
        var option = new Option<double>(name) { Description = description, HelpName = "S", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 3600))
                result.AddError($"{name} must be more than 0 and at most 3600.");
        });
        return option;
    }

    private static async Task<int> Execute(Scenario[] scenarios, Uri server, FileInfo? json, Lengths lengths, InvocationConfiguration io, CancellationToken cancel)
    {
        if (server.Scheme != "ws")
        {
            await io.Error.WriteLineAsync("bench supports ws:// only: with TLS it would measure TLS, too.");
            return Tool.Failed;
        }

        var results = new List<Result>();
        foreach (var scenario in scenarios)
        {
            try
            {
                results.Add(await new Run(scenario, server, lengths, TimeProvider.System, what => Progress(scenario, what)).Execute(cancel));
            }
            catch (Exception e) when (e is LoadException or HttpRequestException or ConfabRefusedException or System.Net.Sockets.SocketException)
            {
                Progress(null, "");
                await io.Error.WriteLineAsync(Inert.Line($"{scenario.Name}: {e.Message} The server must run without limits: confab serve --limits off."));
                return Tool.Failed;
            }
        }

        Progress(null, "");
        Print(results, Output.To(io.Output));
        if (json is not null)
            await File.WriteAllTextAsync(json.FullName, JsonSerializer.Serialize(results, ResultJson.Default.ListResult) + "\n", cancel);
        return results.Any(r => r.Lost != 0 || r.Repeated != 0) ? 1 : 0;
    }

    // One line that is written over, for people only.
    private static void Progress(Scenario? scenario, string what)
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write(scenario is null ? "\r\e[K" : $"\r\e[K{scenario.Name}  {what}");
    }

    private static void Print(List<Result> results, IAnsiConsole output)
    {
        var loaded = results.Where(r => r.LatencyMs is not null).ToList();
        var table = new Table().Border(TableBorder.Simple).Caption("latency in ms; processors in % of one");
        table.AddColumn("");
        foreach (var name in new[] { "deliveries/s", "p50", "p99", "max", "lost", "twice", "server", "generator" })
            table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
        foreach (var r in loaded)
        {
            var latency = r.LatencyMs!;
            table.AddRow(
                r.Scenario, Number(r.DeliveriesPerSecond), Ms(latency.P50), Ms(latency.P99), Ms(latency.Max),
                Number(r.Lost), Number(r.Repeated), Number(r.ServerCpuPercent), Number(r.GeneratorCpuPercent));
        }

        if (loaded.Count > 0)
            output.Write(table);
        foreach (var r in results.Except(loaded))
            output.WriteLine($"  {r.Scenario}   {Number(r.Connections)} connections, {Number(r.ConnectsPerSecond)} a second; {Number(r.ServerBytesPerConnection)} bytes of the server's memory each");
    }

    private static string Number(double? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "?";

    private static string Ms(double value) => value.ToString("N2", CultureInfo.InvariantCulture);
}
