using System.Buffers;
using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Messages;

/// <summary>The events of a batch, framed for the wire as its changes are decided. A change's lies where the change says.</summary>
internal sealed class Events : IDisposable
{
    private readonly FrameWriter _frames = new();
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);

    /// <summary>Where the next event begins.</summary>
    public int Length => _output.WrittenCount;

    public void Clear() => _output.ResetWrittenCount();

    /// <summary>The event of a change of the batch, empty when it has none.</summary>
    public ReadOnlySpan<byte> Of(Change change) => _output.WrittenSpan.Slice(change.FrameStart, change.FrameLength);

    public void Message(ReadOnlySpan<byte> type, long seq, in MessageView message) => _frames.MessageEvent(_output, type, seq, message);

    /// <summary>The message that a change is about, as it is now.</summary>
    public void Message(ReadOnlySpan<byte> type, Change change, Batch batch)
    {
        _frames.MessageEvent(_output, type, change.Seq, batch.View(change.Room!, change.Target));
        batch.EndView();
    }

    /// <summary>The room that a change is about, as it is now.</summary>
    public void Room(Change change, Batch batch)
    {
        _frames.RoomChanged(_output, change.Seq, batch.ChangeRoom(change.Room!, change.Seq));
        batch.EndRoom();
    }

    public void Dispose() => _frames.Dispose();
}
