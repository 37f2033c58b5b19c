using System.Globalization;
using System.Net;
using System.Text.Json;
using Confab.Server.Storage;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>
/// A client that changes things in several rooms at once and gives every change an id. What was not answered it sends again, in order and
/// under the same id, whenever its line broke; so in the end it knows of every change what became of it.
/// </summary>
internal sealed class Scribe(string name, string[] rooms, int window, int length, Random random)
{
    private readonly SortedDictionary<int, Request> _unanswered = [];
    private readonly Dictionary<int, (Request Request, long Seq)> _stored = [];
    private readonly List<(Request Request, string Code)> _refused = [];
    private readonly List<(string Room, long Message)> _own = [];
    private readonly Dictionary<string, long> _joinedAt = [];
    private int _asked;

    public string Name { get; } = name;

    /// <summary>Changes that were acknowledged.</summary>
    public int Stored => _stored.Count;

    /// <summary>Changes that had been stored before the line broke, were sent again, and got their first answer then.</summary>
    public int Repeats { get; private set; }

    /// <summary>Times the line broke.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Makes so many changes, and ends when each was answered.</summary>
    public Task Write(IPEndPoint server, int changes) => Write(server, () => _asked >= changes);

    /// <summary>Makes changes until told that it is enough, and ends when each was answered.</summary>
    public async Task Write(IPEndPoint server, Func<bool> isEnough)
    {
        while (true)
        {
            await using var line = await Line.Dial(server);
            foreach (var room in rooms)
                await line.Send(new { type = "join", room, username = Name });
            foreach (var (_, request) in _unanswered.ToArray())
                await line.Send(request.Frame);
            if (await Talk(line, isEnough))
                return;
            Reconnects++;
        }
    }

    /// <summary>Every acknowledged change is there once, under the acknowledged number, and nothing else is ours.</summary>
    public void Matches(Truth truth)
    {
        foreach (var (request, seq) in _stored.Values)
        {
            var stored = Assert.Contains(seq, truth.Rooms[request.Room].Numbers);
            Assert.Equal((request.Kind, Name), (stored.Kind, stored.Sender));
            Assert.Equal(request.Kind == ChangeKind.Message ? seq : request.IsOfTheRoom ? 0 : request.Message, stored.Message);
            // A reaction or a pin that was there already keeps the key it came with.
            Assert.True(stored.ClientId == request.Id || request.Kind is ChangeKind.React or ChangeKind.Pin, $"{request} was acknowledged as {seq}, which came as {stored.ClientId}.");
        }

        foreach (var room in truth.Rooms.Values)
        {
            var ours = room.Numbers.Where(n => n.Value.Sender == Name).ToList();
            var acknowledged = _stored.Values.Where(s => s.Request.Room == room.Name).ToDictionary(s => s.Request.Id, s => s.Seq);
            Assert.All(ours, n => Assert.Equal(n.Key, acknowledged.GetValueOrDefault(n.Value.ClientId)));
            Assert.All(room.Messages.Values.Where(m => m.Username == Name), message => Assert.Equal(LastWord(message.Id, room.Name), (message.Content, message.IsDeleted)));
        }

        // A room may have as many pins as it can take.
        Assert.All(_refused, r => Assert.True(r.Code == "not_found" || (r.Code == "bad_request" && r.Request.Kind == ChangeKind.Pin), $"{r.Request} was refused as {r.Code}."));
    }

    // What the message must say by now, going by the answers alone: the last of our changes to it.
    private (string Content, bool IsDeleted) LastWord(long message, string room)
    {
        var (request, _) = _stored.Values
            .Where(s => s.Request.Room == room && (s.Seq == message || (s.Request.Message == message && s.Request.Kind is ChangeKind.Edit or ChangeKind.Delete)))
            .MaxBy(s => s.Seq);
        return (request.Text, request.Kind == ChangeKind.Delete);
    }

    private async Task<bool> Talk(Line line, Func<bool> isEnough)
    {
        while (true)
        {
            while (_unanswered.Count < window && !isEnough())
                await line.Send(Ask().Frame);
            if (_unanswered.Count == 0)
                return true;
            if (await line.Next() is not { } frame)
                return false;
            Hear(frame);
        }
    }

    private Request Ask()
    {
        var number = ++_asked;
        var room = rooms[random.Next(rooms.Length)];
        var text = $"{Name} {number} {new string('x', random.Next(length))}";
        var request = new Request(number, room, ChangeKind.Message, 0, text);
        if (_own.Count > 0 && random.Next(100) is >= 55 and var what)
        {
            // Late ones more often, so that the same message is changed several times while others catch up.
            var (ownRoom, message) = _own[Math.Max(random.Next(_own.Count), random.Next(_own.Count))];
            request = what switch
            {
                < 75 => request with { Room = ownRoom, Kind = ChangeKind.Edit, Message = message },
                < 80 => request with { Room = ownRoom, Kind = ChangeKind.Delete, Message = message, Text = "" },
                < 89 => request with { Room = ownRoom, Kind = ChangeKind.React, Message = message, Text = what % 2 == 0 ? "👍" : "🎉" },
                < 95 => request with { Room = ownRoom, Kind = what < 93 ? ChangeKind.Pin : ChangeKind.Unpin, Message = message },
                _ => request with { Room = ownRoom, Kind = ChangeKind.Unreact, Message = message, Text = what % 2 == 0 ? "👍" : "🎉" },
            };
        }

        _unanswered.Add(number, request);
        return request;
    }

    private void Hear(JsonElement frame)
    {
        switch (frame.TypeOf())
        {
            case "joined":
                _joinedAt[frame.Text("room")!] = frame.Number("seq");
                break;
            case "ack":
                Acknowledged(int.Parse(frame.Text("id")!, CultureInfo.InvariantCulture), frame.Number("seq"));
                break;
            case "error":
                Refused(int.Parse(frame.Text("id")!, CultureInfo.InvariantCulture), frame.Text("code")!);
                break;
            case "message" when frame.GetProperty("data").Text("username") == Name:
                var content = frame.GetProperty("data").Text("content");
                Assert.False(_unanswered.Values.Any(r => r.Kind == ChangeKind.Message && r.Text == content), $"The event {frame} came before its ack.");
                break;
        }
    }

    private void Acknowledged(int number, long seq)
    {
        if (_unanswered.Remove(number, out var request))
        {
            _stored.Add(number, (request, seq));
            if (request.Kind == ChangeKind.Message)
                _own.Add((request.Room, seq));
            if (seq <= _joinedAt[request.Room] && request.Kind is not (ChangeKind.React or ChangeKind.Pin))
                Repeats++;
            return;
        }

        // Answered twice, since it was asked twice: the same number.
        Assert.Equal(_stored[number].Seq, seq);
    }

    private void Refused(int number, string code)
    {
        // Nothing was stored, says the contract; whether it is tried again is up to the client, and this one moves on.
        if (_unanswered.Remove(number, out var request))
            _refused.Add((request, code));
    }

    private sealed record Request(int Number, string Room, ChangeKind Kind, long Message, string Text)
    {
        public string Id => Number.ToString(CultureInfo.InvariantCulture);

        public bool IsOfTheRoom => Kind is ChangeKind.Pin or ChangeKind.Unpin;

        public object Frame => Kind switch
        {
            ChangeKind.Message => new { type = "message", room = Room, content = Text, id = Id },
            ChangeKind.Edit => new { type = "edit", room = Room, message = Message, content = Text, id = Id },
            ChangeKind.Delete => new { type = "delete", room = Room, message = Message, id = Id },
            ChangeKind.React => new { type = "react", room = Room, message = Message, emoji = Text, id = Id },
            ChangeKind.Pin => new { type = "pin", room = Room, message = Message, id = Id },
            ChangeKind.Unpin => new { type = "unpin", room = Room, message = Message, id = Id },
            _ => new { type = "unreact", room = Room, message = Message, emoji = Text, id = Id },
        };
    }
}
