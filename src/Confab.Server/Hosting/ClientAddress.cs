using System.Net;
using System.Net.Sockets;

namespace Confab.Server.Hosting;

/// <summary>Who is counted as one when something is limited by address.</summary>
internal static class ClientAddress
{
    private const int NetworkBytes = 8;

    public static IPAddress Of(HttpContext http) => Counted(http.Connection.RemoteIpAddress ?? IPAddress.None);

    /// <summary>An IPv4 address as it is; of an IPv6 address the /64, which is the least that one network gets (RFC 6177 §2).</summary>
    public static IPAddress Counted(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, NetworkBytes, bytes.Length - NetworkBytes);
        return new IPAddress(bytes);
    }
}
