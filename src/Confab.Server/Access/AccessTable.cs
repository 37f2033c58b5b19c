namespace Confab.Server.Access;

/// <summary>Who may what. What has no row throws.</summary>
internal static class AccessTable
{
    // While access is open, guests may do whatever people do.
    private static readonly Dictionary<Operation, ActorKind[]> s_rows = new()
    {
        [Operation.Connect] = [ActorKind.Guest],
        [Operation.SeePage] = [ActorKind.Guest],
        [Operation.Operate] = [ActorKind.Guest],
        [Operation.ListRooms] = [ActorKind.Guest, ActorKind.System],
        [Operation.CreateRoom] = [ActorKind.Guest],
        [Operation.ReadRoom] = [ActorKind.Guest, ActorKind.System],
        [Operation.ShowTyping] = [ActorKind.Guest],
        [Operation.MarkRead] = [ActorKind.Guest],
        [Operation.PostMessage] = [ActorKind.Guest],
        [Operation.EditMessage] = [ActorKind.Guest],
        [Operation.DeleteMessage] = [ActorKind.Guest],
        [Operation.React] = [ActorKind.Guest],
        [Operation.PinMessage] = [ActorKind.Guest],
        [Operation.SetTopic] = [ActorKind.Guest],
        [Operation.ArchiveRoom] = [ActorKind.Guest],
        [Operation.UploadFile] = [ActorKind.Guest],
        [Operation.ReadFile] = [ActorKind.Guest],
        [Operation.Search] = [ActorKind.Guest],
        [Operation.Maintain] = [ActorKind.System],
    };

    private static readonly bool[,] s_allowed = Allowed();

    public static bool Allows(ActorKind kind, Operation operation) => s_allowed[(int)kind, (int)operation];

    private static bool[,] Allowed()
    {
        var operations = Enum.GetValues<Operation>();
        var allowed = new bool[Enum.GetValues<ActorKind>().Length, operations.Length];
        foreach (var operation in operations)
        {
            foreach (var kind in s_rows[operation])
                allowed[(int)kind, (int)operation] = true;
        }

        return allowed;
    }
}
