using System.Globalization;
using Confab.Client;
using Confab.Protocol;

namespace Confab.Cli.Chat;

/// <summary>
/// The conversation as lines, for pipes and files: each line of input is said, each thing that happens is a line of output. What is said in
/// several lines goes on in lines that begin with spaces, so that no text can pass for another line.
/// </summary>
internal sealed class PlainScreen(Conversation conversation, TextReader input, TextWriter output, TextWriter error, TimeZoneInfo zone) : Screen
{
    private DateTime _day;

    public override int CodeOfRefusals => 1;

    public override void Start(ChatSession chat) => _ = Task.Run(async () =>
    {
        while (await input.ReadLineAsync() is { } line)
        {
            var entered = new TaskCompletionSource<Task>();
            await chat.Post(() => entered.SetResult(chat.Enter(line)));
            // One after the other: who writes faster than the server takes it waits here.
            await await entered.Task;
        }

        await chat.Post(chat.StopWhenQuiet);
    });

    public override void Show(ConfabEvent happened)
    {
        switch (happened)
        {
            case FrameReceived { Frame: JoinedFrame joined }:
                Show(joined);
                break;
            case RoomReset { Snapshot: var snapshot }:
                Write("* The server has a different history now.");
                Show(snapshot);
                break;
            case FrameReceived { Frame: MessageLogFrame frame }:
                Show(frame);
                break;
            case FrameReceived { Frame: RoomChangedFrame }:
                Show(conversation.News);
                break;
            case FrameReceived { Frame: UserJoinedFrame came }:
                Write($"* {Inert.Line(came.Username)} is here");
                break;
            case FrameReceived { Frame: UserLeftFrame left }:
                Write($"* {Inert.Line(left.Username)} left");
                break;
            case ConnectionLost:
                error.WriteLine($"* {Inert.Line(conversation.Trouble!)}");
                break;
            case ConnectionRestored:
                error.WriteLine("* Connected again.");
                break;
        }
    }

    public override void Tell(string text)
    {
        foreach (var line in Inert.Lines(text))
            Write($"* {line}");
    }

    public override void Warn(string text, string? line = null) =>
        error.WriteLine(line is null ? Inert.Line(text) : $"{Inert.Line(text)} ({Inert.Line(line)})");

    public override void Offer(string line) => Warn("A pipe has no line to edit.", line);

    public override void Dispose() => output.Flush();

    // The snapshot of a reconnect brings nothing new: what was missed follows.
    private void Show(JoinedFrame joined)
    {
        if (joined.Messages is null)
            return;
        Write(conversation.Topic.Length == 0 ? $"# {Inert.Line(joined.Room)}" : $"# {Inert.Line(joined.Room)}: {Inert.Line(conversation.Topic)}");
        Tell(joined.Users is { } users ? $"{users.Count} here: {string.Join(", ", users)}" : $"{joined.Count} here");
        foreach (var message in joined.Messages)
            Show(message, message.Deleted ? "deleted" : message.EditedAt is null ? "" : "edited");
    }

    private void Show(RoomNews news)
    {
        if (news.Topic is { } topic)
            Write($"* topic: {Inert.Line(topic)}");
        foreach (var message in news.Pinned)
            Write($"* pinned: #{message}");
        foreach (var message in news.Unpinned)
            Write($"* unpinned: #{message}");
        if (news.Archived is { } archived)
            Write(archived ? "* archived" : "* unarchived");
    }

    private void Show(MessageLogFrame frame)
    {
        var message = frame.Data;
        if (frame is ReactedFrame)
            Write($"{Head(message)}: {string.Join(' ', (message.Reactions ?? []).Select(r => $"{Inert.Line(r.Emoji)} {r.Count}"))}");
        else
            Show(message, message.Deleted ? "deleted" : frame is EditedFrame ? "edited" : "");
    }

    private void Show(MessageData message, string note)
    {
        var text = string.Join("\n    ", Attached.Lines(message));
        var answer = message.ReplyTo is { } answered ? $" to #{answered}" : "";
        Write($"{Head(message)}{answer}{(note.Length == 0 ? "" : $" ({note})")}: {text}".TrimEnd());
    }

    private string Head(MessageData message)
    {
        var local = TimeZoneInfo.ConvertTime(message.Timestamp, zone);
        if (local.Date != _day)
            Write(local.ToString("— dddd d MMMM yyyy —", CultureInfo.InvariantCulture));
        _day = local.Date;
        return string.Create(CultureInfo.InvariantCulture, $"{local:HH:mm} #{message.Id} {Inert.Line(message.Username)}");
    }

    private void Write(string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}
