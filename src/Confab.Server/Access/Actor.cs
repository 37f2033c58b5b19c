using Confab.Protocol;

namespace Confab.Server.Access;

/// <summary>What kinds of actors there are; <see cref="AccessTable"/> says what each may do.</summary>
internal enum ActorKind
{
    /// <summary>Whoever reaches an open server, under whatever name.</summary>
    Guest,

    /// <summary>The server itself.</summary>
    System,
}

/// <summary>Whoever asks: made once for each entrance, be it a handshake or a request. Whatever is asked for, is asked for by one.</summary>
internal sealed class Actor
{
    /// <summary>The server itself.</summary>
    public static readonly Actor System = new(ActorKind.System, []);

    /// <summary>Somebody who has not said a name.</summary>
    public static readonly Actor Nameless = new(ActorKind.Guest, []);

    private Actor(ActorKind kind, byte[] name) => (Kind, Name) = (kind, name);

    public ActorKind Kind { get; }

    /// <summary>The name it acts under in its stored form, UTF-8; empty when it has none.</summary>
    public byte[] Name { get; }

    public bool HasName => Name.Length > 0;

    /// <summary>A guest of a name: while access is open, it is what somebody says it is.</summary>
    public static Refusal Guest(ReadOnlySpan<byte> name, Limits limits, out Actor actor)
    {
        actor = Nameless;
        if (!Names.TryNormalize(name, limits.UsernameChars, out var normalized))
            return new(RefusalCode.BadRequest, $"`username` must be 1 to {limits.UsernameChars} characters, without control characters.");
        actor = new Actor(ActorKind.Guest, normalized);
        return default;
    }
}
