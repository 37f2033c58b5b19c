using Confab.Server.Access;
using Confab.Server.Rooms;

namespace Confab.Server.Sockets;

/// <summary>Presence, typing or a read marker, encoded once, on its way through one round of a loop. With a name, it is for nobody else.</summary>
internal readonly record struct Show(byte[] Frame, long Version, object Except, byte[]? Name = null)
{
    public bool IsTyping => Version == 0;
}

/// <summary>The connections of one loop that follow one room.</summary>
internal sealed class Audience(EventLoop loop, Room room) : RoomListener
{
    private bool _isStale;

    public Room Room { get; } = room;

    /// <summary>How far the loop knows the room's log to be on disk. Nothing beyond it is sent, so that answers come first.</summary>
    public long Head { get; private set; }

    public List<Membership> Members { get; } = [];

    /// <summary>What is shown in this round.</summary>
    public List<Show> Shows { get; } = [];

    /// <summary>Where the mail of the moment has this audience's bell. Guarded by the loop's mailbox.</summary>
    public int MailSlot { get; set; }

    /// <summary>Reads of the log that are under way, by what they read: everybody at the same place shares one.</summary>
    public Dictionary<PageKey, PageRead> Reads { get; } = [];

    public void Add(Membership member)
    {
        member.Place = Members.Count;
        Members.Add(member);
    }

    public void Remove(Membership member)
    {
        // The last one takes the place of the one that goes: a thousand that leave at once cost no search.
        var last = Members[^1];
        Members[member.Place] = last;
        last.Place = member.Place;
        Members.RemoveAt(Members.Count - 1);
    }

    public override void Rung(long head) => loop.Rung(this, head);

    public override void Show(byte[] frame, long version, object except)
    {
        var show = new Show(frame, version, except);
        if (!loop.Show(this, show) && !show.IsTyping && !Interlocked.Exchange(ref _isStale, true))
            loop.Post(new Stale(this));
    }

    public override void ShowRead(byte[] frame, byte[] name, object except) => loop.Show(this, new Show(frame, Version: 0, except, name));

    public void Hear(long head)
    {
        if (head <= Head)
            return;
        Head = head;
        foreach (var member in Members)
        {
            if (!member.Connection.IsBlocked)
                loop.MarkDirty(member.Connection);
        }
    }

    public void Hear(Show show)
    {
        if (show.Name is { } name)
        {
            HearRead(show, name);
            return;
        }

        Shows.Add(show);
        foreach (var member in Members)
        {
            if (!member.IsToHear(show))
                continue;
            if (!member.Connection.IsBlocked)
                loop.MarkDirty(member.Connection);
            else if (!show.IsTyping)
                member.MissedPresence = true;
        }
    }

    // Among the answers, not the shows: those would keep all others of the room from being sent the same bytes.
    private void HearRead(Show show, byte[] name)
    {
        foreach (var member in Members)
        {
            if (member.Connection != show.Except && member.Username.AsSpan().SequenceEqual(name))
                member.Connection.Show(show.Frame);
        }
    }

    private sealed class Stale(Audience audience) : LoopWork
    {
        public override void Run(EventLoop loop)
        {
            // What is shed from here on needs another list.
            Volatile.Write(ref audience._isStale, false);
            foreach (var member in audience.Members)
            {
                member.MissedPresence = true;
                loop.MarkDirty(member.Connection);
            }
        }
    }
}

/// <summary>A connection in a room: a cursor in its log. This is all that being behind costs.</summary>
internal sealed class Membership(Connection connection, Audience audience)
{
    public Connection Connection { get; } = connection;

    public Audience Audience { get; } = audience;

    /// <summary>Everything up to this number was sent.</summary>
    public long Cursor { get; set; }

    /// <summary>
    /// Where the present catch-up from the database began: a message created after it is new to the client. It is the cursor itself when
    /// there is none. In the midst of one the tail is of no use, since it would tell of a change to a message that is yet to be shown.
    /// </summary>
    public long Base { get; set; }

    /// <summary>
    /// It joined behind the head and has not caught up yet. What was said before is told as it is now, by the database: the tail has every change
    /// as it was then, with the words of messages that were edited or deleted since.
    /// </summary>
    public bool IsCatchingUp { get; set; }

    /// <summary>Where it stands among the audience's members.</summary>
    public int Place { get; set; }

    /// <summary>Who it acts as here.</summary>
    public required Actor Actor { get; init; }

    /// <summary>The name it acts under here; null when it has given none.</summary>
    public byte[]? Username => Actor.HasName ? Actor.Name : null;

    /// <summary>Whether it counts as present; a monitor does not.</summary>
    public bool IsPresent { get; init; }

    /// <summary>The presence it was last told the whole of, by joining or by a list. What was told before that may reach it later, and is not for it.</summary>
    public long PresenceVersion { get; set; }

    /// <summary>Presence was shed: the whole list is due when the connection takes bytes again.</summary>
    public bool MissedPresence { get; set; }

    /// <summary>What was read from the log and waits for this round's write.</summary>
    public LogPage? Page { get; set; }

    /// <summary>There is something to be sent. A page that was read before the bells for all of it were heard waits for them.</summary>
    public bool IsBehind => Page is { } page ? page.To <= Audience.Head : Cursor < Audience.Head;

    public bool IsToHear(Show show) => IsPresent && Connection != show.Except && (show.IsTyping || show.Version > PresenceVersion);
}
