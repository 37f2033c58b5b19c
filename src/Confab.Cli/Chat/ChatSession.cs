using System.Text;
using System.Threading.Channels;
using Confab.Client;
using Confab.Protocol;

namespace Confab.Cli.Chat;

/// <summary>
/// A person in a room. What happens and what is typed comes as mail to one task, which alone touches the conversation and the screen. What is
/// asked of the server is done in order, one thing after the other.
/// </summary>
internal sealed class ChatSession(ConfabClient client, Api api, Conversation conversation, Screen screen, TimeProvider time)
{
    private const int History = 30;
    private const int Page = 100;

    // Full, whoever posts waits: the events stay with the client, keys and lines with the system.
    private readonly Channel<Action> _mail = Channel.CreateBounded<Action>(256);
    private readonly Errands _errands = new(time);
    private readonly CancellationTokenSource _stop = new();
    private int _exitCode;
    private long _seen = -1; // before the snapshot
    private long _awaited;
    private bool _stopsWhenQuiet;
    private bool _isLoading;

    public Conversation Conversation => conversation;

    /// <summary>Requests that are not answered yet.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Why the chat ended, if not by this person's will.</summary>
    public string? EndedBecause { get; private set; }

    /// <summary>Connects, joins, and stays until the person leaves.</summary>
    /// <exception cref="ConfabConnectionException">There is no connection, or it is over.</exception>
    /// <exception cref="ConfabRefusedException">The room or the name is refused.</exception>
    public async Task<int> Run()
    {
        await client.ConnectAsync(_stop.Token);
        await client.JoinAsync(conversation.Room, new JoinOptions { History = History }, _stop.Token);
        conversation.Topic = await TopicOr("");
        var reading = Pump();
        var working = _errands.Run(Answered, _stop.Token);
        screen.Start(this);
        try
        {
            await foreach (var act in _mail.Reader.ReadAllAsync(_stop.Token))
            {
                act();
                if (!_mail.Reader.TryPeek(out _))
                    screen.Draw();
            }
        }
        catch (OperationCanceledException)
        {
        }

        _errands.End();
        await Task.WhenAll(reading, working);
        return _exitCode;
    }

    /// <summary>Has something done by the chat's task.</summary>
    public async ValueTask Post(Action act)
    {
        try
        {
            await _mail.Writer.WriteAsync(act, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The chat is over.
        }
    }

    /// <summary>Ends the chat.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Ends the chat once everything that was asked for has happened.</summary>
    public void StopWhenQuiet() => _ = Enqueue(null, () =>
    {
        _ = Post(() =>
        {
            _stopsWhenQuiet = true;
            StopIfQuiet();
        });
        return Task.CompletedTask;
    });

    /// <summary>Does what a line asks for; complete when it was done.</summary>
    public Task Enter(string line)
    {
        switch (Order.Of(line))
        {
            case Say { Text: var text }:
                return string.IsNullOrWhiteSpace(text) ? Task.CompletedTask : Enqueue(line, async () => Await(await client.PostAsync(conversation.Room, text)));
            case Reply { Message: var id, Text: var text }:
                return WithMessage(id, m => m.Username != conversation.Self, message => Enqueue(line, async () => Await(await client.PostAsync(conversation.Room, text, message.Id))));
            case Edit { Text.Length: 0, Message: var id }:
                return WithMessage(id, IsOwn, Rewrite);
            case Edit { Message: var id, Text: var text }:
                return WithMessage(id, IsOwn, message => Enqueue(line, async () => Await(await client.EditAsync(conversation.Room, message.Id, text))));
            case Delete { Message: var id }:
                return WithMessage(id, IsOwn, message => Enqueue(line, async () => Await(await client.DeleteAsync(conversation.Room, message.Id))));
            case React { Message: var id, Emoji: var emoji }:
                return WithMessage(id, m => m.Username != conversation.Self, message => Enqueue(line, async () => Await(await ReactAsync(message, emoji))));
            case Topic { Text: var text }:
                if (text.Length > 0)
                    return Enqueue(line, () => api.SetTopic(conversation.Room, text, conversation.Self, _stop.Token));
                screen.Tell(conversation.Topic.Length == 0 ? "The room has no topic." : conversation.Topic);
                break;
            case Archive { IsOn: var isOn }:
                return Enqueue(line, () => api.Archive(conversation.Room, isOn, conversation.Self, _stop.Token));
            case Who:
                screen.Tell(conversation.Users is { } users ? $"{users.Count} here: {string.Join(", ", users)}" : $"{conversation.Count} here");
                break;
            case Explain:
                screen.Tell(Order.Help);
                break;
            case Quit:
                Stop();
                break;
            case Unclear { Verb: var verb }:
                Refuse($"{verb} does not work like that; see /help.", line);
                break;
        }

        return Task.CompletedTask;
    }

    /// <summary>Shows the others that a line is being written.</summary>
    public void ShowTyping() => client.ShowTyping(conversation.Room);

    /// <summary>Asks for messages before those that are known.</summary>
    public void LoadOlder()
    {
        if (_isLoading || !conversation.HasOlder || conversation.OldestId == long.MaxValue)
            return;
        _isLoading = true;
        var oldest = conversation.OldestId;
        _ = Enqueue(null, async () =>
        {
            try
            {
                var older = await api.Before(conversation.Room, oldest, Page, _stop.Token);
                await Post(() => conversation.AddOlder(older));
            }
            finally
            {
                await Post(() => _isLoading = false);
            }
        });
    }

    private Task<long> ReactAsync(MessageData message, string emoji)
    {
        if (Emoji.TryQualify(Encoding.UTF8.GetBytes(emoji), out var form) && !IsThere(emoji))
            emoji = Encoding.UTF8.GetString(form);
        return IsThere(emoji) ? client.UnreactAsync(conversation.Room, message.Id, emoji) : client.ReactAsync(conversation.Room, message.Id, emoji);

        bool IsThere(string one) => message.Reactions?.Any(r => r.Emoji == one && r.Usernames.Contains(conversation.Self)) == true;
    }

    private bool IsOwn(MessageData message) => message.Username == conversation.Self;

    private Task WithMessage(long? id, Func<MessageData, bool> isMeant, Func<MessageData, Task> act)
    {
        var message = id is { } number ? conversation.Find(number) : conversation.Messages.LastOrDefault(m => !m.Deleted && isMeant(m));
        if (message is not null)
            return act(message);
        Refuse(id is null ? "There is no message to refer to yet." : $"#{id} is not on this screen.");
        return Task.CompletedTask;
    }

    private Task Rewrite(MessageData message)
    {
        screen.Offer($"/edit #{message.Id} {message.Content}");
        return Task.CompletedTask;
    }

    private Task Enqueue(string? line, Func<Task> act)
    {
        Unanswered++;
        return _errands.Add(new Errand(line, act));
    }

    private ValueTask Answered(Errand errand, string? failure) => Post(() =>
    {
        Unanswered--;
        if (failure is not null)
            Refuse(failure, errand.Line);
    });

    private void Refuse(string reason, string? line = null)
    {
        _exitCode = screen.CodeOfRefusals;
        screen.Warn(reason, line);
    }

    // Called where the answer comes in.
    private void Await(long seq) => _ = Post(() => _awaited = Math.Max(_awaited, seq));

    // The answer comes before the event: what was said is to be seen too.
    private void StopIfQuiet()
    {
        if (_stopsWhenQuiet && _seen >= _awaited)
            Stop();
    }

    private async Task Pump()
    {
        try
        {
            await foreach (var happened in client.ReadEventsAsync(_stop.Token))
                await Post(() => Learn(happened));
            Stop();
        }
        catch (OperationCanceledException)
        {
        }
        catch (ConfabConnectionException e)
        {
            await End(e.Message);
        }
    }

    private void Learn(ConfabEvent happened)
    {
        conversation.Apply(happened);
        _seen = happened switch
        {
            FrameReceived { Frame: LogFrame log } => log.Seq,
            RoomReset { Snapshot.Seq: var seq } => seq,
            FrameReceived { Frame: JoinedFrame } => Math.Max(_seen, 0),
            _ => _seen,
        };
        screen.Show(happened);
        if (happened is RoomLost lost)
            _ = End($"Lost the room: {lost.Message}");
        StopIfQuiet();
    }

    private ValueTask End(string reason) => Post(() =>
    {
        _exitCode = Tool.Failed;
        EndedBecause = reason;
        Stop();
    });

    private async Task<string> TopicOr(string nothing)
    {
        try
        {
            return await api.Topic(conversation.Room, _stop.Token);
        }
        catch (Exception e) when (e is HttpRequestException or ConfabRefusedException)
        {
            // A proxy that lets only the chat through; the topic can wait for its next change.
            return nothing;
        }
    }
}
