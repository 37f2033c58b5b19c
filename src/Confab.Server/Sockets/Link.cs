namespace Confab.Server.Sockets;

/// <summary>
/// The bytes of one connection, as its event loop sees them: nothing here waits. When something was not ready, the loop is told once it is.
/// </summary>
internal interface ILink
{
    /// <summary>Takes received bytes: how many, 0 when there are none yet, -1 when the peer is gone.</summary>
    int Receive(Span<byte> buffer);

    /// <summary>Hands bytes over to be sent: how many were taken, 0 when none can be now, -1 when the peer is gone.</summary>
    int Send(ReadOnlySpan<byte> bytes);

    /// <summary>How many of the bytes that were taken the peer has not confirmed; null where nobody knows.</summary>
    int? Unconfirmed => null;

    /// <summary>What the loop wants to be told of.</summary>
    void Want(bool read, bool write);

    /// <summary>Ends our direction and goes on receiving; false where that cannot be.</summary>
    bool EndSending();

    /// <summary>Ends the connection at once and frees what it holds. May be called again.</summary>
    void Close();
}

/// <summary>What is told that a link is ready; called on the loop's thread.</summary>
internal interface IReady
{
    void OnReady(bool readable, bool writable);
}
