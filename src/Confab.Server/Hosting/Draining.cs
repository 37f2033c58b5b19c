namespace Confab.Server.Hosting;

/// <summary>Whether the server is about to stop: it lets nobody in any more, and whoever balances load looks elsewhere.</summary>
internal sealed class Draining
{
    public bool IsOn { get; set; }
}
