using Confab.Protocol;

namespace Confab.Server.Access;

/// <summary>Whatever may be asked of the server. Every frame and every endpoint names one.</summary>
internal enum Operation
{
    /// <summary>Open a connection, and say on it what concerns the connection only.</summary>
    Connect,

    /// <summary>See the page's files.</summary>
    SeePage,

    /// <summary>See figures and the description of the API, which have a guard of their own, and whether the server is well.</summary>
    Operate,

    ListRooms,
    CreateRoom,

    /// <summary>Read a room, follow it, and cease to.</summary>
    ReadRoom,

    ShowTyping,
    MarkRead,
    PostMessage,
    EditMessage,
    DeleteMessage,
    React,
    PinMessage,
    SetTopic,
    ArchiveRoom,
    UploadFile,
    ReadFile,
    Search,

    /// <summary>What the server does by itself.</summary>
    Maintain,
}

internal static class RequiredOperation
{
    /// <summary>What a frame asks for that asks for no change.</summary>
    public static Operation? Of(ClientFrameType frame) => frame switch
    {
        ClientFrameType.Ping or ClientFrameType.Authenticate => Operation.Connect,
        ClientFrameType.Join or ClientFrameType.Leave => Operation.ReadRoom,
        ClientFrameType.Typing => Operation.ShowTyping,
        _ => null,
    };

    /// <summary>Names what an endpoint is for.</summary>
    public static T Requires<T>(this T endpoint, Operation operation)
        where T : IEndpointConventionBuilder
    {
        endpoint.WithMetadata(new Metadata(operation));
        return endpoint;
    }

    /// <summary>What an endpoint is for; null when it does not say.</summary>
    public static Operation? Of(Endpoint endpoint) => endpoint.Metadata.GetMetadata<Metadata>()?.Operation;

    private sealed record Metadata(Operation Operation);
}
