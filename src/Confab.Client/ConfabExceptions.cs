using Confab.Protocol;

namespace Confab.Client;

/// <summary>The server refused, and stored nothing.</summary>
public sealed class ConfabRefusedException : Exception
{
    /// <param name="code">Why.</param>
    /// <param name="message">The reason as a sentence.</param>
    /// <param name="retryAfter">The time after which a retry may succeed; null if waiting does not help.</param>
    public ConfabRefusedException(RefusalCode code, string message, TimeSpan? retryAfter = null)
        : base($"{code.Name()}: {message}")
    {
        Code = code;
        RetryAfter = retryAfter;
    }

    /// <summary>Why; <see cref="RefusalCode.Internal"/> for a code of a later version.</summary>
    public RefusalCode Code { get; }

    /// <summary>The time after which a retry may succeed; null if waiting does not help.</summary>
    public TimeSpan? RetryAfter { get; }

    internal static ConfabRefusedException From(ErrorFrame error)
    {
        RefusalCodes.TryParse(error.Code, out var code);
        return new(code, error.Message, error.RetryAfterMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null);
    }
}

/// <summary>The connection failed.</summary>
public sealed class ConfabConnectionException : Exception
{
    internal ConfabConnectionException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>The close code of the server (RFC 6455 §7.4); null when it closed with none.</summary>
    public int? CloseCode { get; internal init; }

    /// <summary>The status of the refused handshake; 0 when there was no answer.</summary>
    public int HttpStatus { get; internal init; }

    /// <summary>Whether connecting again would fail the same way. If not, you can try again.</summary>
    public bool IsPermanent { get; internal init; }

    /// <summary>How long the server asks the client to wait.</summary>
    internal TimeSpan RetryAfter { get; private init; }

    internal ConfabConnectionException After(TimeSpan wait) =>
        new(Message, InnerException) { CloseCode = CloseCode, HttpStatus = HttpStatus, IsPermanent = IsPermanent, RetryAfter = wait };
}
