using System.Buffers.Binary;
using System.Security.Cryptography;
using Confab.Protocol;
using Confab.Server.Messages.Verbs;
using Confab.Server.Storage;

namespace Confab.Server.Messages;

/// <summary>What holds for every change, before its verb decides: a repeat is answered as before, and an archived room can be read only.</summary>
internal sealed class ChangeRules(Limits limits) : IRules, IDisposable
{
    public static readonly Refusal Archived = new(RefusalCode.Forbidden, "The room is archived and read-only.");

    private byte[] _body = new byte[1024];

    /// <summary>The events of the batch at hand.</summary>
    public Events Events { get; } = new();

    public void Begin() => Events.Clear();

    public Refusal Apply(Change change, IBatch batch)
    {
        var verb = VerbTable.Of(change.Kind);
        change.FrameStart = Events.Length;
        var refusal = verb is RoomVerb numbered ? Apply(numbered, (RoomChange)change, batch) : verb.Apply(change, batch, Events, limits);
        change.FrameLength = Events.Length - change.FrameStart;
        return refusal;
    }

    public void Dispose() => Events.Dispose();

    private Refusal Apply(RoomVerb verb, RoomChange change, IBatch batch)
    {
        if (!change.ClientId.IsEmpty)
        {
            HashBody(verb, change);
            if (batch.FindRepeat(change, out var seq, out var isSame))
                return Repeat(change, seq, isSame);
        }

        batch.Open(change.Room!);
        return change.Room!.IsArchived && !verb.GoesOnInArchive ? Archived : verb.Apply(change, batch, Events, limits);
    }

    private static Refusal Repeat(RoomChange change, long seq, bool isSame)
    {
        if (!isSame)
            return new(RefusalCode.Conflict, "This `id` was already used for a different change.");
        change.Seq = seq;
        change.Repeated = true;
        return default;
    }

    // What makes two requests the same one: kind, target, text and, after the byte that no text holds, files. The key itself is compared by the index.
    private void HashBody(RoomVerb verb, RoomChange change)
    {
        var content = verb.FormOf(change.Content);
        var text = 9 + content.Length;
        var length = change.Files.IsEmpty ? text : text + 1 + change.Files.Length;
        if (_body.Length < length)
            _body = new byte[length];
        _body[0] = (byte)change.Kind;
        BinaryPrimitives.WriteInt64LittleEndian(_body.AsSpan(1), change.Target);
        content.CopyTo(_body.AsSpan(9));
        if (length > text)
        {
            _body[text] = 0;
            change.Files.CopyTo(_body.AsSpan(text + 1));
        }

        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_body.AsSpan(0, length), whole);
        whole[..RoomChange.HashBytes].CopyTo(change.BodyHash);
    }
}
