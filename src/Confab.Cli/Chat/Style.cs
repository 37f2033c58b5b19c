using System.Text;

namespace Confab.Cli.Chat;

/// <summary>How a text looks: the parameters of SGR (ECMA-48 §8.3.117); empty for plain.</summary>
internal readonly record struct Style(string Sgr)
{
    public static readonly Style Plain = new("");
    public static readonly Style Dim = new("2");
    public static readonly Style Quiet = new("2;3");
    public static readonly Style Bar = new("7");
    public static readonly Style Warning = new("33");
    public static readonly Style Own = new("1");

    // Twelve colours of the 256 that can be read on light and on dark.
    private static readonly int[] s_colours = [31, 35, 61, 64, 67, 97, 130, 133, 136, 161, 166, 172];

    /// <summary>The colour of a name: the same one always and everywhere.</summary>
    public static Style OfName(string name)
    {
        // FNV-1a, and its high bits mixed into the low ones: the hash of .NET's strings differs from run to run.
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ b) * 16777619;
        hash ^= hash >> 15;
        return new($"38;5;{s_colours[hash % (uint)s_colours.Length]}");
    }
}

/// <summary>A piece of a row. The text is <see cref="Inert"/>: whoever makes a span of other people's text sees to that.</summary>
internal readonly record struct Span(string Text, Style Style = default)
{
    public int Width => Cells.Width(Text);
}

/// <summary>A row of the screen.</summary>
internal sealed record Row(params Span[] Spans)
{
    public int Width => Spans.Sum(span => span.Width);

    /// <summary>The row as bytes for a terminal. Without colours, only bold, dim and reverse are left.</summary>
    public void WriteTo(StringBuilder to, bool colours)
    {
        foreach (var span in Spans)
        {
            var sgr = span.Style.Sgr;
            if (string.IsNullOrEmpty(sgr) || (!colours && sgr[0] == '3'))
                to.Append(span.Text);
            else
                to.Append("\e[").Append(sgr).Append('m').Append(span.Text).Append("\e[0m");
        }
    }

    public override string ToString() => string.Concat(Spans.Select(span => span.Text));
}
