using Confab.Cli;
using Confab.Cli.Chat;

namespace Confab.Tests.Cli;

/// <summary>Texts in the cells of a terminal.</summary>
public sealed class CellsTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("你好", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("👩‍👩‍👧", 2)]
    [InlineData("🇩🇪", 2)]
    [InlineData("❤️", 2)]
    [InlineData("ünïcode", 7)]
    public void Their_width_is_what_terminals_show(string text, int width) => Assert.Equal(width, Cells.Width(text));

    [Theory]
    [InlineData("one two three", 7, "one two|three")]
    [InlineData("one two three", 8, "one two|three")]
    [InlineData("one two three", 6, "one|two|three")]
    [InlineData("abcdefgh", 3, "abc|def|gh")]
    [InlineData("a bcdefgh", 3, "a|bcd|efg|h")]
    [InlineData("你好世界", 5, "你好|世界")]
    [InlineData("", 5, "")]
    [InlineData("     ", 2, "  |  ")]
    public void Lines_break_between_words_where_they_can(string text, int width, string rows) => Assert.Equal(rows, string.Join('|', Cells.Wrap(text, width)));

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "ab…")]
    [InlineData("你好", 3, "你…")]
    [InlineData("abcd", 0, "")]
    public void What_is_cut_says_so(string text, int width, string cut) => Assert.Equal(cut, Cells.Cut(text, width));

    [Theory]
    [InlineData("plain ünïcode 👍 e\u0301", "plain ünïcode 👍 e\u0301")]
    [InlineData("\e[31mred\e[0m", "␛[31mred␛[0m")]
    [InlineData("a\rb\bc\ad\u007fe\0", "a␍b␈c␇d␡e␀")]
    [InlineData("\u009b31m", "▯31m")]
    [InlineData("abc\u202edef\u2066", "abc▯def▯")]
    [InlineData("👩\u200d👧", "👩\u200d👧")]
    public void Other_peoples_text_is_inert(string text, string shown) => Assert.Equal(shown, Inert.Line(text));

    [Fact]
    public void A_name_has_one_colour()
    {
        Assert.Equal(Style.OfName("ann"), Style.OfName("ann"));
        Assert.Equal("38;5;133", Style.OfName("ann").Sgr);
        Assert.True(Enumerable.Range(0, 200).Select(i => Style.OfName($"user{i}")).Distinct().Count() == 12);
    }
}
