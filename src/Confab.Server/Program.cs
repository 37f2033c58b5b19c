using Confab.Server;
using Confab.Server.Operations;

try
{
    await using var app = ConfabServer.Build(args);
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (Exception e) when (e is RefusedToStartException or IOException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
