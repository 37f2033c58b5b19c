using System.Buffers;

namespace Confab.Server.Storage;

/// <summary>What may be the name after an <c>@</c>.</summary>
/// <param name="Text">As it is written, with single blanks.</param>
/// <param name="Folded">As names are compared.</param>
public readonly record struct Called(string Text, string Folded);

/// <summary>
/// A change that takes a number of its room. The texts are copied into a rented buffer, so that it can outlive the bytes it came in and be used again.
/// </summary>
public sealed class RoomChange() : Change(null, null)
{
    /// <summary>Bytes of <see cref="BodyHash"/>.</summary>
    public const int HashBytes = 16;

    private byte[] _buffer = [];
    private ChangeKind _kind;
    private int _contentLength;
    private int _clientIdLength;
    private int _filesLength;
    private int _htmlLength;
    private int _callBytes;

    public override ChangeKind Kind => _kind;

    /// <summary>Who changes it, UTF-8 in its stored form.</summary>
    public byte[] Sender { get; private set; } = [];

    /// <summary>The message that is changed, or answered by a new one; 0 for none.</summary>
    public long Target { get; private set; }

    /// <summary>Content, emoji or topic.</summary>
    public ReadOnlySpan<byte> Content => _buffer.AsSpan(0, _contentLength);

    /// <summary>The client's idempotency key; empty when it gave none.</summary>
    public override ReadOnlySpan<byte> ClientId => _buffer.AsSpan(_contentLength, _clientIdLength);

    /// <summary>The content as HTML; empty when it is to be shown as it is.</summary>
    public ReadOnlySpan<byte> Html => _buffer.AsSpan(_contentLength + _clientIdLength, _htmlLength);

    /// <summary>The ids of the files that a message takes, one after the other.</summary>
    public ReadOnlySpan<byte> Files => _buffer.AsSpan(_contentLength + _clientIdLength + _htmlLength, _filesLength);

    /// <summary>Where the content may mean somebody, and by which names; null for nowhere.</summary>
    internal Called[][]? Calls { get; private set; }

    /// <summary>What makes two requests the same one, where there is a <see cref="ClientId"/>.</summary>
    internal byte[] BodyHash { get; } = new byte[HashBytes];

    public override int Bytes => 128 + _contentLength + _clientIdLength + _htmlLength + _filesLength + _callBytes;

    /// <summary>States what is asked for. The texts are copied.</summary>
    public RoomChange Fill(
        ChangeKind kind, StoredRoom room, byte[] sender, long target, ReadOnlySpan<byte> content, ReadOnlySpan<byte> clientId, IChangeOwner owner, ReadOnlySpan<byte> html = default, ReadOnlySpan<byte> files = default, Called[][]? calls = null)
    {
        _kind = kind;
        Room = room;
        Sender = sender;
        Target = target;
        Owner = owner;
        Refusal = default;
        Seq = 0;
        Repeated = false;
        Calls = calls;
        _callBytes = calls is null ? 0 : calls.Sum(call => call.Sum(name => 64 + 2 * (name.Text.Length + name.Folded.Length)));
        _contentLength = content.Length;
        _clientIdLength = clientId.Length;
        _htmlLength = html.Length;
        _filesLength = files.Length;
        var length = content.Length + clientId.Length + html.Length + files.Length;
        if (_buffer.Length < length)
        {
            GiveBack();
            _buffer = ArrayPool<byte>.Shared.Rent(length);
        }

        content.CopyTo(_buffer);
        clientId.CopyTo(_buffer.AsSpan(content.Length));
        html.CopyTo(_buffer.AsSpan(content.Length + clientId.Length));
        files.CopyTo(_buffer.AsSpan(content.Length + clientId.Length + html.Length));
        return this;
    }

    /// <summary>Forgets everything but a small buffer, for the next use.</summary>
    public void Clear()
    {
        Room = null;
        Owner = null;
        Calls = null;
        if (_buffer.Length > 1024)
            GiveBack();
    }

    private void GiveBack()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
