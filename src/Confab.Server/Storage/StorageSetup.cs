using Confab.Server.Operations;

namespace Confab.Server.Storage;

internal static class StorageSetup
{
    public static void AddStorage(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton(s => Open(s.GetRequiredService<ServerOptions>().Data, s.GetRequiredService<TimeProvider>()));

    private static Database Open(string directory, TimeProvider time)
    {
        try
        {
            return new Database(directory, time);
        }
        catch (StorageException e)
        {
            var mend = e.IsDamage ? " It is damaged, or no database: put it aside and restore a backup (confab restore)." : "";
            throw new RefusedToStartException($"The database {Path.Combine(directory, Database.FileName)} cannot be opened: {e.Message}.{mend}");
        }
    }
}
