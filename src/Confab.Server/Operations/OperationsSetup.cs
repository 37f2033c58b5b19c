using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Confab.Server.Operations;

internal static class OperationsSetup
{
    /// <summary>The policy for requests that change something.</summary>
    public const string Writes = "writes";

    /// <summary>TCP connections beyond those of WebSockets: what asks over HTTP, and what has not asked yet. One more is closed at once.</summary>
    private const int HttpConnections = 1024;

    public static void AddOperations(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        var options = OptionRules.Read(builder.Configuration.GetSection(ServerOptions.Section));
        CheckAccess(builder.Configuration, options);
        services.AddSingleton(options);
        services.AddSingleton<Metrics>();
        services.AddSingleton<Health>();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Problems.AddCode);
        services.AddExceptionHandler<StorageFailures>();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.PropertyNameCaseInsensitive = false;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.AllowDuplicateProperties = false;
        });
        services.AddApiDocs();
        services.AddHostedService<Drain>();
        services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("confab")).WithMetrics(metrics => metrics
            .AddMeter(Metrics.MeterName, "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Hosting", "System.Runtime")
            .AddPrometheusExporter());
        services.AddRateLimiter(limiter => limiter.AddPolicy(Writes, PerAddress));
        services.Configure<RateLimiterOptions>(limiter => limiter.OnRejected = Reject);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(9));

        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
            kestrel.Limits.MaxRequestBodySize = 256 * 1024;
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections > 0 ? options.MaxConnections + HttpConnections : null;
        });
        if (builder.Configuration["urls"] is null && Listening.Urls(builder.Configuration) is [Listening.DefaultUrl])
            builder.WebHost.UseUrls(Listening.DefaultUrl);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.Hosting", LogLevel.Warning);
    }

    public static void MapOperations(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRateLimiter();
        app.MapHealth();
        app.MapApiDocs();
        app.MapPrometheusScrapingEndpoint("/metrics");
    }

    // Whoever reaches an open server may read and write everything: that must be meant.
    private static void CheckAccess(ConfigurationManager configuration, ServerOptions options)
    {
        if (Listening.IsLoopbackOnly(configuration))
            return;
        if (options.Access != Access.Open)
            throw new RefusedToStartException("Confab has no accounts yet: whoever reaches it may read and write everything. To listen beyond this machine all the same, say --access open.");
        if (options.RateLimits == "off")
            throw new RefusedToStartException("--limits off is for benchmarks, on this machine only: the server would listen beyond it.");
    }

    private static RateLimitPartition<string> PerAddress(HttpContext http)
    {
        var perSecond = http.RequestServices.GetRequiredService<ServerOptions>().WritesPerSecondPerAddress;
        var address = ClientAddress.Of(http).ToString();
        return perSecond == 0
            ? RateLimitPartition.GetNoLimiter(address)
            : RateLimitPartition.GetTokenBucketLimiter(address, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = perSecond * 2,
                TokensPerPeriod = perSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            });
    }

    private static async ValueTask Reject(OnRejectedContext context, CancellationToken cancel)
    {
        context.HttpContext.Response.Headers.RetryAfter = "1";
        await Problems.Of(new(Protocol.RefusalCode.RateLimited, "Too many changes in a short time.", RetryAfterMs: 1000)).ExecuteAsync(context.HttpContext);
    }
}
