using Confab.Protocol;

namespace Confab.Client;

/// <summary>Decides whether to reconnect, and how long to wait before. Belongs to the client's loop.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max)
{
    private static readonly TimeSpan s_afterPolicy = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(10);

    private int _failures;
    private bool _wasWarned;

    /// <summary>The wait before the next attempt; null when there must not be one.</summary>
    public TimeSpan? After(ConfabConnectionException end)
    {
        if (end.IsPermanent)
            return null;
        switch ((CloseCode?)end.CloseCode)
        {
            case CloseCode.Normal or CloseCode.ProtocolError or CloseCode.UnsupportedData or CloseCode.InvalidPayload:
                return null;
            case CloseCode.PolicyViolation when _wasWarned:
                return null;
            case CloseCode.PolicyViolation:
                _wasWarned = true;
                return s_afterPolicy;
            default:
                return end.RetryAfter + Next();
        }
    }

    /// <summary>A connection is over that lasted so long. One that broke at once counts as a failure to connect, or a server that takes connections and drops them would be hammered.</summary>
    public void Lasted(TimeSpan time)
    {
        if (time >= s_stable)
            _failures = 0;
    }

    // Half of it is fixed, so that nobody hammers; the other half is drawn, so that those who were cut off together do not return together.
    private TimeSpan Next()
    {
        var doubled = min * Math.Pow(2, Math.Min(_failures++, 30));
        return (doubled < max ? doubled : max) * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
