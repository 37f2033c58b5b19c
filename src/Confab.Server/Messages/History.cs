using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Confab.Server.Storage;

namespace Confab.Server.Messages;

/// <summary>A page of a room's messages, as a JSON array in the order of their numbers.</summary>
internal sealed record MessagePage(byte[] Json, long First, long Last, bool HasOlder, bool HasNewer);

/// <summary>Reads messages back as JSON, in their present state.</summary>
internal static class History
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>
    /// Bytes of messages in one answer to a join: two hundred of a kilobyte, which is long for something said in a chat. Without it they could be
    /// 200 of 16 KiB and 64 KiB of HTML, 16 MB in one frame, which waits in memory until the client takes it.
    /// </summary>
    public const int NewestBytes = 256 * 1024;

    /// <summary>
    /// Bytes of messages in a page of HTTP, whatever is asked for: a thousand of a kilobyte, five times as many as there may be. Without it, too, they
    /// could be 16 MB, which wait in memory for a slow reader, and anybody may ask for many.
    /// </summary>
    public const int PageBytes = 1024 * 1024;

    /// <summary>The newest messages of a room without a gap: as many as are wanted, or as fit in <see cref="NewestBytes"/>, and the newest in any case.</summary>
    public static byte[] Newest(ILogReader reader, StoredRoom room, int limit) => Page(reader, room, before: long.MaxValue, after: -1, limit, NewestBytes).Json;

    /// <summary>A page: the messages just after a number, or else just before one; fewer than the limit if they do not fit, and one in any case.</summary>
    public static MessagePage Page(ILogReader reader, StoredRoom room, long before, long after, int limit, int maxBytes = PageBytes)
    {
        var rows = reader.Messages;
        var forward = after >= 0;
        if (forward)
            rows.StartAfter(room, after, limit + 1);
        else
            rows.StartBefore(room, before, limit + 1);

        var messages = new List<byte[]>(Math.Min(limit, 256));
        var ids = new List<long>(messages.Capacity);
        using var framing = new MessageFraming();
        var more = false;
        var bytes = 0L;
        while (rows.Step())
        {
            if (messages.Count == limit)
            {
                more = true;
                break;
            }

            if (forward && rows.Row.Id >= before)
                break;
            var message = Encode(framing, rows, room);
            bytes += message.Length;
            if (bytes > maxBytes && messages.Count > 0)
            {
                more = true;
                break;
            }

            messages.Add(message);
            ids.Add(rows.Row.Id);
        }

        rows.Reset();
        if (!forward)
        {
            messages.Reverse();
            ids.Reverse();
        }

        var (first, last) = ids.Count == 0 ? (0, 0) : (ids[0], ids[^1]);
        return new MessagePage(Join(messages), first, last, HasOlder: forward ? first > 1 : more, HasNewer: forward ? more : before <= reader.Head(room).Head);
    }

    /// <summary>
    /// A page of the replies to a message: those just after a number, as many as fit in <see cref="PageBytes"/>, and one in any case. Null when there
    /// is no such message.
    /// </summary>
    public static MessagePage? Replies(ILogReader reader, StoredRoom room, long message, long after, int limit)
    {
        var rows = reader.Messages;
        var exists = rows.Find(room, message);
        rows.Reset();
        if (!exists)
            return null;
        rows.StartReplies(room, message, after, limit + 1);
        using var framing = new MessageFraming();
        var messages = new List<byte[]>();
        var last = after;
        var bytes = 0L;
        bool more;
        while ((more = rows.Step()) && messages.Count < limit)
        {
            var reply = Encode(framing, rows, room);
            bytes += reply.Length;
            if (bytes > PageBytes && messages.Count > 0)
                break;
            messages.Add(reply);
            last = rows.Row.Id;
        }

        rows.Reset();
        return new MessagePage(Join(messages), after, last, HasOlder: false, HasNewer: more);
    }

    /// <summary>One message; null when there is none of that number.</summary>
    public static byte[]? Find(ILogReader reader, StoredRoom room, long id)
    {
        using var framing = new MessageFraming();
        var found = reader.Messages.Find(room, id);
        var message = found ? Encode(framing, reader.Messages, room) : null;
        reader.Messages.Reset();
        return message;
    }

    private static byte[] Encode(MessageFraming framing, IMessageRows rows, StoredRoom room)
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(bytes, s_options);
        var row = rows.Row;
        framing.Write(json, row, room, rows, rows.RepliesTo(room, row.Id));
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private static byte[] Join(List<byte[]> items)
    {
        var bytes = new ArrayBufferWriter<byte>(2 + items.Sum(i => i.Length + 1));
        bytes.Write("["u8);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                bytes.Write(","u8);
            bytes.Write(items[i]);
        }

        bytes.Write("]"u8);
        return bytes.WrittenSpan.ToArray();
    }
}
