using Confab.Server.Hosting;
using Confab.Server.Storage.Sqlite;

namespace Confab.Server.Storage;

internal static partial class StorageSetup
{
    public static void AddStorage(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(s => Open(s.GetRequiredService<ServerOptions>().Data, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<Database>>()));
        services.AddSingleton<SqliteStore>();
        services.AddSingleton<ILogStore>(s => s.GetRequiredService<SqliteStore>());
        services.AddHostedService<Checkpointer>();
        services.AddHostedService<Custody>();
    }

    private static Database Open(string directory, TimeProvider time, ILogger logger)
    {
        try
        {
            var database = new Database(directory, time);
            if (database.IsNewHistory)
                LogNewHistory(logger, database.Path, database.Epoch);
            return database;
        }
        catch (StorageException e)
        {
            var mend = e.IsDamage ? " The file is damaged or is not a database: move it away and restore a backup (confab restore)." : "";
            throw new RefusedToStartException($"The database {Path.Combine(directory, Database.FileName)} cannot be opened: {e.Message}.{mend}");
        }
    }

    [LoggerMessage(LogLevel.Warning, "The database {Path} is not the one last served from this directory. It starts a new history (epoch {Epoch}), and clients reload it.")]
    private static partial void LogNewHistory(ILogger logger, string path, string epoch);
}
