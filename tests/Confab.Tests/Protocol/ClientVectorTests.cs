using System.Buffers;
using System.Text;
using System.Text.Json;
using Confab.Protocol;

namespace Confab.Tests.Protocol;

public class ClientVectorTests
{
    public static TheoryData<string, string> Accepted => Vectors.Where(v => v.File.StartsWith("client.", StringComparison.Ordinal) && v.Refusal is null);

    public static TheoryData<string, string> ReadByTheServer => Vectors.Where(v => v.File.StartsWith("client.", StringComparison.Ordinal) || v.File == "hostile");

    [Fact]
    public void Every_type_of_client_frame_has_a_file()
    {
        var files = Vectors.All.Select(v => v.File).ToHashSet();
        foreach (var type in Enum.GetValues<ClientFrameType>().Except([ClientFrameType.Unknown]))
            Assert.Contains("client." + type.ToString().ToLowerInvariant(), files);
        foreach (var derived in WireJson.Default.Command.PolymorphismOptions!.DerivedTypes)
            Assert.Contains("client." + derived.TypeDiscriminator, files);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void A_command_survives_reading_and_writing(string file, string name)
    {
        var vector = Vectors.Find(file, name);
        var command = JsonSerializer.Deserialize(vector.Bytes, WireJson.Default.Command)!;
        Vectors.AssertSame(vector.Means, Write(command));
    }

    [Theory]
    [MemberData(nameof(ReadByTheServer))]
    public void The_server_takes_or_refuses_a_frame_as_its_vector_says(string file, string name)
    {
        var vector = Vectors.Find(file, name);
        var bytes = vector.Bytes;
        var refusal = ClientFrame.Parse(bytes, new byte[bytes.Length], new Limits(), out _);
        Assert.Equal(vector.Refusal, refusal.IsRefused ? refusal.Code.Name() : null);
        Assert.Equal(refusal.IsRefused, !string.IsNullOrEmpty(refusal.Message));
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void The_server_reads_what_the_command_says(string file, string name)
    {
        var vector = Vectors.Find(file, name);
        var bytes = vector.Bytes;
        Assert.False(ClientFrame.Parse(bytes, new byte[bytes.Length], new Limits(), out var frame).IsRefused);
        Vectors.AssertSame(vector.Means, Write(CommandOf(frame, vector.Means)));
    }

    [Fact]
    public void A_refused_frame_is_answered_with_its_id_where_that_could_be_read()
    {
        var bytes = """{"type":"message","id":"m1","room":7}"""u8;
        Assert.Equal(RefusalCode.BadRequest, ClientFrame.Parse(bytes, new byte[bytes.Length], new Limits(), out var frame).Code);
        Assert.Equal("m1", Encoding.UTF8.GetString(frame.Id));
    }

    [Fact]
    public void A_command_writes_its_id_right_after_its_type()
    {
        var json = Encoding.UTF8.GetString(Write(new MessageCommand { Room = "general", Content = "hi", Id = "m1", Username = "ann" }));
        Assert.StartsWith("""{"type":"message","id":"m1",""", json, StringComparison.Ordinal);
    }

    private static ReadOnlySpan<byte> Write(Command command)
    {
        var buffer = new ArrayBufferWriter<byte>();
        command.WriteTo(buffer);
        return buffer.WrittenSpan;
    }

    // What was not sent and what was sent as its default are the same to the server; the vector tells which it was.
    private static Command CommandOf(in ClientFrame frame, JsonElement sent)
    {
        var id = Text(frame.Id, frame.HasId);
        var room = Encoding.UTF8.GetString(frame.Room);
        var username = Text(frame.Username, frame.HasUsername);
        var content = Encoding.UTF8.GetString(frame.Content);
        var emoji = Encoding.UTF8.GetString(frame.Emoji);
        return frame.Type switch
        {
            ClientFrameType.Join => new JoinCommand
            {
                Id = id,
                Room = room,
                Username = username,
                After = Number(frame.After),
                Epoch = Text(frame.Epoch, frame.HasEpoch),
                History = (int?)Number(frame.History),
                Monitor = sent.TryGetProperty("monitor", out _) ? frame.Monitor : null,
            },
            ClientFrameType.Leave => new LeaveCommand { Id = id, Room = room },
            ClientFrameType.Message => new MessageCommand { Id = id, Room = room, Username = username, Content = sent.TryGetProperty("content", out _) ? content : null, ReplyTo = Number(frame.ReplyTo), Attachments = Ids(frame.Attachments) },
            ClientFrameType.Edit => new EditCommand { Id = id, Room = room, Username = username, Message = frame.Message, Content = content },
            ClientFrameType.Delete => new DeleteCommand { Id = id, Room = room, Username = username, Message = frame.Message },
            ClientFrameType.React => new ReactCommand { Id = id, Room = room, Username = username, Message = frame.Message, Emoji = emoji },
            ClientFrameType.Unreact => new UnreactCommand { Id = id, Room = room, Username = username, Message = frame.Message, Emoji = emoji },
            ClientFrameType.Pin => new PinCommand { Id = id, Room = room, Username = username, Message = frame.Message },
            ClientFrameType.Unpin => new UnpinCommand { Id = id, Room = room, Username = username, Message = frame.Message },
            ClientFrameType.Typing => new TypingCommand { Id = id, Room = room, Username = username },
            ClientFrameType.Read => new ReadCommand { Id = id, Room = room, Username = username, Seq = frame.Seq },
            ClientFrameType.Authenticate => new AuthenticateCommand { Id = id, Token = Encoding.UTF8.GetString(frame.Token) },
            _ => new PingCommand { Id = id },
        };
    }

    private static string? Text(ReadOnlySpan<byte> text, bool sent) => sent ? Encoding.UTF8.GetString(text) : null;

    private static List<string>? Ids(ReadOnlySpan<byte> attachments)
    {
        if (attachments.IsEmpty)
            return null;
        var ids = new List<string>();
        for (; !attachments.IsEmpty; attachments = attachments[FileId.Length..])
            ids.Add(Encoding.UTF8.GetString(attachments[..FileId.Length]));
        return ids;
    }

    private static long? Number(long number) => number < 0 ? null : number;
}
