using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Confab.Protocol;

/// <summary>
/// Writes the server's frames as unmasked WebSocket text messages. One writer belongs to one thread: it keeps a JSON writer and a buffer,
/// so that a frame allocates nothing.
/// </summary>
public sealed class FrameWriter : IDisposable
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The buffer that is kept: all but the longest messages and snapshots fit, and those must not cost their length for ever.</summary>
    private const int MaxKeptBytes = 128 * 1024;

    private ArrayBufferWriter<byte> _payload = new(512);
    private readonly Utf8JsonWriter _json;
    private readonly byte[] _timestamp = new byte[24];
    private long _timestampMs = long.MinValue;

    public FrameWriter() => _json = new Utf8JsonWriter(_payload, s_options);

    public void Dispose() => _json.Dispose();

    public void Hello(IBufferWriter<byte> to, ReadOnlySpan<byte> id, string epoch, Limits limits)
    {
        Begin("hello"u8, id);
        _json.WriteNumber("version"u8, 1);
        _json.WriteString("epoch"u8, epoch);
        _json.WriteNull("user"u8);
        _json.WritePropertyName("limits"u8);
        WireJson.Write(_json, limits);
        End(to);
    }

    /// <param name="to">Where the frame is appended.</param>
    /// <param name="id">The frame's own <c>id</c>; empty when it had none.</param>
    /// <param name="room">The room.</param>
    /// <param name="snapshot">The state the live events go on from.</param>
    public void Joined(IBufferWriter<byte> to, ReadOnlySpan<byte> id, ReadOnlySpan<byte> room, in JoinSnapshot snapshot)
    {
        Begin("joined"u8, id);
        _json.WriteString("room"u8, room);
        _json.WriteNumber("seq"u8, snapshot.Seq);
        _json.WriteString("epoch"u8, snapshot.Epoch);
        _json.WriteNumber("count"u8, snapshot.Count);
        WriteUsers(snapshot.Users);
        if (!snapshot.Messages.IsEmpty)
        {
            _json.WritePropertyName("messages"u8);
            _json.WriteRawValue(snapshot.Messages, skipInputValidation: true);
        }

        if (snapshot.Read >= 0)
            _json.WriteNumber("read"u8, snapshot.Read);
        WritePins(snapshot.Pins);
        if (snapshot.IsArchived)
            _json.WriteBoolean("archived"u8, true);
        End(to);
    }

    public void Left(IBufferWriter<byte> to, ReadOnlySpan<byte> id, ReadOnlySpan<byte> room)
    {
        Begin("left"u8, id);
        _json.WriteString("room"u8, room);
        End(to);
    }

    public void Reset(IBufferWriter<byte> to, ReadOnlySpan<byte> room, long seq, string epoch, string reason)
    {
        Begin("reset"u8, default);
        _json.WriteString("room"u8, room);
        _json.WriteNumber("seq"u8, seq);
        _json.WriteString("epoch"u8, epoch);
        _json.WriteString("reason"u8, reason);
        End(to);
    }

    public void Ack(IBufferWriter<byte> to, ReadOnlySpan<byte> id, ReadOnlySpan<byte> room, long seq)
    {
        Begin("ack"u8, id);
        _json.WriteString("room"u8, room);
        _json.WriteNumber("seq"u8, seq);
        End(to);
    }

    public void Error(IBufferWriter<byte> to, ReadOnlySpan<byte> id, Refusal refusal)
    {
        Begin("error"u8, id);
        _json.WriteString("code"u8, refusal.Code.Name());
        _json.WriteString("message"u8, refusal.Message);
        if (refusal.RetryAfterMs > 0)
            _json.WriteNumber("retry_after_ms"u8, refusal.RetryAfterMs);
        End(to);
    }

    public void Pong(IBufferWriter<byte> to, ReadOnlySpan<byte> id)
    {
        Begin("pong"u8, id);
        End(to);
    }

    public void Closing(IBufferWriter<byte> to, int retryAfterMs)
    {
        Begin("closing"u8, default);
        _json.WriteNumber("retry_after_ms"u8, retryAfterMs);
        End(to);
    }

    /// <summary>An event of the log about a message: <c>message</c>, <c>edited</c>, <c>deleted</c> or <c>reacted</c>.</summary>
    public void MessageEvent(IBufferWriter<byte> to, ReadOnlySpan<byte> type, long seq, in MessageView message)
    {
        Begin(type, default);
        _json.WriteString("room"u8, message.Room);
        _json.WriteNumber("seq"u8, seq);
        _json.WritePropertyName("data"u8);
        WriteMessage(_json, message);
        End(to);
    }

    /// <summary>The event of the log that the room itself changed.</summary>
    public void RoomChanged(IBufferWriter<byte> to, long seq, in RoomView room)
    {
        Begin("room_changed"u8, default);
        _json.WriteString("room"u8, room.Name);
        _json.WriteNumber("seq"u8, seq);
        _json.WriteStartObject("data"u8);
        _json.WriteString("name"u8, room.Name);
        _json.WriteString("topic"u8, room.Topic);
        WritePins(room.Pins);
        if (room.IsArchived)
            _json.WriteBoolean("archived"u8, true);
        _json.WriteEndObject();
        End(to);
    }

    /// <summary>Presence: <c>user_joined</c> or <c>user_left</c> of one person, or the whole <c>user_list</c> when no name is given.</summary>
    public void Presence(IBufferWriter<byte> to, ReadOnlySpan<byte> type, ReadOnlySpan<byte> room, ReadOnlySpan<byte> username, int count, IReadOnlyList<byte[]>? users)
    {
        Begin(type, default);
        _json.WriteString("room"u8, room);
        if (!username.IsEmpty)
            _json.WriteString("username"u8, username);
        _json.WriteNumber("count"u8, count);
        WriteUsers(users);
        End(to);
    }

    public void Typing(IBufferWriter<byte> to, ReadOnlySpan<byte> room, ReadOnlySpan<byte> username)
    {
        Begin("typing"u8, default);
        _json.WriteString("room"u8, room);
        _json.WriteString("username"u8, username);
        End(to);
    }

    public void Read(IBufferWriter<byte> to, ReadOnlySpan<byte> room, ReadOnlySpan<byte> username, long seq)
    {
        Begin("read"u8, default);
        _json.WriteString("room"u8, room);
        _json.WriteString("username"u8, username);
        _json.WriteNumber("seq"u8, seq);
        End(to);
    }

    /// <summary>The message object alone, as <c>data</c> and in the pages of the HTTP API.</summary>
    public void WriteMessage(Utf8JsonWriter json, in MessageView message)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, message.Id);
        json.WriteString("room"u8, message.Room);
        json.WriteString("username"u8, message.Username);
        json.WriteString("content"u8, message.Content);
        if (!message.Html.IsEmpty)
            json.WriteString("html"u8, message.Html);
        if (!message.Mentions.IsEmpty)
        {
            json.WritePropertyName("mentions"u8);
            json.WriteRawValue(message.Mentions, skipInputValidation: true);
        }

        json.WriteString("timestamp"u8, Timestamp(message.Timestamp));
        if (message.EditedAt != 0)
            json.WriteString("edited_at"u8, Timestamp(message.EditedAt));
        if (message.Deleted)
            json.WriteBoolean("deleted"u8, true);
        if (message.ReplyTo != 0)
            json.WriteNumber("reply_to"u8, message.ReplyTo);
        if (message.Replies > 0)
        {
            json.WriteStartObject("replies"u8);
            json.WriteNumber("count"u8, message.Replies);
            json.WriteNumber("last"u8, message.LastReply);
            json.WriteString("timestamp"u8, Timestamp(message.LastReplyAt));
            json.WritePropertyName("usernames"u8);
            json.WriteRawValue(message.Repliers, skipInputValidation: true);
            json.WriteEndObject();
        }

        if (!message.Attachments.IsEmpty)
        {
            json.WritePropertyName("attachments"u8);
            json.WriteRawValue(message.Attachments, skipInputValidation: true);
        }

        if (!message.Reactions.IsEmpty)
        {
            json.WritePropertyName("reactions"u8);
            json.WriteRawValue(message.Reactions, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    // RFC 3339 with milliseconds in UTC. Messages of one commit often share the millisecond, so the last text is kept.
    private ReadOnlySpan<byte> Timestamp(long ms)
    {
        if (ms != _timestampMs)
        {
            // A row with a time beyond those years was written by nobody of ours: it is shown, at the end of them.
            var shown = Math.Clamp(ms, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
            DateTimeOffset.FromUnixTimeMilliseconds(shown).TryFormat(_timestamp, out _, "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            _timestampMs = ms;
        }

        return _timestamp;
    }

    private void WriteUsers(IReadOnlyList<byte[]>? users)
    {
        if (users is null)
            return;
        _json.WriteStartArray("users"u8);
        for (var i = 0; i < users.Count; i++)
            _json.WriteStringValue(users[i]);
        _json.WriteEndArray();
    }

    private void WritePins(ReadOnlySpan<long> pins)
    {
        if (pins.IsEmpty)
            return;
        _json.WriteStartArray("pins"u8);
        foreach (var message in pins)
            _json.WriteNumberValue(message);
        _json.WriteEndArray();
    }

    private void Begin(ReadOnlySpan<byte> type, ReadOnlySpan<byte> id)
    {
        _payload.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        if (!id.IsEmpty)
            _json.WriteString("id"u8, id);
    }

    private void End(IBufferWriter<byte> to)
    {
        _json.WriteEndObject();
        _json.Flush();
        WebSocketFraming.WriteServerFrame(to, Opcode.Text, _payload.WrittenSpan);
        if (_payload.Capacity > MaxKeptBytes)
            _json.Reset(_payload = new(512));
    }
}

/// <summary>What <c>joined</c> tells: the room at <see cref="Seq"/>, after which every event follows.</summary>
public ref struct JoinSnapshot
{
    public long Seq;
    public string Epoch;
    public int Count;

    /// <summary>Who is present, in rooms of up to 50; null in larger ones.</summary>
    public IReadOnlyList<byte[]>? Users;

    /// <summary>The JSON array of the newest messages, oldest first; empty when none were asked for.</summary>
    public ReadOnlySpan<byte> Messages;

    /// <summary>The read marker of this person; -1 when there is none.</summary>
    public long Read;

    /// <summary>The messages that are pinned, in the order in which they were.</summary>
    public ReadOnlySpan<long> Pins;

    /// <summary>Whether the room can be read only.</summary>
    public bool IsArchived;
}
