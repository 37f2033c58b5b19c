using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Confab.Server.Hosting;

/// <summary>What everybody stands on: options, clock, figures, and what is asked of every request first.</summary>
internal static class HostingSetup
{
    /// <summary>The policy for requests that change something.</summary>
    public const string Writes = "writes";

    /// <summary>Bytes of a request's body, but for uploads.</summary>
    public const int BodyBytes = 256 * 1024;

    /// <summary>TCP connections beyond those of WebSockets: what asks over HTTP, and what has not asked yet. One more is closed at once.</summary>
    private const int HttpConnections = 1024;

    public static void AddHosting(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        var options = OptionRules.Read(builder.Configuration.GetSection(ServerOptions.Section));
        var listening = new Listening(builder.Configuration, options);
        var proxies = new Proxies(options);
        CheckAccess(listening, options);
        services.AddSingleton(options);
        services.AddSingleton(listening);
        services.AddSingleton(proxies);
        services.AddSingleton<Hosts>();
        services.AddSingleton<Metrics>();
        services.AddSingleton<AddressRates>();
        services.AddSingleton<Draining>();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Problems.AddCode);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.PropertyNameCaseInsensitive = false;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.AllowDuplicateProperties = false;
        });
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
            kestrel.Limits.MaxRequestBodySize = BodyBytes;
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections > 0 ? options.MaxConnections + HttpConnections : null;
        });
        if (listening.Urls.Length > 0)
            builder.WebHost.UseUrls(listening.Urls);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.Hosting", LogLevel.Warning);
    }

    /// <summary>Who asks, by which name, and for what: before everything that is mapped.</summary>
    public static void UseHosting(this WebApplication app)
    {
        var services = app.Services;
        // Before a proxy is believed, too: a page of a rebound name may set a proxy's headers on what it asks, and its browser is on this machine.
        app.Use(services.GetRequiredService<Hosts>().Guard);
        services.GetRequiredService<Proxies>().Use(app);
        app.UsePathBase(services.GetRequiredService<ServerOptions>().Path);
        app.Use(services.GetRequiredService<Hosts>().Guard);
        app.Use(AnswerHead);
    }

    // Whoever reaches an open server may read and write everything: that must be meant.
    private static void CheckAccess(Listening listening, ServerOptions options)
    {
        if (listening.IsLoopbackOnly)
            return;
        if (options.Access != AccessMode.Open)
            throw new RefusedToStartException("Confab has no accounts yet: anybody who can reach it can read and write everything. To listen beyond this machine anyway, add --access open.");
        if (options.RateLimits == "off")
            throw new RefusedToStartException("--limits off is allowed on loopback only, for benchmarks; --urls would listen beyond this machine.");
    }

    // RFC 9110 §9.3.2: HEAD is what GET would say, without its body, which the server leaves out by itself. Files and the handshake answer it themselves.
    private static Task AnswerHead(HttpContext http, RequestDelegate next)
    {
        var path = http.Request.Path;
        if (HttpMethods.IsHead(http.Request.Method) && !path.StartsWithSegments("/api/files") && !path.StartsWithSegments("/chat"))
            http.Request.Method = HttpMethods.Get;
        return next(http);
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
        await Problems.Of(new(Confab.Protocol.RefusalCode.RateLimited, "Too many changes in a short time.", RetryAfterMs: 1000)).ExecuteAsync(context.HttpContext);
    }
}
