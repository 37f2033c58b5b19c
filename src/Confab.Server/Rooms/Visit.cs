using System.Reflection;
using Confab.Server.Access;

namespace Confab.Server.Rooms;

/// <summary>Somebody who came in by the <see cref="Door"/>, for something, to a room or to none. Nobody else makes one.</summary>
internal sealed record Visit(Actor Actor, Operation Operation, Room? MaybeRoom)
{
    public Room Room => MaybeRoom ?? throw new InvalidOperationException($"{Operation} is of no room.");

    /// <summary>The same under a name that the request brings.</summary>
    public Visit As(Actor actor) => this with { Actor = actor };

    /// <summary>The visit of a request, for its endpoint.</summary>
    public static ValueTask<Visit?> BindAsync(HttpContext http, ParameterInfo parameter)
    {
        _ = parameter;
        return ValueTask.FromResult(http.Features.Get<Visit>());
    }
}
