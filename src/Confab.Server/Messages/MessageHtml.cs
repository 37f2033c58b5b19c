using System.Text;
using Confab.Server.Storage;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Parsers;
using Markdig.Syntax;

namespace Confab.Server.Messages;

/// <summary>
/// What a message looks like: its Markdown as HTML, made once, when it is accepted. Only <see cref="HtmlWriter"/> writes HTML, and it knows
/// no element or attribute beyond those of PROTOCOL.md.
/// </summary>
internal static class MessageHtml
{
    /// <summary>The longest HTML in bytes of UTF-8. A message that would have more is shown as text.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>How deep quotes, lists and emphasis may nest.</summary>
    private const int MaxDepth = 32;

    /// <summary>
    /// Characters outside of code that may begin or end something within a line. The parser takes time by the square of them: these take
    /// about three milliseconds at worst, sixteen times as many, which a message could hold, a second.
    /// </summary>
    private const int MaxDelimiters = 1000;

    /// <summary>Links of a message. For each its address is read and written anew, which takes a microsecond or two.</summary>
    private const int MaxLinks = 300;

    /// <summary>Cells of a table, empty ones included: a row of few characters has as many as the head of the table.</summary>
    private const int MaxCells = 4000;

    private static readonly MarkdownPipeline s_pipeline = Build();

    /// <summary>Reads what is said: its HTML, UTF-8, empty when it is to be shown as it is; and where it may mean somebody.</summary>
    public static (byte[] Html, Called[][]? Calls) Read(ReadOnlySpan<byte> content)
    {
        var words = content.Contains((byte)'@') ? new StringBuilder(content.Length) : null;
        if (!Markup.MayBeIn(content) || Markup.IsExcessive(content) || Render(content, words) is not { } html)
        {
            // The text as it stands.
            html = [];
            words?.Clear().Append(Encoding.UTF8.GetString(content));
        }

        return (html, words is null ? null : Mentions.Of(words.ToString()));
    }

    // Null when there can be none.
    private static byte[]? Render(ReadOnlySpan<byte> content, StringBuilder? words)
    {
        try
        {
            var html = new HtmlWriter(MaxBytes, MaxDepth, MaxLinks, words).Write(Markdown.Parse(ChatRules.SeparateTables(Encoding.UTF8.GetString(content)), s_pipeline));
            if (Encoding.UTF8.GetByteCount(html) is var length && length > MaxBytes)
                return null;
            var utf8 = new byte[length];
            Encoding.UTF8.GetBytes(html, utf8);
            return utf8;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Too much for the parser, or a defect of it: neither may cost somebody the message.
            return null;
        }
    }

    private static MarkdownPipeline Build()
    {
        var builder = new MarkdownPipelineBuilder { MaximumNestingDepth = MaxDepth };
        builder.DisableHtml();
        builder.UseTaskLists();
        // Not with the rules of GFM: those look at the head of the table again for every line.
        builder.UsePipeTables(new PipeTableOptions { UseHeaderForColumnCount = true });
        builder.InlineParsers.Add(new AddressParser());
        builder.UseChatRules();
        foreach (var parser in builder.BlockParsers)
            parser.Closed += Check;
        return builder.Build();
    }

    // Between the two passes of the parser: the lines of a block are known, and what is in them is not looked at yet.
    private static void Check(BlockProcessor processor, Block block)
    {
        if (block is not LeafBlock { ProcessInlines: true } leaf)
            return;
        var effort = (Effort?)processor.Document.GetData(typeof(Effort)) ?? new Effort();
        processor.Document.SetData(typeof(Effort), effort);
        var widest = 0;
        for (var i = 0; i < leaf.Lines.Count; i++)
        {
            var line = leaf.Lines.Lines[i].Slice.AsSpan();
            widest = Math.Max(widest, line.Count('|'));
            foreach (var letter in line)
                effort.Delimiters += "`*_[]<~".Contains(letter) ? 1 : 0;
        }

        if (effort.Delimiters > MaxDelimiters || (widest + 1) * leaf.Lines.Count > MaxCells)
            throw new InvalidOperationException("Too much markup in one message.");
    }

    /// <summary>What the parser would have to do for the blocks so far.</summary>
    private sealed class Effort
    {
        public int Delimiters { get; set; }
    }
}
