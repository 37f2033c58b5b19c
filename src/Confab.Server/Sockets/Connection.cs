using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Sockets;

/// <summary>One client on its loop: what it reads, what it is owed, and how it ends. Only its loop's thread touches it.</summary>
internal sealed class Connection : IReady, IFrames, IChangeOwner
{
    private readonly EventLoop _loop;
    private readonly ILink _link;
    private readonly FrameReader _reader;
    private readonly Action _onClosed;
    private ArrayBufferWriter<byte>? _replies;
    private Clocks _clocks;
    private bool _closing;
    private bool _draining;
    private bool _peerClosed;
    private bool _broken;
    private bool _wantsRead = true;
    private bool _wantsWrite;
    private bool _parsing;

    // Whole frames may wait in the reader: they are looked at before anything else is read, however little is left to wait for.
    private bool _paused;

    public Connection(EventLoop loop, ILink link, Actor actor, AddressRate rate, Action onClosed)
    {
        _loop = loop;
        _link = link;
        Actor = actor;
        Allowance = new Allowance(loop, rate);
        _onClosed = onClosed;
        var options = loop.Services.Options;
        _reader = new FrameReader(options.Limits.FrameBytes, options.Fragments);
        _clocks = new Clocks(loop.Seconds);
    }

    /// <summary>Who has opened it.</summary>
    public Actor Actor { get; }

    /// <summary>What it may ask for in a time.</summary>
    public Allowance Allowance { get; }

    public List<Membership> Memberships { get; } = new(1);

    /// <summary>It waits in the loop's list for a write.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Its socket took less than it was given: it is written to when it takes bytes again.</summary>
    public bool IsBlocked { get; private set; }

    public bool IsClosed { get; private set; }

    /// <summary>It is closed, or has said its last word: nothing may follow a close frame (RFC 6455 §5.5.1).</summary>
    public bool IsClosing => _closing || IsClosed;

    /// <summary>It waits for an answer that must come before its next frame is looked at.</summary>
    public bool IsJoining { get; set; }

    /// <summary>Changes that wait to be stored.</summary>
    public int ChangesUnderWay { get; set; }

    public int ReadsUnderWay { get; set; }

    /// <summary>Who the last frame that gave a name acted as.</summary>
    public Actor LastActor { get; set; } = Actor.Nameless;

    /// <summary>The name as it was given.</summary>
    public byte[] LastNameGiven { get; set; } = [];

    /// <summary>Malformed frames in a row.</summary>
    public int Malformed { get; set; }

    public bool HasReplies => _replies is { WrittenCount: > 0 };

    public bool IsBehind
    {
        get
        {
            foreach (var member in Memberships)
            {
                if (member.IsBehind && ReadsUnderWay == 0)
                    return true;
            }

            return HasReplies;
        }
    }

    public long Lag
    {
        get
        {
            var lag = 0L;
            foreach (var member in Memberships)
                lag = Math.Max(lag, member.Audience.Head - member.Cursor);
            return lag;
        }
    }

    /// <summary>Where an answer is written; it is sent at the end of the round.</summary>
    public IBufferWriter<byte> Reply()
    {
        if (_closing)
        {
            // RFC 6455 §5.5.1: nothing follows a close.
            _loop.Discarded.ResetWrittenCount();
            return _loop.Discarded;
        }

        _loop.MarkDirty(this);
        return _replies ??= _loop.RentReplies();
    }

    /// <summary>Shows it something among its answers, or never: not when its socket takes nothing, nor when answers pile up.</summary>
    public void Show(ReadOnlySpan<byte> frame)
    {
        if (!IsBlocked && !IsClosing && (_replies?.WrittenCount ?? 0) < _loop.Services.Options.ReplyBytes)
            Reply().Write(frame);
    }

    /// <summary>A change of this connection was stored or refused. From the log's thread.</summary>
    public void Done(Change change) => _loop.Done(change);

    public void Refuse(ReadOnlySpan<byte> id, Refusal refusal)
    {
        _loop.Services.Metrics.Refused(refusal.Code);
        _loop.Frames.Error(Reply(), id, refusal);
    }

    public Membership? Find(Room? room)
    {
        foreach (var member in Memberships)
        {
            if (member.Audience.Room == room)
                return member;
        }

        return null;
    }

    /// <summary>Begins: the first frame is said, and what came along with the handshake is read.</summary>
    public void Open(byte[] received)
    {
        _loop.Connections.Add(this);
        _loop.Counters.Connections++;
        _loop.Frames.Hello(Reply(), default, _loop.Services.Store.Epoch, _loop.Services.Options.Limits);
        _link.Want(read: true, write: false);
        if (received.Length > 0)
            Parse(received);
        // Its handshake was under way when the others were told.
        if (_loop.ReconnectSpreadMs is { } spreadMs)
            Drain(spreadMs);
    }

    public void OnReady(bool readable, bool writable)
    {
        try
        {
            if (writable && IsBlocked)
            {
                IsBlocked = false;
                UpdateWants();
                _loop.MarkDirty(this);
            }

            if (readable && (_wantsRead || _closing))
                Receive();
        }
        catch (Exception e)
        {
            _loop.Failed(this, e);
        }
    }

    private void Receive()
    {
        var count = IsClosed ? -1 : _link.Receive(_loop.Received);
        if (count < 0)
        {
            Cut();
            return;
        }

        if (count == 0)
            return;
        _loop.Counters.ReceivedBytes += count;
        _clocks.Heard(_loop.Seconds);
        if (!_peerClosed)
            Parse(_loop.Received.AsSpan(0, count));
    }

    /// <summary>Goes on with what was received and waited.</summary>
    public void Resume()
    {
        if (!MustWait)
        {
            _paused = false;
            if (!IsClosed && _reader.IsInMessage)
                Parse([]);
        }

        UpdateWants();
    }

    private void Parse(Span<byte> bytes)
    {
        if (!_reader.IsInMessage)
            _clocks.MessageBegins(_loop.Seconds);
        _parsing = true;
        _reader.Read(bytes, this);
        _parsing = false;
        if (IsClosed)
            _reader.Clear();
        else
            UpdateWants();
    }

    public bool OnText(ReadOnlySpan<byte> payload)
    {
        if (_closing || _draining)
            return true;
        _clocks.MessageBegins(_loop.Seconds);
        _loop.Dispatcher.Handle(this, payload);
        _paused = MustWait;
        return !_paused && !IsClosed;
    }

    public void OnPing(ReadOnlySpan<byte> payload)
    {
        if (!_closing && TakeControlFrame())
            WebSocketFraming.WriteServerFrame(Reply(), Opcode.Pong, payload);
    }

    public void OnPong() => TakeControlFrame();

    public void OnClose(CloseCode? code)
    {
        _peerClosed = true;
        if (_closing)
        {
            Cut();
            return;
        }

        WriteClose(code);
    }

    public void OnBroken(CloseCode code, string reason)
    {
        _peerClosed = _broken = true;
        Close(code, reason);
    }

    /// <summary>Says why and closes; cut after a while if the client does not answer.</summary>
    public void Close(CloseCode code, string reason)
    {
        if (_closing || IsClosed)
            return;
        _loop.Services.Metrics.Closed(code);
        WriteClose(code, reason);
    }

    private void WriteClose(CloseCode? code, string reason = "")
    {
        if (_closing)
            return;
        LeaveAll();
        Span<byte> payload = stackalloc byte[125];
        var length = 0;
        if (code is { } said)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)said);
            length = 2 + Encoding.UTF8.GetBytes(reason, payload[2..]);
        }

        WebSocketFraming.WriteServerFrame(Reply(), Opcode.Close, payload[..length]);
        _closing = true;
        _clocks.Closes(_loop.Seconds);
        UpdateWants();
    }

    /// <summary>Says that the server stops, hears nothing more, and closes once everything this client asked for was answered.</summary>
    public void Drain(int spreadMs)
    {
        if (_draining || IsClosing)
            return;
        _draining = true;
        // Spread, so that they do not all come back at once.
        _loop.Frames.Closing(Reply(), Random.Shared.Next(1, spreadMs + 2));
        Answered();
    }

    /// <summary>One of its changes was answered.</summary>
    public void Answered()
    {
        if (_draining && ChangesUnderWay == 0)
            Close(CloseCode.ServiceRestart, "the server is restarting");
        else if (!_wantsRead)
            Resume();
    }

    /// <summary>Ends without a word.</summary>
    public void Cut()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        LeaveAll();
        _link.Close();
        _replies = null;
        if (!_parsing)
            _reader.Clear();
        _loop.Connections.Remove(this);
        _loop.Counters.Connections--;
        _onClosed();
    }

    /// <summary>Hands bytes to the socket: how many it took, -1 when the connection is gone.</summary>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        var sent = _link.Send(bytes);
        if (sent < 0)
            Cut();
        return sent;
    }

    /// <summary>Puts the answers in front of what is being written.</summary>
    public void TakeReplies(ArrayBufferWriter<byte> to)
    {
        if (_replies is null)
            return;
        to.Write(_replies.WrittenSpan);
        _loop.GiveBackReplies(_replies);
        _replies = null;
    }

    /// <summary>The socket took no more: the rest of what was begun waits, and so does everything else.</summary>
    public void Block(ReadOnlySpan<byte> rest)
    {
        IsBlocked = true;
        _clocks.Blocks(_loop.Seconds);
        if (!rest.IsEmpty)
        {
            _replies = _loop.RentReplies();
            _replies.Write(rest);
        }

        UpdateWants();
    }

    /// <summary>Everything was written.</summary>
    public void AfterFlush()
    {
        // A close was answered, or broken off; after our own close the client's answer is waited for.
        if (_closing && _peerClosed && !HasReplies)
            End();
        else if (!_wantsRead)
            Resume();
    }

    // Whoever breaks the protocol is often still sending, and bytes that meet a closed socket reset the connection: the close frame that
    // says why would be lost. So only our direction ends; theirs is drained until they end it, or the time for an answer is up.
    private void End()
    {
        if (!_broken || !_link.EndSending())
            Cut();
    }

    /// <summary>Asks for the next piece of a room's log.</summary>
    public void ReadLog(Membership member)
    {
        if (ReadsUnderWay > 0)
            return;
        ReadsUnderWay++;
        var audience = member.Audience;
        var key = new PageKey(member.Cursor, member.Base);
        if (!audience.Reads.TryGetValue(key, out var read))
        {
            audience.Reads.Add(key, read = new PageRead(_loop, audience, key));
            _loop.Services.Readers.Enqueue(read);
            _loop.Counters.LogReads++;
        }

        read.Waiting.Add(member);
    }

    public void Join(Membership member)
    {
        Memberships.Add(member);
        member.Audience.Add(member);
        if (member.IsPresent)
            member.Audience.Room.Enter(member.Username, this, _loop.Frames);
        else if (member.Username is { } name)
            member.Audience.Room.Watch(name);
    }

    public void Leave(Membership member)
    {
        var audience = member.Audience;
        Memberships.Remove(member);
        audience.Remove(member);
        if (member.IsPresent)
            audience.Room.Leave(member.Username, this, _loop.Frames);
        else if (member.Username is { } name)
            audience.Room.Unwatch(name);
        if (audience.Members.Count == 0)
        {
            audience.Room.Unlisten(audience);
            _loop.Audiences.Remove(audience.Room);
        }
    }

    /// <summary>Does what is due by the clock.</summary>
    public void CheckTimes()
    {
        // What it says meanwhile lies unread in its socket: that is neither silence nor slowness.
        if (!_wantsRead)
            _clocks.Excuse(_loop.Seconds);
        if (IsBlocked)
            _clocks.Confirmed(_link.Unconfirmed, _loop.Seconds);
        switch (_clocks.DueAt(_loop.Seconds, _closing, IsBlocked, _reader.IsInMessage, _loop.Services.Options))
        {
            case Due.Nothing:
                break;
            case Due.Unanswered:
                Cut();
                break;
            case Due.Stalled:
                _loop.Services.Metrics.Cut("stalled");
                Cut();
                break;
            case Due.Silent:
                _loop.Services.Metrics.Cut("silent");
                Cut();
                break;
            case Due.Slow:
                Close(CloseCode.PolicyViolation, "a message takes too long");
                break;
            case Due.Ping:
                WebSocketFraming.WriteServerFrame(Reply(), Opcode.Ping, []);
                break;
            case var due:
                throw new InvalidOperationException($"Nobody knows what to do about {due}.");
        }
    }

    private bool MustWait
    {
        get
        {
            var options = _loop.Services.Options;
            return IsJoining || ChangesUnderWay >= options.ChangesPerConnection || (_replies?.WrittenCount ?? 0) >= options.ReplyBytes;
        }
    }

    // Who does not listen cannot talk: while answers pile up, nothing is read.
    private void UpdateWants()
    {
        if (IsClosed)
            return;
        var wantsRead = (!MustWait && !_paused) || _closing;
        if (wantsRead != _wantsRead || IsBlocked != _wantsWrite)
        {
            _wantsRead = wantsRead;
            _wantsWrite = IsBlocked;
            _link.Want(wantsRead, IsBlocked);
        }
    }

    private bool TakeControlFrame()
    {
        if (Allowance.TakesControlFrame())
            return true;
        Close(CloseCode.PolicyViolation, "a flood of control frames");
        return false;
    }

    private void LeaveAll()
    {
        for (var i = Memberships.Count - 1; i >= 0; i--)
            Leave(Memberships[i]);
    }
}
