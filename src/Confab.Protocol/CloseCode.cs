namespace Confab.Protocol;

/// <summary>The close codes of RFC 6455 §7.4.1 and of its registry that Confab sends, and what a client does next.</summary>
public enum CloseCode : ushort
{
    /// <summary>Both sides are done. Do not reconnect.</summary>
    Normal = 1000,

    /// <summary>The peer goes away. Reconnect when wanted.</summary>
    GoingAway = 1001,

    /// <summary>Broken framing (RFC 6455 §5). Do not reconnect before the client is mended.</summary>
    ProtocolError = 1002,

    /// <summary>A binary frame: Confab speaks text only. Do not reconnect before the client is mended.</summary>
    UnsupportedData = 1003,

    /// <summary>Text that is not UTF-8 (RFC 6455 §8.1). Do not reconnect before the client is mended.</summary>
    InvalidPayload = 1007,

    /// <summary>A flood, three malformed frames in a row, or access was revoked. Reconnect at most once, after a minute.</summary>
    PolicyViolation = 1008,

    /// <summary>A message over the frame limit of <see cref="Limits.FrameBytes"/>. Reconnect, but do not send it again.</summary>
    TooBig = 1009,

    /// <summary>The server restarts. Reconnect after the <c>retry_after_ms</c> of the <c>closing</c> frame.</summary>
    ServiceRestart = 1012,

    /// <summary>Overloaded, or the log cannot be read now. Reconnect with backoff and resume by <c>seq</c>.</summary>
    TryAgainLater = 1013,
}
