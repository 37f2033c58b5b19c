using System.Globalization;

namespace Confab.Cli.Chat;

/// <summary>A line that is being written, with the keys one expects of a shell's.</summary>
internal sealed class LineEditor
{
    private const int MaxHistory = 200;

    private readonly List<string> _history = [];
    private int _place; // in the history; its end is the line that is being written
    private string _written = "";

    public string Text { get; private set; } = "";

    /// <summary>Where the next character goes, between 0 and the length of <see cref="Text"/>.</summary>
    public int Cursor { get; private set; }

    /// <summary>Puts a text in place of the line.</summary>
    public void Set(string text) => (Text, Cursor) = (text, text.Length);

    /// <summary>Takes a key; gives the line when it is finished.</summary>
    public string? Press(ConsoleKeyInfo key)
    {
        var control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.Enter when key.Modifiers.HasFlag(ConsoleModifiers.Alt):
                Insert('\n');
                break;
            case ConsoleKey.Enter:
                return Finish();
            case ConsoleKey.LeftArrow:
                Cursor = control ? WordBefore() : Before(Cursor);
                break;
            case ConsoleKey.RightArrow:
                Cursor = control ? WordAfter() : After(Cursor);
                break;
            case ConsoleKey.Home or ConsoleKey.A when key.Key == ConsoleKey.Home || control:
                Cursor = 0;
                break;
            case ConsoleKey.End or ConsoleKey.E when key.Key == ConsoleKey.End || control:
                Cursor = Text.Length;
                break;
            case ConsoleKey.Backspace when control:
            case ConsoleKey.W when control:
                Remove(WordBefore(), Cursor);
                break;
            case ConsoleKey.Backspace:
                Remove(Before(Cursor), Cursor);
                break;
            case ConsoleKey.Delete:
                Remove(Cursor, After(Cursor));
                break;
            case ConsoleKey.U when control:
                Remove(0, Cursor);
                break;
            case ConsoleKey.K when control:
                Remove(Cursor, Text.Length);
                break;
            case ConsoleKey.UpArrow:
                Recall(_place - 1);
                break;
            case ConsoleKey.DownArrow:
                Recall(_place + 1);
                break;
            default:
                if (!char.IsControl(key.KeyChar) && !control)
                    Insert(key.KeyChar);
                break;
        }

        return null;
    }

    private void Insert(char c)
    {
        Text = Text.Insert(Cursor, c.ToString());
        Cursor++;
    }

    private void Remove(int from, int to)
    {
        Text = Text.Remove(from, to - from);
        Cursor = from;
    }

    private string Finish()
    {
        var line = Text;
        if (line.Length > 0 && (_history.Count == 0 || _history[^1] != line))
            _history.Add(line);
        if (_history.Count > MaxHistory)
            _history.RemoveAt(0);
        _place = _history.Count;
        _written = "";
        Set("");
        return line;
    }

    private void Recall(int place)
    {
        if (place < 0 || place > _history.Count)
            return;
        if (_place == _history.Count)
            _written = Text;
        _place = place;
        Set(place == _history.Count ? _written : _history[place]);
    }

    // One step is what a reader takes for one character, however many code points it is.
    private int After(int index) => index + StringInfo.GetNextTextElementLength(Text.AsSpan(index));

    private int Before(int index)
    {
        var before = 0;
        for (var i = 0; i < index; i = After(i))
            before = i;
        return before;
    }

    private int WordBefore()
    {
        var index = Cursor;
        while (index > 0 && char.IsWhiteSpace(Text[index - 1]))
            index--;
        while (index > 0 && !char.IsWhiteSpace(Text[index - 1]))
            index--;
        return index;
    }

    private int WordAfter()
    {
        var index = Cursor;
        while (index < Text.Length && char.IsWhiteSpace(Text[index]))
            index++;
        while (index < Text.Length && !char.IsWhiteSpace(Text[index]))
            index++;
        return index;
    }
}
