using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Messages;

/// <summary>Makes of the rows that storage gives what the wire says of them. Belongs to one thread at a time.</summary>
internal sealed class MessageFraming : IDisposable
{
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly FrameWriter _frames = new();

    // Of what few messages have: made when the first comes.
    private readonly Lazy<JsonPart> _files = new(() => new()), _reactions = new(() => new()), _repliers = new(() => new());

    /// <summary>A message's frame, with the number of its last change.</summary>
    public void Event(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> type, in MessageRow row, StoredRoom room, IMessageParts parts) =>
        _frames.MessageEvent(to, type, row.Changed, ViewOf(row, room, parts));

    /// <summary>The room's own frame.</summary>
    public void RoomEvent(ArrayBufferWriter<byte> to, long seq, RoomRow row, long[] pins) =>
        _frames.RoomChanged(to, seq, new RoomView { Name = row.Name, Topic = row.Topic, Pins = pins, IsArchived = row.IsArchived });

    /// <summary>A message as it stands in an array or an object.</summary>
    /// <param name="to">Where it is written.</param>
    /// <param name="row">The message.</param>
    /// <param name="room">Its room.</param>
    /// <param name="parts">What hangs on it.</param>
    /// <param name="replies">The messages that answer it; nothing where they are not told.</param>
    public void Write(Utf8JsonWriter to, in MessageRow row, StoredRoom room, IMessageParts parts, in ReplyRow replies = default)
    {
        var view = ViewOf(row, room, parts);
        if (replies.Count > 0)
        {
            (view.Replies, view.LastReply, view.LastReplyAt) = (replies.Count, replies.Last, replies.LastAt);
            view.Repliers = WriteNames(_repliers.Value, replies.Senders);
        }

        _frames.WriteMessage(to, view);
    }

    public void Dispose()
    {
        _frames.Dispose();
        foreach (var part in new[] { _files, _reactions, _repliers })
        {
            if (part.IsValueCreated)
                part.Value.Dispose();
        }
    }

    private MessageView ViewOf(in MessageRow row, StoredRoom room, IMessageParts parts) => new()
    {
        Id = row.Id,
        Room = room.Name,
        Username = row.Sender,
        Content = row.Content,
        Html = row.Html,
        Mentions = row.Mentions,
        Timestamp = row.Timestamp,
        EditedAt = row.EditedAt,
        Deleted = row.IsDeleted,
        ReplyTo = row.ReplyTo,
        Attachments = row.HasFiles ? WriteFiles(_files.Value, parts.FilesOf(room, row.Id)) : default,
        Reactions = row.MayHaveReactions ? WriteReactions(parts.ReactionsOf(room, row.Id)) : default,
    };

    private static ReadOnlySpan<byte> WriteFiles(JsonPart part, IReadOnlyList<StoredFile> files)
    {
        var json = part.Begin();
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, file.Id);
            json.WriteString("name"u8, file.Name);
            json.WriteString("type"u8, file.Type);
            json.WriteNumber("size"u8, file.Size);
            if (file.IsPicture)
            {
                json.WriteNumber("width"u8, file.Width);
                json.WriteNumber("height"u8, file.Height);
            }

            json.WriteEndObject();
        }

        return part.End();
    }

    private ReadOnlySpan<byte> WriteReactions(IReadOnlyList<ReactionRow> reactions)
    {
        if (reactions.Count == 0)
            return default;
        var json = _reactions.Value.Begin();
        foreach (var reaction in reactions)
        {
            json.WriteStartObject();
            json.WriteString("emoji"u8, reaction.Emoji);
            json.WriteNumber("count"u8, reaction.Count);
            json.WriteStartArray("usernames"u8);
            foreach (var sender in reaction.Senders)
                json.WriteStringValue(sender);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return _reactions.Value.End();
    }

    private static ReadOnlySpan<byte> WriteNames(JsonPart part, IReadOnlyList<byte[]> names)
    {
        var json = part.Begin();
        foreach (var name in names)
            json.WriteStringValue(name);
        return part.End();
    }

    // An array inside of a message, in a buffer that is used again.
    private sealed class JsonPart : IDisposable
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();
        private readonly Utf8JsonWriter _json;

        public JsonPart() => _json = new Utf8JsonWriter(_bytes, s_json);

        public Utf8JsonWriter Begin()
        {
            _bytes.ResetWrittenCount();
            _json.Reset();
            _json.WriteStartArray();
            return _json;
        }

        public ReadOnlySpan<byte> End()
        {
            _json.WriteEndArray();
            _json.Flush();
            return _bytes.WrittenSpan;
        }

        public void Dispose() => _json.Dispose();
    }
}
