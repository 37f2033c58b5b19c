namespace Confab.Server.Sockets;

/// <summary>A token bucket in sixteen bytes; a connection has several, and connections are many.</summary>
internal struct RateLimit
{
    private double _spent;
    private long _at;

    /// <summary>Takes one token, or tells in how many milliseconds there will be one.</summary>
    /// <param name="loop">Whose clock counts.</param>
    /// <param name="perSecond">How many tokens grow in a second.</param>
    /// <param name="burst">How many there are at most.</param>
    /// <param name="retryAfterMs">At least 1 when there was none.</param>
    public bool TryTake(EventLoop loop, double perSecond, int burst, out int retryAfterMs)
    {
        if (_at != 0)
            _spent = Math.Max(0, _spent - (loop.Since(_at).TotalSeconds * perSecond));
        _at = loop.Now;
        if (_spent + 1 <= burst)
        {
            _spent++;
            retryAfterMs = 0;
            return true;
        }

        retryAfterMs = Math.Max(1, (int)Math.Ceiling((_spent + 1 - burst) / perSecond * 1000));
        return false;
    }
}
