using BenchmarkDotNet.Running;

// Micro-benchmarks of the path of a message. All of them: dotnet run -c Release --project bench/Confab.Benchmarks -- --filter '*'
BenchmarkSwitcher.FromAssembly(typeof(Confab.Benchmarks.FrameBenchmarks).Assembly).Run(args);
