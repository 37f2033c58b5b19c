using System.Text;
using Confab.Protocol;

namespace Confab.Client;

/// <summary>A join, as it was asked for.</summary>
internal sealed class JoinRequest(JoinCommand command, JoinOptions options, bool hasCaller) : Request(command, hasCaller)
{
    public JoinCommand Join { get; } = command;

    public JoinOptions Options { get; } = options;
}

/// <summary>
/// The rooms that are followed, and how far: the one number per room that makes everything else unnecessary to remember. It only moves with
/// an event that was handed on, so joining again after it brings just what is missing.
/// </summary>
internal sealed class Rooms(ConfabClientOptions options)
{
    private static readonly TimeSpan s_typingInterval = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Followed> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JoinRequest> _joining = new(StringComparer.Ordinal);
    private volatile bool _mayBeBehind;

    /// <summary>Whether some rooms wait for space among the events, and none was asked for again yet: what comes now would be thrown away.</summary>
    public bool OnlyWait
    {
        get
        {
            if (!_mayBeBehind)
                return false;
            lock (_gate)
            {
                _mayBeBehind = _byName.Values.Any(room => room.IsBehind);
                return _mayBeBehind && !_byName.Values.Any(room => room.IsRejoining);
            }
        }
    }

    /// <summary>A join that a caller asks for. In a room that is followed it changes how, and nothing is missed over it.</summary>
    public JoinRequest Join(string name, JoinOptions join)
    {
        lock (_gate)
        {
            var room = Find(name);
            var command = new JoinCommand
            {
                Id = NewId(),
                Room = name,
                Username = join.Username ?? options.Username,
                History = join.History > 0 ? join.History : null,
                Monitor = join.Monitor ? true : null,
                After = join.After ?? room?.Seq,
                Epoch = join.After is null ? room?.Epoch : join.Epoch,
            };
            return _joining[StoredForm(name)] = new JoinRequest(command, join, hasCaller: true);
        }
    }

    /// <summary>A caller waits for the answer to a join no more.</summary>
    public void EndJoin(JoinRequest join)
    {
        lock (_gate)
        {
            var name = StoredForm(join.Join.Room);
            if (_joining.GetValueOrDefault(name) == join)
                _joining.Remove(name);
        }
    }

    /// <summary>What joins every room again where it was, on a new connection.</summary>
    /// <param name="epoch">The server's. If it is another one than a room's there will be a reset, and then the history is wanted too.</param>
    public List<JoinRequest> RejoinAll(string epoch)
    {
        lock (_gate)
            return [.. _byName.Values.Select(room => Rejoin(room, withHistory: room.Epoch != epoch))];
    }

    /// <summary>What joins the rooms again that wait for space.</summary>
    public List<JoinRequest> RejoinBehind()
    {
        if (!_mayBeBehind)
            return [];
        lock (_gate)
            return [.. _byName.Values.Where(room => room.IsBehind && !room.IsRejoining).Select(room => Rejoin(room, withHistory: false))];
    }

    /// <summary>A join was answered.</summary>
    /// <param name="request">The join.</param>
    /// <param name="joined">The answer.</param>
    /// <param name="isReset">Whether the number of before is void.</param>
    /// <param name="isHandedOn">Whether there was space for the event.</param>
    public void Joined(JoinRequest request, JoinedFrame joined, bool isReset, bool isHandedOn)
    {
        lock (_gate)
        {
            var join = request.Join;
            if (!_byName.TryGetValue(joined.Room, out var room))
            {
                if (!request.HasCaller)
                    return; // left meanwhile
                _byName.Add(joined.Room, room = new Followed(joined.Room));
                (room.Seq, room.Epoch) = join.After is { } after ? (after, join.Epoch ?? joined.Epoch) : (joined.Seq, joined.Epoch);
            }

            room.AskedAs = join.Room;
            room.Options = request.Options with { After = null, Epoch = null, Username = join.Username };
            room.IsRejoining = false;
            room.IsBehind = !isHandedOn;
            _mayBeBehind |= !isHandedOn;
            if (!isHandedOn)
                return;
            room.Epoch = joined.Epoch;
            if (isReset)
                room.Seq = joined.Seq;
            else if (request.Options.After is { } asked)
                room.Seq = asked;
        }
    }

    /// <summary>Whether a frame is about a room that is followed, and is not thrown away to be asked for again.</summary>
    public bool IsFollowed(string name)
    {
        lock (_gate)
            return _byName.TryGetValue(name, out var room) && !room.IsBehind;
    }

    /// <summary>Whether an event of the log was not handed on before.</summary>
    public bool IsNew(LogFrame frame)
    {
        lock (_gate)
            return _byName.TryGetValue(frame.Room, out var room) && !room.IsBehind && frame.Seq > room.Seq;
    }

    public void Advance(LogFrame frame)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(frame.Room, out var room))
                room.Seq = frame.Seq;
        }
    }

    public void FallBehind(string name)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(name, out var room))
                _mayBeBehind = room.IsBehind = true;
        }
    }

    public bool Contains(string name)
    {
        lock (_gate)
            return _byName.ContainsKey(name);
    }

    public void Forget(string name)
    {
        lock (_gate)
        {
            if (Find(name) is { } room)
                _byName.Remove(room.Name);
        }
    }

    /// <summary>
    /// Under which name to act in a room: that of the last join, answered or not. What is asked for carries it, so that it means the same
    /// when it is sent again, whatever the name is by then.
    /// </summary>
    public string? NameIn(string name)
    {
        lock (_gate)
        {
            if (_joining.Count > 0 && _joining.TryGetValue(StoredForm(name), out var join))
                return join.Join.Username;
            return Find(name)?.Options.Username ?? options.Username;
        }
    }

    /// <summary>Whether it is time to say again that somebody types.</summary>
    public bool MayType(string name)
    {
        lock (_gate)
        {
            var time = options.TimeProvider;
            if (Find(name) is not { } room || (room.TypedAt is { } before && time.GetElapsedTime(before) < s_typingInterval))
                return false;
            room.TypedAt = time.GetTimestamp();
            return true;
        }
    }

    public static string NewId() => Guid.NewGuid().ToString("N");

    /// <summary>A room's name in the one form in which the server writes it; as it is, if it cannot be one.</summary>
    public static string StoredForm(string name) =>
        Names.TryNormalize(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetMaxByteCount(name.Length), out var stored) ? Encoding.UTF8.GetString(stored) : name;

    private static JoinRequest Rejoin(Followed room, bool withHistory)
    {
        room.IsRejoining = true;
        var command = new JoinCommand
        {
            Id = NewId(),
            Room = room.Name,
            Username = room.Options.Username,
            Monitor = room.Options.Monitor ? true : null,
            History = withHistory && room.Options.History > 0 ? room.Options.History : null,
            After = room.Seq,
            Epoch = room.Epoch,
        };
        return new JoinRequest(command, room.Options, hasCaller: false);
    }

    // The server has one form of each name, and a caller may know another. Where this runtime composes nothing, it knows just the one it asked with.
    private Followed? Find(string name) =>
        _byName.GetValueOrDefault(name) ?? _byName.Values.FirstOrDefault(room => room.AskedAs == name) ?? _byName.GetValueOrDefault(StoredForm(name));

    private sealed class Followed(string name)
    {
        public string Name { get; } = name;

        public string AskedAs { get; set; } = name;

        public JoinOptions Options { get; set; } = new();

        public string Epoch { get; set; } = "";

        /// <summary>The last number that was handed on.</summary>
        public long Seq { get; set; }

        /// <summary>Something was shed: everything is thrown away until the room is joined again after <see cref="Seq"/>.</summary>
        public bool IsBehind { get; set; }

        public bool IsRejoining { get; set; }

        public long? TypedAt { get; set; }
    }
}
