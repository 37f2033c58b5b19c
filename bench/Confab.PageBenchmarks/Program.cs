// How the page feels, measured in Debian's Chromium against a server in this process:
//   dotnet run -c Release --project bench/Confab.PageBenchmarks -- [visit] [scroll] [live]      default: all three
// CONFAB_CHROMIUM names another Chromium.
using Confab.PageBenchmarks;

string[] wanted = args.Length > 0 ? args : ["visit", "scroll", "live"];
await using var stage = await Stage.Open();
foreach (var name in wanted)
{
    Console.WriteLine($"# {name}");
    await (name switch
    {
        "visit" => Scenarios.Visit(stage),
        "scroll" => Scenarios.Scroll(stage),
        "live" => Scenarios.Live(stage),
        _ => throw new ArgumentException($"There is no scenario {name}."),
    });
}
