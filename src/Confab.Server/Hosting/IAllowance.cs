using Confab.Protocol;

namespace Confab.Server.Hosting;

/// <summary>What somebody may ask for in a time: of an address, or of a connection and its address.</summary>
internal interface IAllowance
{
    /// <summary>Takes one of something, or refuses with the time after which there will be one.</summary>
    Refusal Take(Rate rate);
}
