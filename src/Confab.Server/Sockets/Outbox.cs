using System.Buffers;
using Confab.Protocol;
using Confab.Server.Rooms;

namespace Confab.Server.Sockets;

/// <summary>
/// Writes everything a connection is behind on in one go: its answers, then each room from its cursor to the head, then presence and typing.
/// There is one for a whole loop. What the socket does not take stays where it is, in the log; only the rest of a broken frame is kept.
/// </summary>
internal sealed class Outbox(EventLoop loop)
{
    /// <summary>Bytes of one write; what is beyond waits for the next round.</summary>
    private const int MaxBytes = 128 * 1024;

    /// <summary>The buffer of an ordinary write; twice as much takes a page or a frame beyond it. One that grew further for a long answer is let go.</summary>
    private const int FirstBytes = MaxBytes + 4096;

    private ArrayBufferWriter<byte> _bytes = new(FirstBytes);
    private readonly List<Section> _sections = [];

    // Where the log begins in the bytes.
    private int _answers;

    // Members of a room mostly stand at the same place: what was put together for one is sent to the next as it is.
    private Room? _sameRoom;
    private long _sameFrom, _sameHead, _sameTo;

    public void Flush(Connection connection)
    {
        if (connection.IsBlocked || connection.IsClosed)
            return;
        if (!TryFlushSame(connection))
        {
            Compose(connection);
            if (_bytes.WrittenCount > 0)
                Send(connection);
            if (_bytes.Capacity > 2 * FirstBytes)
                (_bytes, _sameRoom) = (new(FirstBytes), null);
        }

        if (connection.IsClosed || connection.IsBlocked)
            return;
        if (connection.IsBehind)
            loop.MarkDirty(connection);
        connection.AfterFlush();
    }

    private bool TryFlushSame(Connection connection)
    {
        if (connection.HasReplies || connection.Memberships.Count != 1)
            return false;
        var member = connection.Memberships[0];
        var audience = member.Audience;
        if (audience.Room != _sameRoom || member.Cursor != _sameFrom || member.Cursor != member.Base || member.IsCatchingUp || audience.Head != _sameHead || audience.Shows.Count > 0 || member.MissedPresence || member.Page is not null)
            return false;

        var sent = SendBytes(connection);
        if (sent == _bytes.WrittenCount)
        {
            AdvanceFromTail(member, _sameTo);
        }
        else if (sent >= 0)
        {
            _sections[0] = new Section(member, 0, _sameTo, null);
            KeepRest(connection, sent);
        }

        return true;
    }

    private void Compose(Connection connection)
    {
        _bytes.ResetWrittenCount();
        _sections.Clear();
        _sameRoom = null;
        connection.TakeReplies(_bytes);
        _answers = _bytes.WrittenCount;
        foreach (var member in connection.Memberships)
        {
            if (member.IsBehind && _bytes.WrittenCount < MaxBytes)
                ComposeLog(member);
        }

        if (_answers == 0 && connection.Memberships.Count == 1 && _sections.Count == 1 && _sections[0].Page is null)
        {
            var only = _sections[0];
            (_sameRoom, _sameFrom, _sameHead, _sameTo) = (only.Member.Audience.Room, only.Member.Cursor, only.Member.Audience.Head, only.To);
        }

        var log = _bytes.WrittenCount;
        foreach (var member in connection.Memberships)
        {
            if (member.IsPresent)
                ComposePresence(member);
        }

        if (_bytes.WrittenCount != log)
            _sameRoom = null;
    }

    private void ComposeLog(Membership member)
    {
        var start = _bytes.WrittenCount;
        if (member.Page is { } page)
        {
            var section = new Section(member, start, page.To, page);
            _bytes.Write(page.Bytes.WrittenSpan);
            // A page without frames is sent already; there may be no write that would move the cursor over it.
            if (page.Numbers.Count == 0)
                Advance(section, page.To, 0);
            else
                _sections.Add(section);
            return;
        }

        if (member.Cursor == member.Base && !member.IsCatchingUp && member.Audience.Room.TryCopy(member.Cursor, member.Audience.Head, MaxBytes - start, _bytes, out var to))
            _sections.Add(new Section(member, start, to, null));
        else
            member.Connection.ReadLog(member);
    }

    private void ComposePresence(Membership member)
    {
        if (member.MissedPresence)
        {
            _bytes.Write(member.Audience.Room.ListFrame(loop.Frames, out var version));
            member.PresenceVersion = version;
            return;
        }

        foreach (var show in member.Audience.Shows)
        {
            if (member.IsToHear(show))
                _bytes.Write(show.Frame);
        }
    }

    private void Send(Connection connection)
    {
        var sent = SendBytes(connection);
        if (sent == _bytes.WrittenCount)
        {
            foreach (var section in _sections)
                Advance(section, section.To, section.Page?.Numbers.Count ?? 0);
            foreach (var member in connection.Memberships)
                member.MissedPresence = false;
        }
        else if (sent >= 0)
        {
            KeepRest(connection, sent);
        }
    }

    private int SendBytes(Connection connection)
    {
        var sent = connection.Send(_bytes.WrittenSpan);
        loop.Counters.SentBytes += Math.Max(sent, 0);
        return sent;
    }

    // The socket took a part. Frames that were begun must be ended before anything else; those that were not are still in the log.
    private void KeepRest(Connection connection, int sent)
    {
        var bytes = _bytes.WrittenSpan;
        // The answers go first, and may themselves begin in the middle of a frame: all that is left of them is kept.
        var at = _answers;
        foreach (var section in _sections)
        {
            if (sent <= at)
                break;
            at = AdvanceWithin(section, bytes, sent);
        }

        // Presence is shed, but for a frame that was begun.
        if (at < sent)
            at = EndOfFrame(bytes, at, sent);
        connection.Block(bytes[sent..Math.Max(at, sent)]);
        foreach (var member in connection.Memberships)
        {
            member.Page = null;
            member.MissedPresence |= member.IsPresent && member.Audience.Shows.Count > 0;
        }
    }

    // Moves the cursor over the frames that were sent, the broken one included; gives where that one ends.
    private int AdvanceWithin(Section section, ReadOnlySpan<byte> bytes, int sent)
    {
        var at = section.Start;
        var number = section.Member.Cursor;
        var index = 0;
        var end = section.Page is { } page ? section.Start + page.Bytes.WrittenCount : int.MaxValue;
        while (at < sent && at < end && (section.Page is not null || number < section.To))
        {
            at += WebSocketFraming.ServerFrameLength(bytes[at..]);
            number = section.Page is null ? number + 1 : section.Page.Numbers[index++];
        }

        var whole = section.Page is null ? number == section.To : at == end;
        Advance(section, whole ? section.To : number, index);
        return at;
    }

    private static int EndOfFrame(ReadOnlySpan<byte> bytes, int at, int sent)
    {
        while (at < sent)
            at += WebSocketFraming.ServerFrameLength(bytes[at..]);
        return at;
    }

    private void Advance(Section section, long to, int frames)
    {
        var member = section.Member;
        if (section.Page is null)
        {
            AdvanceFromTail(member, to);
            return;
        }

        loop.Counters.Deliveries += frames;
        member.Cursor = to;
        member.Page = null;
        if (section.Page.IsLast && to == section.Page.To)
            (member.Base, member.IsCatchingUp) = (to, false);
    }

    private void AdvanceFromTail(Membership member, long to)
    {
        loop.Counters.Deliveries += to - member.Cursor;
        member.Cursor = to;
        member.Base = to;
    }

    private readonly record struct Section(Membership Member, int Start, long To, LogPage? Page);
}
