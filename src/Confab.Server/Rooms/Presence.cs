using Confab.Server.Storage;

namespace Confab.Server.Rooms;

/// <summary>
/// Who is present in a room. Several connections of one name count as one person; a connection without a name counts as a person of its own.
/// Guarded by its room.
/// </summary>
internal sealed class Presence
{
    private readonly Dictionary<byte[], int> _connections = new(Utf8Comparer.Instance);
    private Dictionary<byte[], int>? _monitors;
    private int _nameless;

    public int Count => _connections.Count + _nameless;

    /// <summary>True when the person was not there before.</summary>
    public bool Enter(byte[]? name)
    {
        if (name is null)
        {
            _nameless++;
            return true;
        }

        var connections = _connections.GetValueOrDefault(name);
        _connections[name] = connections + 1;
        return connections == 0;
    }

    /// <summary>True when it was the person's last connection.</summary>
    public bool Leave(byte[]? name)
    {
        if (name is null)
        {
            _nameless--;
            return true;
        }

        var connections = _connections[name] - 1;
        if (connections == 0)
            _connections.Remove(name);
        else
            _connections[name] = connections;
        return connections == 0;
    }

    /// <summary>A connection of that name follows without being present.</summary>
    public void Watch(byte[] name)
    {
        _monitors ??= new(Utf8Comparer.Instance);
        _monitors[name] = _monitors.GetValueOrDefault(name) + 1;
    }

    public void Unwatch(byte[] name)
    {
        if (--_monitors![name] == 0)
            _monitors.Remove(name);
    }

    /// <summary>Connections of that name, present or not.</summary>
    public int ConnectionsOf(byte[] name) => _connections.GetValueOrDefault(name) + (_monitors?.GetValueOrDefault(name) ?? 0);

    public byte[][] Names() => [.. _connections.Keys];
}
