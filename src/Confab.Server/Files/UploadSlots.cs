using System.Net;
using Confab.Server.Hosting;

namespace Confab.Server.Files;

/// <summary>
/// How many uploads there may be at a time: each holds a file on the disk, and may wait for its thumbnail. One address has a quarter of the
/// places at most, or a single slow client could keep everybody from uploading.
/// </summary>
internal sealed class UploadSlots(ServerOptions options)
{
    private readonly Dictionary<IPAddress, int> _taken = [];
    private int _all;

    /// <summary>Takes a place until it is disposed of; null when there is none.</summary>
    public IDisposable? TryTake(IPAddress address)
    {
        lock (_taken)
        {
            var own = _taken.GetValueOrDefault(address);
            if (_all >= options.Files.MaxUploads || own >= Math.Max(options.Files.MaxUploads / 4, 1))
                return null;
            _all++;
            _taken[address] = own + 1;
            return new Slot(this, address);
        }
    }

    private void GiveBack(IPAddress address)
    {
        lock (_taken)
        {
            _all--;
            if (--_taken[address] == 0)
                _taken.Remove(address);
        }
    }

    private sealed class Slot(UploadSlots slots, IPAddress address) : IDisposable
    {
        public void Dispose() => slots.GiveBack(address);
    }
}
