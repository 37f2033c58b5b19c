using System.Net;
using Confab.Server.Hosting;

namespace Confab.Tests.Operations;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:3::")]
    public void An_address_counts_as_itself_and_in_IPv6_as_its_network(string address, string counted) =>
        Assert.Equal(IPAddress.Parse(counted), ClientAddress.Counted(IPAddress.Parse(address)));
}
