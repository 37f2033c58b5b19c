namespace Confab.Protocol;

/// <summary>A room in its present state, as spans that belong to whoever made the view.</summary>
public ref struct RoomView
{
    public ReadOnlySpan<byte> Name;
    public ReadOnlySpan<byte> Topic;

    /// <summary>The messages that are pinned, in the order in which they were.</summary>
    public ReadOnlySpan<long> Pins;

    /// <summary>Whether it can be read only.</summary>
    public bool IsArchived;
}
