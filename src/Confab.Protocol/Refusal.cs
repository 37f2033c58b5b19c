namespace Confab.Protocol;

/// <summary>Why something was refused. The names on the wire are stable; see <see cref="RefusalCodes"/>.</summary>
public enum RefusalCode : byte
{
    None,
    BadJson,
    BadRequest,
    UnknownType,
    Unauthenticated,
    Forbidden,
    NotFound,
    TooLong,
    Empty,
    Conflict,
    RateLimited,
    StorageUnavailable,
    Unavailable,
    Internal,
}

/// <summary>A refusal as a value: the code a program acts on, and a sentence for whoever reads it. Nothing was stored.</summary>
/// <param name="Code">The stable code; <see cref="RefusalCode.None"/> means that nothing was refused.</param>
/// <param name="Message">One English sentence. It may change between versions.</param>
/// <param name="RetryAfterMs">Milliseconds after which the same request may succeed; 0 when waiting does not help.</param>
public readonly record struct Refusal(RefusalCode Code, string Message, int RetryAfterMs = 0)
{
    public bool IsRefused => Code != RefusalCode.None;
}

/// <summary>The refusal codes as they are written on the wire.</summary>
public static class RefusalCodes
{
    private static readonly string[] s_names =
    [
        "none", "bad_json", "bad_request", "unknown_type", "unauthenticated", "forbidden", "not_found", "too_long", "empty",
        "conflict", "rate_limited", "storage_unavailable", "unavailable", "internal",
    ];

    public static string Name(this RefusalCode code) => s_names[(int)code];

    /// <summary>The code of that name; false for a name this version does not know.</summary>
    public static bool TryParse(string? name, out RefusalCode code)
    {
        var index = Array.IndexOf(s_names, name);
        code = index < 0 ? RefusalCode.Internal : (RefusalCode)index;
        return index > 0;
    }
}
