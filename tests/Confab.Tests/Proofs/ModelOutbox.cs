using System.Text.Json;
using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Messages;
using Confab.Server.Sockets;
using Confab.Tests.Support;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace Confab.Tests.Proofs;

/// <summary>A connection whose socket takes any number of bytes at a time, or none: whole frames come out, nothing is lost, told twice or out of order.</summary>
public sealed class ModelOutbox
{
    private static readonly string[] s_rooms = ["general", "random", "tech"];

    private static readonly Gen<Plan> s_plan =
        from seed in Gen.Int
        from sharing in Gen.Int[1, 24]
        from scribes in Gen.Int[1, 4]
        from changes in Gen.Int[20, 199]
        from length in Gen.OneOf(30, 30, 3000)
        select new Plan(seed, sharing, scribes, changes, length);

    [Theory]
    [InlineData(4096)]
    [InlineData(512 * 1024)]
    public Task A_socket_that_takes_bytes_as_it_likes_gets_whole_frames(int tail) =>
        s_plan.SampleAsync(plan => Play(plan, tail), iter: Effort.Cases(2), threads: 1);

    private static async Task Play(Plan plan, int tail)
    {
        var random = new Random(plan.Seed);
        await using var server = await TestServer.Start("--limits=off", $"--Confab:TailBytesPerRoom={tail}");
        var services = server.Services.GetRequiredService<LoopServices>();
        var loop = new EventLoop(9, ownSockets: false, services);
        server.Services.GetRequiredService<MessageLog>().Settled += loop.Wake;
        // One that follows every room, and several that stand at the same place of the same room and may share what was put together.
        string[][] followed = [s_rooms, .. Enumerable.Repeat<string[]>(["general"], plan.Sharing)];
        var links = followed.Select(_ => new MoodyLink(loop, new Random(random.Next()))).ToArray();
        foreach (var (link, rooms) in links.Zip(followed))
            loop.Post(new Open(link, [.. rooms.SelectMany(room => WireFrame.Text($$"""{"type":"join","room":"{{room}}","username":"moody","after":0}""").ToBytes())]));

        // Some change the rooms, others come and go.
        var scribes = Enumerable.Range(1, plan.Scribes).Select(i => new Scribe($"scribe-{i}", s_rooms, window: 16, plan.Length, new Random(random.Next()))).ToArray();
        var writing = Task.WhenAll(scribes.Select(s => Task.Run(() => s.Write(server.EndPoint, plan.Changes))));
        await Task.WhenAll(writing, Task.Run(() => Fidget(server, "fidget", writing)), Task.Run(() => Fidget(server, "fudget", writing)));

        var truth = Truth.Read(server.Data);
        foreach (var (link, rooms) in links.Zip(followed))
        {
            var told = new FrameLog(rooms);
            await Wait.Until("a connection to be told everything", () =>
            {
                told.Read(link.Drain());
                return rooms.All(room => told.Mirrors[room].Cursor == truth.Rooms[room].Head && told.Present[room] == 1);
            });
            Assert.All(rooms, room => told.Mirrors[room].Matches(truth.Rooms[room]));
            Effort.Tell($"{link.Writes} writes, {link.Broken} of them broken off; {told.Mirrors.Values.Sum(m => m.Events)} events, {told.Mirrors.Values.Sum(m => m.Skipped.Count)} skipped, {told.Shown} times presence or typing");
        }

        loop.Stop();
    }

    private static async Task Fidget(TestServer server, string name, Task until)
    {
        while (!until.IsCompleted)
        {
            await using var line = await Line.Dial(server.EndPoint);
            await line.Send(new { type = "join", room = "general", username = name });
            await line.Send(new { type = "typing", room = "general" });
            await line.Send(new { type = "leave", room = "general", id = "left" });
            while (await line.Next() is { } frame && frame.Text("id") != "left")
            {
                // Whatever the room has to tell.
            }
        }
    }

    private sealed record Plan(int Seed, int Sharing, int Scribes, int Changes, int Length);

    private sealed class Open(MoodyLink link, byte[] received) : LoopWork
    {
        public override void Run(EventLoop loop) => link.Open(received);
    }

    private sealed class Takes(MoodyLink link) : LoopWork
    {
        public override void Run(EventLoop loop) => link.TakesAgain();
    }

    /// <summary>Takes all of it, some of it, or nothing, as the dice fall; and is ready again soon.</summary>
    private sealed class MoodyLink(EventLoop loop, Random random) : ILink
    {
        private readonly Lock _gate = new();
        private List<byte> _sent = [];
        private Connection? _connection;
        private int _patience;

        public int Writes { get; private set; }

        public int Broken { get; private set; }

        public void Open(byte[] received) => (_connection = new Connection(loop, this, Actor.Nameless, Unlimited.Rate, () => { })).Open(received);

        public List<byte> Drain()
        {
            lock (_gate)
                return Interlocked.Exchange(ref _sent, []);
        }

        public int Receive(Span<byte> buffer) => 0;

        public int Send(ReadOnlySpan<byte> bytes)
        {
            Writes++;
            var take = random.Next(4) switch { 0 => 0, 1 => random.Next(bytes.Length + 1), 2 => random.Next(Math.Min(bytes.Length, 200) + 1), _ => bytes.Length };
            if (take < bytes.Length)
                Broken++;
            lock (_gate)
                _sent.AddRange(bytes[..take]);
            return take;
        }

        public bool EndSending() => false;

        public void Want(bool read, bool write)
        {
            if (!write)
                return;
            // Sometimes at once, sometimes after so many rounds that the room went on meanwhile.
            _patience = random.Next(3) == 0 ? random.Next(40) : 0;
            loop.Post(new Takes(this));
        }

        public void TakesAgain()
        {
            if (_patience-- > 0)
                loop.Post(new Takes(this));
            else
                _connection!.OnReady(readable: false, writable: true);
        }

        public void Close()
        {
        }
    }

    /// <summary>Reads frames as they come over the wire, and keeps what they tell.</summary>
    private sealed class FrameLog(string[] rooms)
    {
        private readonly List<byte> _rest = [];

        public Dictionary<string, Mirror> Mirrors { get; } = rooms.ToDictionary(room => room, room => new Mirror(room));

        /// <summary>How many are present, as last told.</summary>
        public Dictionary<string, long> Present { get; } = rooms.ToDictionary(room => room, _ => 0L);

        public int Shown { get; private set; }

        public void Read(List<byte> bytes)
        {
            _rest.AddRange(bytes);
            var all = _rest.ToArray().AsSpan();
            while (all.Length >= 4 && WebSocketFraming.ServerFrameLength(all) is var length && length <= all.Length)
            {
                Assert.Equal((byte)(0x80 | (byte)Opcode.Text), all[0]);
                Hear(JsonSerializer.Deserialize<JsonElement>(all[(all[1] < 126 ? 2 : 4)..length]));
                all = all[length..];
            }

            _rest.Clear();
            _rest.AddRange(all);
        }

        private void Hear(JsonElement frame)
        {
            switch (frame.TypeOf())
            {
                case "hello":
                    break;
                case "joined":
                    Mirrors[frame.Text("room")!].Joined(frame);
                    Present[frame.Text("room")!] = frame.Number("count");
                    break;
                case "user_joined" or "user_left" or "user_list":
                    Present[frame.Text("room")!] = frame.Number("count");
                    Shown++;
                    break;
                case "typing":
                    Shown++;
                    break;
                default:
                    Mirrors[frame.Text("room")!].Hear(frame);
                    break;
            }
        }
    }
}
