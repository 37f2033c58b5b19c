using System.Net;
using Confab.Protocol;

namespace Confab.Server.Hosting;

/// <summary>What is counted of an address.</summary>
internal enum Rate
{
    Messages,
    Joins,
    Uploads,
    Rooms,
    RoomsOfDay,
}

/// <summary>
/// How fast an address may ask for what costs, over all of its connections and requests: connecting anew brings no new tokens. Addresses are as
/// <see cref="ClientAddress"/> counts them.
/// </summary>
internal sealed class AddressRates(ServerOptions options, TimeProvider time)
{
    /// <summary>Addresses that are kept, some 250 bytes each. When there are more, those are forgotten that have all their tokens and no connection; while there are none, new ones share a budget.</summary>
    private const int MaxAddresses = 65_536;

    private readonly Dictionary<IPAddress, AddressRate> _addresses = [];
    private readonly AddressRate _shared = new(Budgets(options), time);
    private long _sweptAt;

    /// <summary>The budget of an address.</summary>
    /// <param name="address">Whose.</param>
    /// <param name="holds">Whether a connection is to hold it, until <see cref="AddressRate.Release"/>.</param>
    public AddressRate Of(IPAddress address, bool holds = false)
    {
        lock (_addresses)
        {
            if (!_addresses.TryGetValue(address, out var rate))
            {
                if (_addresses.Count >= MaxAddresses)
                    Sweep();
                rate = _addresses.Count < MaxAddresses ? new AddressRate(_shared.Budgets, time) : _shared;
                if (rate != _shared)
                    _addresses.Add(address, rate);
            }

            if (holds)
                rate.Hold();
            return rate;
        }
    }

    // At most once a second, however many come.
    private void Sweep()
    {
        if (_sweptAt != 0 && time.GetElapsedTime(_sweptAt) < TimeSpan.FromSeconds(1))
            return;
        _sweptAt = time.GetTimestamp();
        foreach (var (address, rate) in _addresses)
        {
            if (rate.IsIdle)
                _addresses.Remove(address);
        }
    }

    // In the order of Rate. A budget without growth is none.
    private static Budget[] Budgets(ServerOptions options)
    {
        var (limits, times) = (options.Limits, options.RatesPerAddress);
        return
        [
            new(limits.MessagesPerSecond * times, limits.MessageBurst * times, "Too many changes in a short time."),
            new(limits.JoinsPerSecond * times, limits.JoinBurst * times, "Too many joins in a short time."),
            new(options.Files.UploadsPerMinute / 60.0, options.Files.UploadsPerMinute, "Too many uploads in a short time."),
            new(options.RoomsPerDayPerAddress / 3600.0, Math.Max(options.RoomsPerDayPerAddress / 10, 1), "Too many new rooms in a short time."),
            new(options.RoomsPerDayPerAddress / 86_400.0, options.RoomsPerDayPerAddress, "Too many new rooms in a day."),
        ];
    }
}

/// <summary>What grows in a second, how much there is at most, and how a request is refused that finds nothing.</summary>
internal readonly record struct Budget(double PerSecond, int Burst, string Refusal);

/// <summary>The budget of one address, shared by all that come from it; later that of an account.</summary>
internal sealed class AddressRate(Budget[] budgets, TimeProvider time) : IAllowance
{
    private readonly RateLimit[] _limits = new RateLimit[budgets.Length];
    private int _held;

    public Budget[] Budgets => budgets;

    /// <summary>Whether it may be forgotten: nobody holds it, and a new one would have no more.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_limits)
            {
                if (Volatile.Read(ref _held) > 0)
                    return false;
                var now = time.GetTimestamp();
                for (var i = 0; i < _limits.Length; i++)
                {
                    if (!_limits[i].IsFull(time, now, budgets[i].PerSecond))
                        return false;
                }

                return true;
            }
        }
    }

    public void Hold() => Interlocked.Increment(ref _held);

    public void Release() => Interlocked.Decrement(ref _held);

    public Refusal Take(Rate rate)
    {
        var budget = budgets[(int)rate];
        if (budget.PerSecond == 0)
            return default;
        lock (_limits)
        {
            return _limits[(int)rate].TryTake(time, time.GetTimestamp(), budget.PerSecond, budget.Burst, out var retryAfterMs)
                ? default
                : new(RefusalCode.RateLimited, budget.Refusal, retryAfterMs);
        }
    }
}
