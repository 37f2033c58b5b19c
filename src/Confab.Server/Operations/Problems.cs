using Confab.Protocol;

namespace Confab.Server.Operations;

/// <summary>Refusals as problem details (RFC 9457), with the codes of the WebSocket protocol.</summary>
internal static class Problems
{
    public static IResult Of(Refusal refusal)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = refusal.Code.Name() };
        if (refusal.RetryAfterMs > 0)
            extensions["retry_after_ms"] = refusal.RetryAfterMs;
        return Results.Problem(refusal.Message, statusCode: Status(refusal.Code), extensions: extensions);
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
}
