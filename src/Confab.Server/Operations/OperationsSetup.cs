using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
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
        services.AddOptions<ServerOptions>().BindConfiguration(ServerOptions.Section).PostConfigure(AnnounceFileLimits).Validate(Validate, "An option of the section Confab is out of range.").ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<ServerOptions>>().Value);
        services.AddSingleton<Metrics>();
        services.AddSingleton<Health>();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Problems.AddCode);
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
        });
        services.AddOptions<KestrelServerOptions>().Configure<ServerOptions>((kestrel, options) =>
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections > 0 ? options.MaxConnections + HttpConnections : null);
        if (builder.Configuration["urls"] is null && Listening.Urls(builder.Configuration) is [Listening.DefaultUrl])
            builder.WebHost.UseUrls(Listening.DefaultUrl);
        Check(builder.Configuration);
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
    private static void Check(ConfigurationManager configuration)
    {
        var loopbackOnly = Listening.IsLoopbackOnly(configuration);
        var section = configuration.GetSection(ServerOptions.Section);
        if (!loopbackOnly && !string.Equals(section["Access"], nameof(Access.Open), StringComparison.OrdinalIgnoreCase))
            throw new RefusedToStartException("Confab has no accounts yet: whoever reaches it may read and write everything. To listen beyond this machine all the same, say --access open.");

        switch (section["RateLimits"])
        {
            case null or "on":
                break;
            case "off" when loopbackOnly:
                section["Limits:MessagesPerSecond"] = "0";
                section["Limits:TypingPerSecond"] = "0";
                section["JoinsPerSecond"] = "0";
                section["ConnectionsPerAddress"] = "0";
                section["WritesPerSecondPerAddress"] = "0";
                section["ControlFrames"] = "0";
                break;
            case "off":
                throw new RefusedToStartException("--limits off is for benchmarks, on this machine only: the server would listen beyond it.");
            default:
                throw new RefusedToStartException("--limits is on or off.");
        }
    }

    private static bool Validate(ServerOptions options) =>
        options is { TailBytesPerRoom: >= 0, TailBytes: >= 0, ReplyBytes: > 0, ChangesPerConnection: > 0, QueueChanges: > 0, QueueBytes: > 0, Readers: > 0, Loops: >= 0 } &&
        options is { StallSeconds: > 0, CloseSeconds: > 0, FrameSeconds: > 0, Fragments: > 0, ReconnectSpreadMs: >= 0, Transport: "auto" or "kestrel", Name.Length: > 0 and <= 64 } &&
        options.Limits is { FrameBytes: >= 1024 and <= 64 * 1024, ContentBytes: > 0, JsonDepth: > 0, RoomsPerConnection: > 0, History: > 0 } &&
        options.Limits is { PingSeconds: > 0, SilenceSeconds: > 0, RoomNameChars: > 0, UsernameChars: > 0, IdChars: > 0, EmojiChars: > 0 } &&
        options.Files is { MaxBytes: > 0, MaxPerMessage: > 0 and <= 100, MaxPixels: > 0, UnattachedHours: > 0, UploadSeconds: > 0, MaxUploads: > 0 } &&
        int.IsPow2(Math.Max(options.TailBytesPerRoom, 1));

    // A client learns them from `hello`, like every other limit.
    private static void AnnounceFileLimits(ServerOptions options) =>
        options.Limits = options.Limits with { FileBytes = options.Files.MaxBytes, FilesPerMessage = options.Files.MaxPerMessage };

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
