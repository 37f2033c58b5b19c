namespace Confab.Server.Hosting;

/// <summary>A token bucket in sixteen bytes; a connection has several, and connections are many.</summary>
internal struct RateLimit
{
    private double _spent;
    private long _at;

    /// <summary>Takes one token, or tells in how many milliseconds there will be one.</summary>
    /// <param name="time">Whose clock counts.</param>
    /// <param name="now">Its time stamp of now.</param>
    /// <param name="perSecond">How many tokens grow in a second.</param>
    /// <param name="burst">How many there are at most.</param>
    /// <param name="retryAfterMs">At least 1 when there was none.</param>
    public bool TryTake(TimeProvider time, long now, double perSecond, int burst, out int retryAfterMs)
    {
        Grow(time, now, perSecond);
        if (_spent + 1 <= burst)
        {
            _spent++;
            retryAfterMs = 0;
            return true;
        }

        retryAfterMs = (int)Math.Clamp(Math.Ceiling((_spent + 1 - burst) / perSecond * 1000), 1, int.MaxValue);
        return false;
    }

    /// <summary>Whether nothing is spent that did not grow again.</summary>
    public bool IsFull(TimeProvider time, long now, double perSecond)
    {
        Grow(time, now, perSecond);
        return _spent == 0;
    }

    private void Grow(TimeProvider time, long now, double perSecond)
    {
        // Threads that share a bucket may be a moment apart.
        if (_at != 0 && now > _at)
            _spent = Math.Max(0, _spent - (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = Math.Max(_at, now);
    }
}
