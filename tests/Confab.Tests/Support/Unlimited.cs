using Confab.Server.Hosting;

namespace Confab.Tests.Support;

/// <summary>An address that may ask for anything, for connections that tests make by hand.</summary>
internal static class Unlimited
{
    public static AddressRate Rate { get; } = new([.. Enum.GetValues<Rate>().Select(_ => default(Budget))], TimeProvider.System);
}
