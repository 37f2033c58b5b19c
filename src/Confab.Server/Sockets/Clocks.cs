using Confab.Server.Hosting;

namespace Confab.Server.Sockets;

/// <summary>What the clock asks for.</summary>
internal enum Due
{
    Nothing,

    /// <summary>Our close was not answered.</summary>
    Unanswered,

    /// <summary>It takes nothing.</summary>
    Stalled,

    /// <summary>Nothing is heard of it.</summary>
    Silent,

    /// <summary>A message that it began does not end.</summary>
    Slow,

    /// <summary>It is asked whether it is there.</summary>
    Ping,
}

/// <summary>When a connection did what it may take its time for, in <see cref="EventLoop.Seconds"/>. Connections are many: it is part of each.</summary>
internal struct Clocks(int now)
{
    private int _heardAt = now;
    private int _pingedAt = now;
    private int _blockedAt;
    private int? _unconfirmed;
    private int _messageAt;
    private int _closedAt;

    public void Heard(int now) => _heardAt = now;

    public void MessageBegins(int now) => _messageAt = now;

    public void Closes(int now) => _closedAt = now;

    public void Blocks(int now) => (_blockedAt, _unconfirmed) = (now, null);

    /// <summary>It is not read: it is neither silent nor slow.</summary>
    public void Excuse(int now) => _heardAt = _messageAt = now;

    /// <summary>How many bytes a blocked one has not confirmed. It takes bytes again only once tens of thousands were taken from it: who takes a few at a time is slow, not stalled.</summary>
    public void Confirmed(int? unconfirmed, int now)
    {
        if (unconfirmed < _unconfirmed)
            _blockedAt = now;
        _unconfirmed = unconfirmed;
    }

    public Due DueAt(int now, bool isClosing, bool isBlocked, bool isInMessage, ServerOptions options)
    {
        if (isClosing && HasPassed(options.CloseSeconds, _closedAt, now))
            return Due.Unanswered;
        if (isBlocked && HasPassed(options.StallSeconds, _blockedAt, now))
            return Due.Stalled;
        if (HasPassed(options.Limits.SilenceSeconds, _heardAt, now))
            return Due.Silent;
        if (isInMessage && HasPassed(options.FrameSeconds, _messageAt, now))
            return Due.Slow;
        if (isClosing || now - _pingedAt < options.Limits.PingSeconds)
            return Due.Nothing;
        _pingedAt = now;
        return Due.Ping;
    }

    // One more than asked for: the first of them had begun before.
    private static bool HasPassed(int seconds, int since, int now) => now - since > seconds;
}
