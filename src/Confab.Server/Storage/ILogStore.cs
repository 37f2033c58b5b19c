namespace Confab.Server.Storage;

/// <summary>The database that the log of all rooms is in: opened once, brought to the present schema, and cared for until the server stops.</summary>
internal interface ILogStore
{
    /// <summary>The name of this history of numbers; a client that brings another one starts over.</summary>
    string Epoch { get; }

    /// <summary>Nothing that is stored from now on can be promised: the server has to stop. From any thread, perhaps more than once.</summary>
    event Action<Exception>? Failed;

    /// <summary>Opens what writes.</summary>
    /// <param name="rules">What decides about changes.</param>
    ILogWriter OpenWriter(IRules rules);

    /// <summary>Opens what reads beside the writer.</summary>
    ILogReader OpenReader();
}
