using System.Buffers;
using Confab.Protocol;
using Confab.Server.Messages;
using Confab.Server.Storage;

namespace Confab.Server.Sockets;

/// <summary>What decides the bytes of a page, beside the moment it is read at: the cursor, and where the catch-up began.</summary>
internal readonly record struct PageKey(long After, long Base);

/// <summary>
/// A piece of a room's log, encoded: whole frames, and the number each brings the reader to. It has none where all that was there changed later.
/// </summary>
internal sealed class LogPage
{
    public ArrayBufferWriter<byte> Bytes { get; } = new(4096);

    public List<long> Numbers { get; } = [];

    /// <summary>Where the reader is once all of it was sent.</summary>
    public long To { get; set; }

    /// <summary>It holds all that the log had when it was read: the catch-up is at its end, and every message created since it began was shown.</summary>
    public bool IsLast { get; set; }
}

/// <summary>Reads the next piece of a room's log for everybody who stands at the same place.</summary>
internal sealed class PageRead(EventLoop loop, Audience audience, PageKey key) : Read
{
    private const int MaxRows = 256;
    private const int MaxBytes = 48 * 1024;

    /// <summary>
    /// Numbers that a page goes on by at most. Where messages were changed later on there are rows to be looked at and none to be shown;
    /// without this bound each page would look at all of them, up to the head.
    /// </summary>
    private const int MaxNumbers = 4096;

    public LogPage Page { get; } = new();

    public List<Membership> Waiting { get; } = [];

    public override void Run(ILogReader reader)
    {
        var room = audience.Room;
        // The last page goes to the very end of what is stored at this moment: a message that was changed once more would else be missed by it,
        // and come from the tail as if it had been shown.
        var (head, roomChanged) = reader.Head(room);
        var upTo = Math.Min(head, key.After + MaxNumbers);
        var showRoom = roomChanged > key.After && roomChanged <= upTo;
        using var framing = new MessageFraming();
        var rows = reader.Messages;
        rows.StartChanged(room, key.After, upTo, MaxRows);
        var count = 0;
        var full = false;
        while (!full && rows.Step())
        {
            var row = rows.Row;
            if (showRoom && row.Changed > roomChanged)
            {
                ShowRoom(reader, framing, roomChanged);
                showRoom = false;
            }

            var type = row.IsDeleted ? "deleted"u8 : row.Id > key.Base ? "message"u8 : "edited"u8;
            framing.Event(Page.Bytes, type, row, room, rows);
            Page.Numbers.Add(row.Changed);
            full = Page.Bytes.WrittenCount >= MaxBytes || ++count == MaxRows;
        }

        rows.Reset();
        if (showRoom && !full)
            ShowRoom(reader, framing, roomChanged);
        Page.To = full ? Page.Numbers[^1] : upTo;
        Page.IsLast = Page.To == head;
        loop.Post(new Ready(this, Page));
    }

    public override void Fail(Exception exception) => loop.Post(new Ready(this, null));

    private void ShowRoom(ILogReader reader, MessageFraming framing, long seq)
    {
        framing.RoomEvent(Page.Bytes, seq, reader.Room(audience.Room.Id), reader.PinsOf(audience.Room));
        Page.Numbers.Add(seq);
    }

    private sealed class Ready(PageRead read, LogPage? page) : LoopWork
    {
        public override void Run(EventLoop loop) => read.Deliver(loop, page);
    }

    private void Deliver(EventLoop loop, LogPage? page)
    {
        audience.Reads.Remove(key);
        foreach (var member in Waiting)
        {
            member.Connection.ReadsUnderWay--;
            if (page is null)
            {
                member.Connection.Close(CloseCode.TryAgainLater, "the log cannot be read");
                continue;
            }

            // A blocked connection asks again once it takes bytes: it must not hold a page meanwhile.
            if (member.Connection.IsBlocked)
                continue;
            if (member.Cursor == key.After && member.Base == key.Base)
                member.Page = page;
            loop.MarkDirty(member.Connection);
        }
    }
}
