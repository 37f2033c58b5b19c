using System.Text;
using System.Text.Json;

namespace Confab.Protocol;

/// <summary>The types of frame that a client sends.</summary>
public enum ClientFrameType : byte
{
    Unknown,
    Join,
    Leave,
    Message,
    Edit,
    Delete,
    React,
    Unreact,
    Pin,
    Unpin,
    Typing,
    Read,
    Authenticate,
    Ping,
}

/// <summary>
/// One frame of a client, parsed without allocating: the texts are UTF-8 that lies in the frame itself, or unescaped in a scratch buffer.
/// Numbers that were not sent are -1.
/// </summary>
public ref struct ClientFrame
{
    // A frame has a dozen known keys at most; past this many the sender is not a chat client.
    private const int MaxKeys = 64;

    private const Keys Texts = Keys.Type | Keys.Id | Keys.Room | Keys.Username | Keys.Content | Keys.Emoji | Keys.Epoch | Keys.Token;

    public ClientFrameType Type;
    public ReadOnlySpan<byte> Id;
    public ReadOnlySpan<byte> Room;
    public ReadOnlySpan<byte> Username;
    public ReadOnlySpan<byte> Content;
    public ReadOnlySpan<byte> Emoji;
    public ReadOnlySpan<byte> Epoch;
    public ReadOnlySpan<byte> Token;

    /// <summary>The ids of files, each of <see cref="FileId.Length"/> bytes, one after the other.</summary>
    public ReadOnlySpan<byte> Attachments;
    public long Message;
    public long ReplyTo;
    public long After;
    public long Seq;
    public int History;
    public bool Monitor;

    private Keys _keys;

    [Flags]
    private enum Keys
    {
        None = 0,
        Type = 1,
        Id = 2,
        Room = 4,
        Username = 8,
        Content = 16,
        Emoji = 32,
        Epoch = 64,
        Token = 128,
        Message = 256,
        ReplyTo = 512,
        After = 1024,
        Seq = 2048,
        History = 4096,
        Monitor = 8192,
        Attachments = 16384,
    }

    public readonly bool HasId => (_keys & Keys.Id) != 0;

    public readonly bool HasEpoch => (_keys & Keys.Epoch) != 0;

    public readonly bool HasUsername => (_keys & Keys.Username) != 0;

    /// <summary>Parses one frame. A refusal still fills in <see cref="Id"/>, where it could be read.</summary>
    /// <param name="json">The payload of a text message, already known to be UTF-8.</param>
    /// <param name="scratch">At least as long as <paramref name="json"/>; holds what had to be unescaped.</param>
    /// <param name="limits">Depth and length of <c>id</c> are checked here; the rest where it is used.</param>
    /// <param name="frame">The frame.</param>
    public static Refusal Parse(ReadOnlySpan<byte> json, Span<byte> scratch, Limits limits, out ClientFrame frame)
    {
        frame = new ClientFrame { Message = -1, ReplyTo = -1, After = -1, Seq = -1, History = -1 };
        try
        {
            var refusal = frame.Read(json, scratch, limits);
            if (refusal.IsRefused)
                return refusal;
        }
        catch (JsonException)
        {
            return new(RefusalCode.BadJson, "The frame is not valid JSON.");
        }
        catch (InvalidOperationException) // an escape such as \ud800 alone
        {
            return new(RefusalCode.BadJson, "A string in the frame is not valid Unicode.");
        }

        return frame.CheckRequired();
    }

    private Refusal Read(ReadOnlySpan<byte> json, Span<byte> scratch, Limits limits)
    {
        // The reader's own depth limit is an exception that cannot be told from broken JSON; ours is checked below.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var isObject = !json.IsEmpty && reader.Read() && reader.TokenType == JsonTokenType.StartObject;
        if (!isObject)
        {
            while (!json.IsEmpty && reader.Read())
            {
                // What is not JSON at all throws here, and is refused as such.
            }

            return new(RefusalCode.BadRequest, "A frame must be one JSON object.");
        }

        var names = scratch;
        Span<Range> unknown = stackalloc Range[MaxKeys];
        var unknownCount = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = KeyOf(ref reader);
            if (key == Keys.None)
            {
                if (unknownCount == MaxKeys)
                    return new(RefusalCode.BadRequest, "The frame has too many keys.");
                var name = scratch[..reader.CopyString(scratch)]; // unescaped, or "x" and "\u0078" would be two
                for (var i = 0; i < unknownCount; i++)
                {
                    if (names[unknown[i]].SequenceEqual(name))
                        return new(RefusalCode.BadRequest, "A key is duplicated.");
                }

                var start = names.Length - scratch.Length;
                unknown[unknownCount++] = start..(start + name.Length);
                scratch = scratch[name.Length..];
                var refusal = SkipValue(ref reader, scratch, limits.JsonDepth);
                if (refusal.IsRefused)
                    return refusal;
                continue;
            }

            if ((_keys & key) != 0)
                return new(RefusalCode.BadRequest, "A key is duplicated.");
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && (key & Texts) != 0)
            {
                var start = (int)reader.TokenStartIndex + 1;
                var text = json.Slice(start, reader.ValueSpan.Length);
                if (reader.ValueIsEscaped)
                {
                    text = scratch[..reader.CopyString(scratch)];
                    scratch = scratch[text.Length..];
                }

                SetText(key, text);
            }
            else if (key == Keys.Attachments)
            {
                if (!ReadAttachments(ref reader, ref scratch, limits.FilesPerMessage))
                    return FileId.BadList(limits);
            }
            else if (!ReadScalar(key, ref reader))
            {
                return new(RefusalCode.BadRequest, WrongValue(key));
            }

            _keys |= key;
            if (key == Keys.Id && !IsId(Id, limits.IdChars))
            {
                Id = default;
                _keys &= ~Keys.Id;
                return new(RefusalCode.BadRequest, "`id` must be 1 to 64 characters, without control characters.");
            }
        }

        reader.Read(); // whatever follows the object is not JSON, and throws
        return default;
    }

    private static Refusal SkipValue(ref Utf8JsonReader reader, Span<byte> scratch, int maxDepth)
    {
        reader.Read();
        RequireUnicode(ref reader, scratch);
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return default;
        var depth = reader.CurrentDepth;
        while (reader.Read())
        {
            RequireUnicode(ref reader, scratch);
            var opens = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
            if (opens && reader.CurrentDepth >= maxDepth)
                return new(RefusalCode.BadRequest, "The frame is nested too deeply.");
            if (!opens && reader.CurrentDepth == depth)
                break;
        }

        return default;
    }

    // The reader checks escapes only where a text is taken, and what nobody takes is still no Unicode.
    private static void RequireUnicode(ref Utf8JsonReader reader, Span<byte> scratch)
    {
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            reader.CopyString(scratch);
    }

    private static Keys KeyOf(ref Utf8JsonReader reader)
    {
        // An escaped key is compared unescaped, so that "r\u006fom" cannot slip past the check for duplicates.
        return reader.ValueSpan.Length switch
        {
            _ when reader.ValueTextEquals("type"u8) => Keys.Type,
            _ when reader.ValueTextEquals("room"u8) => Keys.Room,
            _ when reader.ValueTextEquals("content"u8) => Keys.Content,
            _ when reader.ValueTextEquals("username"u8) => Keys.Username,
            _ when reader.ValueTextEquals("id"u8) => Keys.Id,
            _ when reader.ValueTextEquals("message"u8) => Keys.Message,
            _ when reader.ValueTextEquals("reply_to"u8) => Keys.ReplyTo,
            _ when reader.ValueTextEquals("emoji"u8) => Keys.Emoji,
            _ when reader.ValueTextEquals("seq"u8) => Keys.Seq,
            _ when reader.ValueTextEquals("after"u8) => Keys.After,
            _ when reader.ValueTextEquals("epoch"u8) => Keys.Epoch,
            _ when reader.ValueTextEquals("history"u8) => Keys.History,
            _ when reader.ValueTextEquals("monitor"u8) => Keys.Monitor,
            _ when reader.ValueTextEquals("token"u8) => Keys.Token,
            _ when reader.ValueTextEquals("attachments"u8) => Keys.Attachments,
            _ => Keys.None,
        };
    }

    private void SetText(Keys key, ReadOnlySpan<byte> text)
    {
        switch (key)
        {
            case Keys.Type:
                Type = TypeOf(text);
                break;
            case Keys.Room:
                Room = text;
                break;
            case Keys.Content:
                Content = text;
                break;
            case Keys.Username:
                Username = text;
                break;
            case Keys.Id:
                Id = text;
                break;
            case Keys.Emoji:
                Emoji = text;
                break;
            case Keys.Epoch:
                Epoch = text;
                break;
            default:
                Token = text;
                break;
        }
    }

    private bool ReadScalar(Keys key, ref Utf8JsonReader reader) => key switch
    {
        Keys.Message => ReadNumber(ref reader, out Message),
        Keys.ReplyTo => ReadNumber(ref reader, out ReplyTo),
        Keys.Seq => ReadNumber(ref reader, out Seq),
        Keys.After => ReadNumber(ref reader, out After),
        Keys.History => ReadHistory(ref reader),
        Keys.Monitor => ReadFlag(ref reader, out Monitor),
        _ => false,
    };

    private bool ReadAttachments(ref Utf8JsonReader reader, ref Span<byte> scratch, int max)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        var ids = scratch;
        var length = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            // Room for the longest text there can be: what was not unescaped yet is still in the frame.
            var id = scratch[..reader.CopyString(scratch)];
            if (!FileId.IsOne(id) || length == max * FileId.Length || FileId.Contains(ids[..length], id))
                return false;
            scratch = scratch[id.Length..];
            length += id.Length;
        }

        Attachments = ids[..length];
        return length > 0 && reader.TokenType == JsonTokenType.EndArray;
    }

    // Numbers a double holds exactly (RFC 8259 §6), so that every client means the same one.
    private static bool ReadNumber(ref Utf8JsonReader reader, out long number)
    {
        number = -1;
        return reader.TokenType == JsonTokenType.Number && reader.ValueSpan[0] != '-' && reader.TryGetInt64(out number) && number <= (1L << 53) - 1;
    }

    private bool ReadHistory(ref Utf8JsonReader reader)
    {
        var ok = ReadNumber(ref reader, out var number) && number <= int.MaxValue;
        History = ok ? (int)number : -1;
        return ok;
    }

    private static bool ReadFlag(ref Utf8JsonReader reader, out bool flag)
    {
        flag = reader.TokenType == JsonTokenType.True;
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
    }

    private static ClientFrameType TypeOf(ReadOnlySpan<byte> type) => type switch
    {
        _ when type.SequenceEqual("message"u8) => ClientFrameType.Message,
        _ when type.SequenceEqual("join"u8) => ClientFrameType.Join,
        _ when type.SequenceEqual("leave"u8) => ClientFrameType.Leave,
        _ when type.SequenceEqual("edit"u8) => ClientFrameType.Edit,
        _ when type.SequenceEqual("delete"u8) => ClientFrameType.Delete,
        _ when type.SequenceEqual("react"u8) => ClientFrameType.React,
        _ when type.SequenceEqual("unreact"u8) => ClientFrameType.Unreact,
        _ when type.SequenceEqual("pin"u8) => ClientFrameType.Pin,
        _ when type.SequenceEqual("unpin"u8) => ClientFrameType.Unpin,
        _ when type.SequenceEqual("typing"u8) => ClientFrameType.Typing,
        _ when type.SequenceEqual("read"u8) => ClientFrameType.Read,
        _ when type.SequenceEqual("authenticate"u8) => ClientFrameType.Authenticate,
        _ when type.SequenceEqual("ping"u8) => ClientFrameType.Ping,
        _ => ClientFrameType.Unknown,
    };

    private static bool IsId(ReadOnlySpan<byte> id, int maxChars)
    {
        if (id.IsEmpty || id.Length > maxChars * 3)
            return false;
        byte before = 0;
        foreach (var b in id)
        {
            // U+0080 to U+009F are 0xC2 and one of the first bytes that may follow it.
            if (b is < 0x20 or 0x7F || (before == 0xC2 && b <= 0x9F))
                return false;
            before = b;
        }

        return id.Length <= maxChars || Encoding.UTF8.GetCharCount(id) <= maxChars;
    }

    private readonly Refusal CheckRequired()
    {
        if ((_keys & Keys.Type) == 0)
            return Missing("type");
        var required = Type switch
        {
            ClientFrameType.Unknown => Keys.None,
            ClientFrameType.Ping => Keys.None,
            ClientFrameType.Authenticate => Keys.Token,
            ClientFrameType.Message when (_keys & Keys.Attachments) != 0 => Keys.Room,
            ClientFrameType.Message => Keys.Room | Keys.Content,
            ClientFrameType.Edit => Keys.Room | Keys.Message | Keys.Content,
            ClientFrameType.Delete or ClientFrameType.Pin or ClientFrameType.Unpin => Keys.Room | Keys.Message,
            ClientFrameType.React or ClientFrameType.Unreact => Keys.Room | Keys.Message | Keys.Emoji,
            ClientFrameType.Read => Keys.Room | Keys.Seq,
            ClientFrameType.Join or ClientFrameType.Leave or ClientFrameType.Typing => Keys.Room,
            _ => throw new InvalidOperationException($"Nobody says what {Type} requires."),
        };
        if (Type == ClientFrameType.Unknown)
            return new(RefusalCode.UnknownType, "Unknown frame type.");
        var missing = required & ~_keys;
        return missing == Keys.None ? default : Missing(NameOf((Keys)((int)missing & -(int)missing)));
    }

    private static Refusal Missing(string key) => new(RefusalCode.BadRequest, $"`{key}` is missing.");

    private static string WrongValue(Keys key) => key switch
    {
        Keys.Message or Keys.ReplyTo or Keys.After or Keys.Seq or Keys.History => $"`{NameOf(key)}` must be an integer from 0 to 2^53 - 1.",
        Keys.Monitor => "`monitor` must be true or false.",
        _ => $"`{NameOf(key)}` must be a string.",
    };

    private static string NameOf(Keys key) => key switch
    {
        Keys.ReplyTo => "reply_to",
        _ => key.ToString().ToLowerInvariant(),
    };
}
