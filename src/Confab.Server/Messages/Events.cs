using System.Buffers;
using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Messages;

/// <summary>The events of a batch, framed for the wire as its changes are decided. A change's lies where the change says.</summary>
internal sealed class Events : IDisposable
{
    private readonly MessageFraming _framing = new();
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);

    /// <summary>Where the next event begins.</summary>
    public int Length => _output.WrittenCount;

    public void Clear() => _output.ResetWrittenCount();

    /// <summary>The event of a change of the batch, empty when it has none.</summary>
    public ReadOnlySpan<byte> Of(Change change) => _output.WrittenSpan.Slice(change.FrameStart, change.FrameLength);

    /// <summary>A message was added.</summary>
    public void Added(RoomChange change, ReadOnlySpan<byte> mentions, IBatch batch)
    {
        var row = new MessageRow
        {
            Id = change.Seq,
            Changed = change.Seq,
            Sender = change.Sender,
            Content = change.Content,
            Html = change.Html,
            Mentions = mentions,
            Timestamp = batch.Now,
            ReplyTo = change.Target,
            HasFiles = !change.Files.IsEmpty,
        };
        _framing.Event(_output, "message"u8, row, change.Room!, batch);
    }

    /// <summary>The message that a change is about, as it is now.</summary>
    public void Message(ReadOnlySpan<byte> type, RoomChange change, IBatch batch)
    {
        _framing.Event(_output, type, batch.View(change.Room!, change.Target), change.Room!, batch);
        batch.EndView();
    }

    /// <summary>The room that a change is about, as it is now.</summary>
    public void Room(RoomChange change, IBatch batch)
    {
        var room = change.Room!;
        _framing.RoomEvent(_output, change.Seq, batch.ChangeRoom(room, change.Seq), batch.PinsOf(room));
    }

    public void Dispose() => _framing.Dispose();
}
