using System.Buffers;
using System.Text;
using System.Text.Json;
using Confab.Protocol;

namespace Confab.Tests.Protocol;

public class ServerVectorTests
{
    public static TheoryData<string, string> Known => Vectors.Where(v => v.File.StartsWith("server.", StringComparison.Ordinal) && !v.IsUnknown);

    public static TheoryData<string, string> Unknown => Vectors.Where(v => v.IsUnknown);

    [Fact]
    public void Every_type_of_server_frame_has_a_file()
    {
        var files = Vectors.All.Select(v => v.File).ToHashSet();
        foreach (var derived in WireJson.Default.ServerFrame.PolymorphismOptions!.DerivedTypes)
            Assert.Contains("server." + derived.TypeDiscriminator, files);
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void A_frame_survives_reading_and_writing(string file, string name)
    {
        var vector = Vectors.Find(file, name);
        var frame = ServerFrame.Parse(vector.Bytes);
        Vectors.AssertSame(vector.Means, JsonSerializer.SerializeToUtf8Bytes(frame, WireJson.Default.ServerFrame));
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void The_writer_writes_what_the_record_reads(string file, string name)
    {
        var vector = Vectors.Find(file, name);
        var written = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter();
        Write(writer, written, ServerFrame.Parse(vector.Bytes));

        var bytes = written.WrittenSpan;
        Assert.Equal(WebSocketFraming.ServerFrameLength(bytes), bytes.Length);
        Assert.Equal(0x80 | (byte)Opcode.Text, bytes[0]);
        var payload = bytes[WebSocketFraming.ServerHeaderLength(PayloadLength(bytes))..];
        Vectors.AssertSame(vector.Means, payload);
        Vectors.AssertSame(vector.Means, JsonSerializer.SerializeToUtf8Bytes(ServerFrame.Parse(payload), WireJson.Default.ServerFrame));
    }

    [Theory]
    [MemberData(nameof(Unknown))]
    public void A_type_of_a_later_version_is_an_unknown_frame(string file, string name)
    {
        var vector = Vectors.Find(file, name);
        var frame = Assert.IsType<UnknownFrame>(ServerFrame.Parse(vector.Bytes));
        Assert.Equal(vector.Frame.GetProperty("type").GetString(), frame.Type);
        Assert.True(JsonElement.DeepEquals(vector.Frame, frame.Json));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"room":"general"}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"type":"message","room":"general"}""")]
    [InlineData("""{"type":"message","room":null,"seq":1}""")]
    [InlineData("""{"type":"ack","id":"m1","room":"general","seq":"1"}""")]
    [InlineData("""{"type":"pong"} x""")]
    public void What_is_no_frame_is_a_JsonException(string json) =>
        Assert.ThrowsAny<JsonException>(() => ServerFrame.Parse(Encoding.UTF8.GetBytes(json)));

    private static int PayloadLength(ReadOnlySpan<byte> frame) => frame[1] switch
    {
        126 => frame.Length - 4,
        127 => frame.Length - 10,
        var length => length,
    };

    private static void Write(FrameWriter writer, ArrayBufferWriter<byte> to, ServerFrame frame)
    {
        switch (frame)
        {
            case HelloFrame hello:
                writer.Hello(to, Utf8(hello.Id), hello.Epoch, hello.Limits);
                break;
            case JoinedFrame joined:
                writer.Joined(to, Utf8(joined.Id), Utf8(joined.Room), new JoinSnapshot
                {
                    Seq = joined.Seq,
                    Epoch = joined.Epoch,
                    Count = joined.Count,
                    Users = Names(joined.Users),
                    Messages = MessagesOf(writer, joined.Messages),
                    Read = joined.Read ?? -1,
                    Pins = joined.Pins?.ToArray(),
                    IsArchived = joined.Archived ?? false,
                });
                break;
            case LeftFrame left:
                writer.Left(to, Utf8(left.Id), Utf8(left.Room));
                break;
            case ResetFrame reset:
                writer.Reset(to, Utf8(reset.Room), reset.Seq, reset.Epoch, reset.Reason);
                break;
            case MessageLogFrame message:
                writer.MessageEvent(to, TypeOf(message), message.Seq, ViewOf(message.Data));
                break;
            case RoomChangedFrame changed:
                writer.RoomChanged(to, changed.Seq, new RoomView { Name = Utf8(changed.Room), Topic = Utf8(changed.Data.Topic), Pins = changed.Data.Pins?.ToArray(), IsArchived = changed.Data.Archived ?? false });
                break;
            case UserJoinedFrame joined:
                writer.Presence(to, "user_joined"u8, Utf8(joined.Room), Utf8(joined.Username), joined.Count, Names(joined.Users));
                break;
            case UserLeftFrame left:
                writer.Presence(to, "user_left"u8, Utf8(left.Room), Utf8(left.Username), left.Count, Names(left.Users));
                break;
            case UserListFrame list:
                writer.Presence(to, "user_list"u8, Utf8(list.Room), default, list.Count, Names(list.Users));
                break;
            case TypingFrame typing:
                writer.Typing(to, Utf8(typing.Room), Utf8(typing.Username));
                break;
            case ReadFrame read:
                writer.Read(to, Utf8(read.Room), Utf8(read.Username), read.Seq);
                break;
            case AckFrame ack:
                writer.Ack(to, Utf8(ack.Id), Utf8(ack.Room), ack.Seq);
                break;
            case ErrorFrame error:
                Assert.True(RefusalCodes.TryParse(error.Code, out var code));
                writer.Error(to, Utf8(error.Id), new Refusal(code, error.Message, error.RetryAfterMs ?? 0));
                break;
            case PongFrame pong:
                writer.Pong(to, Utf8(pong.Id));
                break;
            case ClosingFrame closing:
                writer.Closing(to, closing.RetryAfterMs);
                break;
            default:
                Assert.Fail($"Nothing writes {frame}.");
                break;
        }
    }

    private static byte[] Utf8(string? text) => Encoding.UTF8.GetBytes(text ?? "");

    private static byte[][]? Names(IReadOnlyList<string>? names) => names?.Select(Encoding.UTF8.GetBytes).ToArray();

    private static byte[] TypeOf(MessageLogFrame frame) => frame switch
    {
        MessageFrame => "message"u8.ToArray(),
        EditedFrame => "edited"u8.ToArray(),
        DeletedFrame => "deleted"u8.ToArray(),
        _ => "reacted"u8.ToArray(),
    };

    private static byte[] MessagesOf(FrameWriter writer, IReadOnlyList<MessageData>? messages)
    {
        if (messages is null)
            return [];
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var message in messages)
                writer.WriteMessage(json, ViewOf(message));
            json.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static MessageView ViewOf(MessageData message) => new()
    {
        Id = message.Id,
        Room = Utf8(message.Room),
        Username = Utf8(message.Username),
        Content = Utf8(message.Content),
        Html = Utf8(message.Html),
        Mentions = message.Mentions is null ? default : JsonSerializer.SerializeToUtf8Bytes(message.Mentions, WireJson.Default.IReadOnlyListString),
        Timestamp = message.Timestamp.ToUnixTimeMilliseconds(),
        EditedAt = message.EditedAt?.ToUnixTimeMilliseconds() ?? 0,
        Deleted = message.Deleted,
        ReplyTo = message.ReplyTo ?? 0,
        Replies = message.Replies?.Count ?? 0,
        LastReply = message.Replies?.Last ?? 0,
        LastReplyAt = message.Replies?.Timestamp.ToUnixTimeMilliseconds() ?? 0,
        Repliers = message.Replies is null ? default : JsonSerializer.SerializeToUtf8Bytes(message.Replies.Usernames, WireJson.Default.IReadOnlyListString),
        Attachments = message.Attachments is null ? default : JsonSerializer.SerializeToUtf8Bytes(message.Attachments, WireJson.Default.IReadOnlyListAttachmentData),
        Reactions = message.Reactions is null ? default : JsonSerializer.SerializeToUtf8Bytes(message.Reactions, WireJson.Default.IReadOnlyListReactionData),
    };
}
