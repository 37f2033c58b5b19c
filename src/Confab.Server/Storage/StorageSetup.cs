using Confab.Server.Operations;

namespace Confab.Server.Storage;

internal static class StorageSetup
{
    public static void AddStorage(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton(s => new Database(s.GetRequiredService<ServerOptions>().Data, s.GetRequiredService<TimeProvider>()));
}
