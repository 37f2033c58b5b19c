using System.Text;
using Confab.Server.Storage;

namespace Confab.Tests.Support;

/// <summary>A room that nobody listens to.</summary>
internal sealed class QuietRoom(long id, string name) : StoredRoom(id, Encoding.UTF8.GetBytes(name))
{
    public override void Append(long seq, ReadOnlySpan<byte> frame)
    {
    }

    public override void Ring(long head)
    {
    }
}

/// <summary>Waits for no outcome.</summary>
internal sealed class Nobody : IChangeOwner
{
    public static readonly Nobody Instance = new();

    public void Done(Change change)
    {
    }
}
