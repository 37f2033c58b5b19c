using System.Collections.Concurrent;
using System.Net;

namespace Confab.Server.Hosting;

/// <summary>How many each address has of something, up to a bound; 0 is none. Addresses are given as <see cref="ClientAddress"/> counts them.</summary>
internal sealed class AddressCounts(int max)
{
    private readonly ConcurrentDictionary<IPAddress, int> _counts = new();

    /// <summary>Takes one more; false when the address has as many as it may.</summary>
    public bool TryEnter(IPAddress address)
    {
        if (_counts.AddOrUpdate(address, 1, (_, count) => count + 1) <= max || max == 0)
            return true;
        Leave(address);
        return false;
    }

    public void Leave(IPAddress address)
    {
        if (_counts.AddOrUpdate(address, 0, (_, count) => count - 1) <= 0)
            _counts.TryRemove(new KeyValuePair<IPAddress, int>(address, 0));
    }
}
