using System.Text;
using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Messages.Verbs;
using Confab.Server.Storage;

namespace Confab.Server.Rooms;

/// <summary>
/// The one way in, for frames and requests alike: an actor, an operation and a room make a visit, or are refused; a visit and a draft make a change for the log.
/// </summary>
internal sealed class Door(RoomDirectory rooms, MessageLog log, Metrics metrics, ServerOptions options)
{
    private static readonly Refusal s_forbidden = new(RefusalCode.Forbidden, "You may not do that here.");

    /// <summary>Lets an actor in for something that is of no room.</summary>
    public static Refusal Enter(Actor actor, Operation operation) => AccessTable.Allows(actor.Kind, operation) ? default : s_forbidden;

    /// <summary>Lets in for something else as well.</summary>
    public static Refusal Enter(Visit visit, Operation operation, out Visit other)
    {
        other = visit with { Operation = operation };
        return Enter(visit.Actor, operation);
    }

    /// <summary>Lets an actor into a room for something. What it may not see is not there.</summary>
    public Refusal Enter(Actor actor, Operation operation, ReadOnlySpan<byte> name, out Room room)
    {
        room = rooms.Find(actor, name)!;
        return room is null ? Room.NotFound : Enter(actor, operation);
    }

    /// <summary>Makes of a draft the change that it asks for, if it can be stored at all and the actor has not asked too much.</summary>
    /// <param name="actor">Who asks, under a name.</param>
    /// <param name="verb">What for: the operation it was let in for.</param>
    /// <param name="room">The room it was let in to.</param>
    /// <param name="draft">What is asked for.</param>
    /// <param name="id">What the client calls it; empty for nothing.</param>
    /// <param name="owner">Who waits for the outcome.</param>
    /// <param name="allowance">What it may ask for in a time; null when that was taken already.</param>
    /// <param name="used">Changes to be used again.</param>
    /// <param name="change">The change, for the log.</param>
    public Refusal Ask(Actor actor, Verb verb, Room room, in Draft draft, ReadOnlySpan<byte> id, IChangeOwner owner, IAllowance? allowance, Stack<RoomChange> used, out Change change)
    {
        change = null!;
        if (verb.Check(draft, options.Limits) is { IsRefused: true } refusal)
            return refusal;
        if (allowance?.Take(Rate.Messages) is { IsRefused: true } tooMany)
            return tooMany;
        change = verb.Make(draft, room, actor.Name, id, owner, used);
        return default;
    }

    /// <summary>The same for a request, stored.</summary>
    /// <param name="visit">Who was let in, and for what.</param>
    /// <param name="kind">What it asks for, which has to be what it was let in for.</param>
    /// <param name="draft">What is asked for.</param>
    /// <param name="id">What the client calls it; empty for nothing.</param>
    /// <param name="allowance">What it may ask for in a time; null when that was taken already.</param>
    public Task<Change> Store(Visit visit, ChangeKind kind, in Draft draft, ReadOnlySpan<byte> id, IAllowance? allowance)
    {
        var verb = VerbTable.Of(kind);
        if (verb.Operation != visit.Operation)
            throw new InvalidOperationException($"Let in for {visit.Operation}, and asks for {verb.Operation}.");
        var owner = new StoredChange();
        if (Ask(visit.Actor, verb, visit.Room, draft, id, owner, allowance, new(), out var change) is { IsRefused: true } refusal)
            return Task.FromResult<Change>(new RoomChange { Refusal = refusal });
        log.Submit([change]);
        return owner.Task;
    }

    /// <summary>Lets a request in, or refuses it before its endpoint sees it.</summary>
    public async Task Guard(HttpContext http, RequestDelegate next)
    {
        // A path that leads nowhere, or not with this method.
        if (http.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(http);
            return;
        }

        var operation = RequiredOperation.Of(endpoint) ?? throw new InvalidOperationException($"{endpoint.DisplayName} does not say what it is for.");
        Room? room = null;
        var refusal = http.GetRouteValue("room") is string name
            ? Enter(Actor.Nameless, operation, Encoding.UTF8.GetBytes(name), out room)
            : Enter(Actor.Nameless, operation);
        if (refusal.IsRefused)
        {
            metrics.Refused(refusal.Code);
            await Problems.Refuse(http, refusal);
            return;
        }

        http.Features.Set(new Visit(Actor.Nameless, operation, room));
        await next(http);
    }
}
