using Confab.Server.Access;
using Confab.Server.Hosting;

namespace Confab.Server.Operations;

/// <summary>What looks at everything: health, drain, figures and the description of the API.</summary>
internal static class OperationsSetup
{
    public static void AddOperations(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<OperatorsPaths>();
        services.AddSingleton<Health>();
        services.AddExceptionHandler<StorageFailures>();
        services.AddExceptionHandler<RequestFailures>();
        services.AddApiDocs();
        services.AddHostedService<Drain>();
    }

    /// <summary>Before everything that is mapped.</summary>
    public static void UseOperations(this WebApplication app) => app.Use(app.Services.GetRequiredService<OperatorsPaths>().Guard);

    public static void MapOperations(this WebApplication app)
    {
        app.UseRouting(); // here, since what was done to the path is to count
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRateLimiter();
        app.MapHealth();
        app.MapApiDocs();
        app.MapPrometheusScrapingEndpoint("/metrics").Requires(Operation.Operate);
    }
}
