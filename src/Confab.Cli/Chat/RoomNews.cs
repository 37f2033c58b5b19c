namespace Confab.Cli.Chat;

/// <summary>What a change of the room brought.</summary>
/// <param name="Topic">The new topic; null if it is the one it was.</param>
/// <param name="Pinned">Messages that are pinned now, and were not.</param>
/// <param name="Unpinned">Messages that were pinned, and are not now.</param>
/// <param name="Archived">Whether the room is archived now; null if that did not change.</param>
internal sealed record RoomNews(string? Topic, IReadOnlyList<long> Pinned, IReadOnlyList<long> Unpinned, bool? Archived)
{
    public static readonly RoomNews None = new(null, [], [], null);
}
