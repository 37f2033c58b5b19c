using System.Runtime.InteropServices;
using System.Text;
using Confab.Client;

namespace Confab.Cli.Chat;

/// <summary>
/// The conversation on the whole screen of a terminal: a bar above, a line to write in below. Every row is put in its place and only if it
/// changed, and nothing wraps, so that a text that is wider than it seems spoils its own row at most.
/// </summary>
internal sealed class TerminalScreen(Conversation conversation, TimeProvider time) : Screen
{
    private readonly LineEditor _editor = new();
    private readonly bool _colours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    private readonly List<IDisposable> _held = [];
    private ChatSession? _chat;
    private string[] _drawn = [];
    private string? _warning;
    private int _skip;
    private int _known;

    public override int CodeOfRefusals => 0;

    private static int Width => Math.Max(Console.WindowWidth, 20);

    private static int Height => Math.Max(Console.WindowHeight, 4);

    public override void Start(ChatSession chat)
    {
        _chat = chat;
        // The other screen, and no wrapping.
        Write("\e[?1049h\e[?7l");
        Console.TreatControlCAsInput = true;
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGHUP })
            _held.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                chat.Stop();
            }));
        if (!OperatingSystem.IsWindows())
            _held.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, context => _ = chat.Post(Redraw)));
        // Typing ends by itself.
        _held.Add(time.CreateTimer(_ => _ = chat.Post(() => { }), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        new Thread(ReadKeys) { Name = "keys", IsBackground = true }.Start();
    }

    // Whoever reads older messages is left where they are.
    public override void Show(ConfabEvent happened)
    {
        if (_skip > 0 && conversation.Entries.Count > _known)
            _skip += LayOut().CountFrom(_known);
        _known = conversation.Entries.Count;
    }

    public override void Tell(string text)
    {
        conversation.Add(text);
        _known = conversation.Entries.Count;
        _skip = 0;
    }

    public override void Warn(string text, string? line = null)
    {
        _warning = text;
        if (line is not null && _editor.Text.Length == 0)
            _editor.Set(line);
    }

    public override void Offer(string line) => _editor.Set(line);

    public override void Draw()
    {
        var (width, height) = (Width, Height);
        if (_drawn.Length != height)
            _drawn = new string[height];
        var layout = LayOut();
        var rows = layout.Last(height - 3, ref _skip);
        var screen = new StringBuilder("\e[?25l");
        Put(screen, 0, Bar(width));
        for (var i = 0; i < height - 3; i++)
            Put(screen, i + 1, i < height - 3 - rows.Count ? new Row() : rows[i - (height - 3 - rows.Count)]);
        Put(screen, height - 2, new Row(Status(width)));
        var (line, column) = Line(width);
        Put(screen, height - 1, line);
        screen.Append("\e[").Append(height).Append(';').Append(column + 1).Append("H\e[?25h");
        Write(screen.ToString());
    }

    public override void Dispose()
    {
        foreach (var held in _held)
            held.Dispose();
        if (_chat is not null)
            Write("\e[0m\e[?7h\e[?25h\e[?1049l");
    }

    private Layout LayOut() => new(conversation, time.LocalTimeZone, Width);

    private void Redraw()
    {
        _drawn = [];
        Write("\e[2J");
    }

    private void ReadKeys()
    {
        try
        {
            while (true)
            {
                var key = Console.ReadKey(intercept: true);
                _chat!.Post(() => Press(key)).AsTask().GetAwaiter().GetResult();
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // The terminal is gone.
            _chat!.Stop();
        }
    }

    private void Press(ConsoleKeyInfo key)
    {
        _warning = null;
        var page = Math.Max(Height - 5, 1);
        switch (key)
        {
            case { Key: ConsoleKey.PageUp }:
                ScrollUp(page);
                break;
            case { Key: ConsoleKey.PageDown }:
                _skip = Math.Max(_skip - page, 0);
                break;
            case { Key: ConsoleKey.L, Modifiers: ConsoleModifiers.Control }:
                Redraw();
                break;
            case { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control } when _editor.Text.Length > 0:
                _editor.Set("");
                break;
            case { Key: ConsoleKey.C or ConsoleKey.D, Modifiers: ConsoleModifiers.Control } when _editor.Text.Length == 0:
                _chat!.Stop();
                break;
            default:
                Edit(key);
                break;
        }
    }

    private void ScrollUp(int rows)
    {
        var before = _skip;
        _skip += rows;
        LayOut().Last(Height - 3, ref _skip);
        if (_skip < before + rows)
            _chat!.LoadOlder();
    }

    private void Edit(ConsoleKeyInfo key)
    {
        var before = _editor.Text;
        if (_editor.Press(key) is { } line)
        {
            _skip = 0;
            _ = _chat!.Enter(line);
        }
        else if (_editor.Text != before && _editor.Text.Length > 0 && _editor.Text[0] != '/')
        {
            _chat!.ShowTyping();
        }
    }

    private Row Bar(int width)
    {
        var here = conversation.Users is { Count: > 0 } users ? $"{users.Count} here: {string.Join(", ", users)} " : $"{conversation.Count} here ";
        var right = Cells.Cut(Inert.Line(here), width / 2);
        var topic = conversation.Topic.Length == 0 ? "" : $" · {conversation.Topic}";
        var archived = conversation.IsArchived ? " (archived)" : "";
        var left = Cells.Cut(Inert.Line($" {conversation.Room}{archived}{topic}"), width - Cells.Width(right) - 1);
        return new Row(new Span(left + new string(' ', width - Cells.Width(left) - Cells.Width(right)) + right, Style.Bar));
    }

    private Span Status(int width)
    {
        var typing = conversation.Typing.Take(4).ToList();
        var (text, style) = (_warning ?? conversation.Trouble) is { } trouble ? (trouble, Style.Warning)
            : _skip > 0 ? ("Newer messages are below: page down", Style.Dim)
            : typing.Count == 0 ? ("", Style.Dim)
            : (typing.Count == 1 ? $"{typing[0]} is typing…" : typing.Count < 4 ? $"{string.Join(", ", typing)} are typing…" : "Several people are typing…", Style.Quiet);
        if (_chat!.Unanswered > 0 && conversation.Trouble is not null)
            text = $"{_chat.Unanswered} not sent yet · {text}";
        return new Span(Cells.Cut($" {Inert.Line(text)}", width), style);
    }

    // The part of the line around the cursor, and the column of the cursor.
    private (Row Row, int Column) Line(int width)
    {
        var name = Cells.Cut(Inert.Line(conversation.Self), Math.Min(width / 3, 16));
        var prompt = new Span($" {name} › ", Style.OfName(conversation.Self));
        var room = width - prompt.Width - 1;
        var before = Inert.Line(_editor.Text[.._editor.Cursor]);
        var line = before + Inert.Line(_editor.Text[_editor.Cursor..]);
        var start = 0;
        while (Cells.Width(before.AsSpan(start)) > room)
            start = Cells.End(before, start, Math.Max(room / 3, 2));
        var shown = line[start..Cells.End(line, start, room)];
        return (new Row(prompt, new Span(shown)), prompt.Width + Cells.Width(before.AsSpan(start)));
    }

    private void Put(StringBuilder screen, int index, Row row)
    {
        var text = new StringBuilder();
        row.WriteTo(text, _colours);
        var drawn = text.ToString();
        if (_drawn[index] == drawn)
            return;
        _drawn[index] = drawn;
        screen.Append("\e[").Append(index + 1).Append(";1H\e[0m\e[2K").Append(drawn);
    }

    private static void Write(string text)
    {
        Console.Out.Write(text);
        Console.Out.Flush();
    }
}
