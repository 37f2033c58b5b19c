using Confab.Cli.Chat;

namespace Confab.Tests.Cli;

/// <summary>The line that one writes in: every key does what a shell's would.</summary>
public sealed class LineEditorTests
{
    private readonly LineEditor _line = new();

    [Fact]
    public void Characters_go_where_the_cursor_is()
    {
        Type("ac");
        Press(ConsoleKey.LeftArrow);
        Type("b");
        AssertLine("ab|c");
        Press(ConsoleKey.Home);
        Type("<");
        Press(ConsoleKey.End);
        Type(">");
        AssertLine("<abc>|");
        Press(ConsoleKey.LeftArrow);
        Press(ConsoleKey.Backspace);
        AssertLine("<ab|>");
        Press(ConsoleKey.Delete);
        AssertLine("<ab|");
        Press(ConsoleKey.Delete);
        Press(ConsoleKey.RightArrow);
        AssertLine("<ab|");
    }

    [Fact]
    public void One_step_is_one_character_as_people_see_it()
    {
        Type("a👩‍👩‍👧e\u0301z");
        Press(ConsoleKey.LeftArrow);
        Press(ConsoleKey.LeftArrow);
        AssertLine("a👩‍👩‍👧|e\u0301z");
        Press(ConsoleKey.Backspace);
        AssertLine("a|e\u0301z");
        Press(ConsoleKey.Delete);
        AssertLine("a|z");
    }

    [Fact]
    public void Words_and_rests_of_lines_are_moved_over_and_removed()
    {
        Type("one two  three");
        Press(ConsoleKey.LeftArrow, ConsoleModifiers.Control);
        AssertLine("one two  |three");
        Press(ConsoleKey.LeftArrow, ConsoleModifiers.Control);
        AssertLine("one |two  three");
        Press(ConsoleKey.RightArrow, ConsoleModifiers.Control);
        AssertLine("one two|  three");
        Press(ConsoleKey.W, ConsoleModifiers.Control);
        AssertLine("one |  three");
        Press(ConsoleKey.K, ConsoleModifiers.Control);
        AssertLine("one |");
        Press(ConsoleKey.A, ConsoleModifiers.Control);
        AssertLine("|one ");
        Press(ConsoleKey.E, ConsoleModifiers.Control);
        Press(ConsoleKey.U, ConsoleModifiers.Control);
        AssertLine("|");
        Press(ConsoleKey.Backspace);
        AssertLine("|");
    }

    [Fact]
    public void Own_lines_come_back_and_the_unfinished_one_too()
    {
        Assert.Equal("first", Enter("first"));
        Assert.Equal("second", Enter("second"));
        Type("unfinished");
        Press(ConsoleKey.UpArrow);
        AssertLine("second|");
        Press(ConsoleKey.UpArrow);
        Press(ConsoleKey.UpArrow);
        AssertLine("first|");
        Press(ConsoleKey.DownArrow);
        Press(ConsoleKey.DownArrow);
        AssertLine("unfinished|");
        Press(ConsoleKey.DownArrow);
        AssertLine("unfinished|");
    }

    [Fact]
    public void Alt_Enter_begins_another_line()
    {
        Type("one");
        Assert.Null(Press(ConsoleKey.Enter, ConsoleModifiers.Alt));
        Type("two");
        Assert.Equal("one\ntwo", Press(ConsoleKey.Enter));
        AssertLine("|");
    }

    [Fact]
    public void Keys_without_a_character_write_nothing()
    {
        Press(ConsoleKey.F5);
        Press(ConsoleKey.Tab, default, '\t');
        Press(ConsoleKey.Escape, default, '\e');
        Press(ConsoleKey.G, ConsoleModifiers.Control, '\a');
        AssertLine("|");
    }

    private string? Enter(string text)
    {
        Type(text);
        return Press(ConsoleKey.Enter);
    }

    private void Type(string text)
    {
        foreach (var c in text)
            Press(ConsoleKey.None, default, c);
    }

    private string? Press(ConsoleKey key, ConsoleModifiers with = default, char c = '\0') =>
        _line.Press(new ConsoleKeyInfo(c, key, with.HasFlag(ConsoleModifiers.Shift), with.HasFlag(ConsoleModifiers.Alt), with.HasFlag(ConsoleModifiers.Control)));

    private void AssertLine(string expected) => Assert.Equal(expected, _line.Text.Insert(_line.Cursor, "|"));
}
