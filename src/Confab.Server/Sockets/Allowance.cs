using Confab.Protocol;
using Confab.Server.Hosting;

namespace Confab.Server.Sockets;

/// <summary>What a connection may ask for in a time: of its own, and with all others that come from its address.</summary>
internal sealed class Allowance(EventLoop loop, AddressRate address) : IAllowance
{
    private RateLimit _changes, _joins, _typing, _controlFrames;

    public Refusal Take(Rate rate)
    {
        var limits = loop.Services.Options.Limits;
        var retryAfterMs = 0;
        var (isThere, tooMany) = rate switch
        {
            Rate.Messages => (Takes(ref _changes, limits.MessagesPerSecond, limits.MessageBurst, out retryAfterMs), "Too many changes in a short time."),
            Rate.Joins => (Takes(ref _joins, limits.JoinsPerSecond, limits.JoinBurst, out retryAfterMs), "Too many joins in a short time."),
            _ => throw new ArgumentOutOfRangeException(nameof(rate), rate, "A connection does not ask for that."),
        };
        return isThere ? address.Take(rate) : new(RefusalCode.RateLimited, tooMany, retryAfterMs);
    }

    /// <summary>Whether it may show once more that somebody is typing.</summary>
    public bool TakesTyping() => Takes(ref _typing, loop.Services.Options.Limits.TypingPerSecond, loop.Services.Options.Limits.TypingPerSecond, out _);

    /// <summary>Whether it may send another ping or pong.</summary>
    public bool TakesControlFrame() => Takes(ref _controlFrames, loop.Services.Options.ControlFrames / 10.0, loop.Services.Options.ControlFrames, out _);

    // What does not grow is not limited.
    private bool Takes(ref RateLimit limit, double perSecond, int burst, out int retryAfterMs)
    {
        retryAfterMs = 0;
        return perSecond == 0 || limit.TryTake(loop.Services.Time, loop.Now, perSecond, burst, out retryAfterMs);
    }
}
