using Confab.Protocol;
using Microsoft.AspNetCore.Http.Features;

namespace Confab.Server.Hosting;

/// <summary>Refusals as problem details (RFC 9457), with the codes of the WebSocket protocol.</summary>
internal static class Problems
{
    public static IResult Of(Refusal refusal)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = refusal.Code.Name() };
        if (refusal.RetryAfterMs > 0)
            extensions["retry_after_ms"] = refusal.RetryAfterMs;
        var problem = Results.Problem(refusal.Message, statusCode: Status(refusal.Code), extensions: extensions);
        return refusal.RetryAfterMs > 0 ? new ForNow(problem, refusal.RetryAfterMs) : problem;
    }

    /// <summary>Answers in place of an endpoint.</summary>
    public static Task Refuse(HttpContext http, Refusal refusal)
    {
        if ((http.Request.ContentLength ?? long.MaxValue) > HostingSetup.BodyBytes && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false)
            LeaveBody(http);
        return Of(refusal).ExecuteAsync(http);
    }

    /// <summary>The rest of a request's body is not waited for.</summary>
    public static void LeaveBody(HttpContext http)
    {
        if (HttpProtocol.IsHttp11(http.Request.Protocol))
            http.Response.Headers.Connection = "close";
    }

    /// <summary>Gives a code to what the platform itself refuses: a body that is not JSON, a path that leads nowhere.</summary>
    public static void AddCode(ProblemDetailsContext context)
    {
        context.ProblemDetails.Extensions.TryAdd("code", (context.HttpContext.Response.StatusCode switch
        {
            StatusCodes.Status401Unauthorized => RefusalCode.Unauthenticated,
            StatusCodes.Status403Forbidden => RefusalCode.Forbidden,
            StatusCodes.Status404NotFound => RefusalCode.NotFound,
            StatusCodes.Status408RequestTimeout => RefusalCode.Unavailable,
            StatusCodes.Status413PayloadTooLarge => RefusalCode.TooLong,
            StatusCodes.Status429TooManyRequests => RefusalCode.RateLimited,
            StatusCodes.Status503ServiceUnavailable => RefusalCode.Unavailable,
            >= 500 => RefusalCode.Internal,
            _ => RefusalCode.BadRequest,
        }).Name());
        // As the naming policy of the API's JSON writes it.
        context.ProblemDetails.Extensions.Remove("trace_id");
    }

    private static int Status(RefusalCode code) => code switch
    {
        RefusalCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        RefusalCode.Forbidden => StatusCodes.Status403Forbidden,
        RefusalCode.NotFound => StatusCodes.Status404NotFound,
        RefusalCode.TooLong => StatusCodes.Status413PayloadTooLarge,
        RefusalCode.Conflict => StatusCodes.Status409Conflict,
        RefusalCode.RateLimited => StatusCodes.Status429TooManyRequests,
        RefusalCode.StorageUnavailable or RefusalCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        RefusalCode.Internal => StatusCodes.Status500InternalServerError,
        _ => StatusCodes.Status400BadRequest,
    };

    /// <summary>Waiting helps (RFC 9110 §10.2.3).</summary>
    private sealed class ForNow(IResult problem, int retryAfterMs) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = ((retryAfterMs + 999L) / 1000).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return problem.ExecuteAsync(httpContext);
        }
    }
}
