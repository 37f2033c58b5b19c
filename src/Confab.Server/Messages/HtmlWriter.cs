using System.Buffers;
using System.Globalization;
using System.Text;
using Markdig.Extensions.Tables;
using Markdig.Extensions.TaskLists;
using Markdig.Helpers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Confab.Server.Messages;

/// <summary>
/// Writes a parsed text as HTML. Whatever it does not know is written as the text in it, so that no parser can bring in an element that
/// is not named here; and every text goes through <see cref="Text"/>.
/// </summary>
/// <param name="words">Takes what is said outside of code and links; null when nobody asks.</param>
internal sealed class HtmlWriter(int maxChars, int maxDepth, int maxLinks, StringBuilder? words = null)
{
    private readonly ArrayBufferWriter<char> _html = new(512);
    private int _depth;
    private int _links;
    private bool _isMarkup;
    private bool _isSeen;
    private bool _isInLink;
    private bool _isInCode;

    /// <summary>The HTML; empty when it says no more than the text does, or shows nothing at all.</summary>
    public ReadOnlySpan<char> Write(MarkdownDocument document)
    {
        foreach (var block in document)
            Write(block, isTight: false);
        return _isMarkup && _isSeen ? _html.WrittenSpan : default;
    }

    private void Write(Block block, bool isTight)
    {
        Enter();
        words?.Append('\n');
        switch (block)
        {
            case LinkReferenceDefinitionGroup:
                _isMarkup = true;
                break;
            case HeadingBlock heading:
                // Not h1 to h6: what somebody says is no part of the page's outline.
                Within("<p><strong>", heading.Inline, "</strong></p>");
                break;
            case ParagraphBlock paragraph when isTight:
                Write(paragraph.Inline);
                break;
            case CodeBlock code:
                Write(code);
                break;
            case ThematicBreakBlock:
                Tag("<hr>");
                _isSeen = true;
                break;
            case QuoteBlock quote:
                Within("<blockquote>", quote, "</blockquote>");
                break;
            case ListBlock list:
                Write(list);
                break;
            case Table table:
                Write(table);
                break;
            case ContainerBlock container:
                WriteAll(container, isTight);
                break;
            case LeafBlock leaf:
                Raw("<p>");
                // What is before the first word of a message: fewer than four, or it would be code.
                if (leaf is { Parent: MarkdownDocument, Line: 0, Column: > 0 and < 4 })
                    Raw("   "[..leaf.Column]);
                Write(leaf.Inline);
                Raw("</p>");
                break;
        }

        _depth--;
    }

    private void Write(CodeBlock code)
    {
        _isInCode = true;
        Tag("<pre><code");
        if (code is FencedCodeBlock { Info: { } info } && IsLanguage(info.ToLowerInvariant()))
        {
            Raw(" class=\"language-");
            Raw(info.ToLowerInvariant());
            Raw("\"");
        }

        Raw(">");
        for (var i = 0; i < code.Lines.Count; i++)
        {
            Text(code.Lines.Lines[i].Slice.AsSpan());
            Raw("\n");
        }

        Raw("</code></pre>");
        _isInCode = false;
    }

    private void Write(ListBlock list)
    {
        Tag(list.IsOrdered ? "<ol" : "<ul");
        if (list.IsOrdered && int.TryParse(list.OrderedStart, NumberStyles.None, CultureInfo.InvariantCulture, out var start) && start != 1)
            Raw(string.Create(CultureInfo.InvariantCulture, $" start=\"{start}\""));
        Raw(">");
        foreach (var item in list)
        {
            Raw("<li>");
            if (item is ContainerBlock blocks)
                WriteAll(blocks, isTight: !list.IsLoose);
            Raw("</li>");
        }

        Raw(list.IsOrdered ? "</ol>" : "</ul>");
    }

    private void Write(Table table)
    {
        Tag("<table>");
        var isInBody = false;
        foreach (var row in table.OfType<TableRow>())
        {
            if (row.IsHeader)
            {
                Raw("<thead>");
            }
            else if (!isInBody)
            {
                Raw("<tbody>");
                isInBody = true;
            }

            Raw("<tr>");
            foreach (var (column, cell) in row.OfType<TableCell>().Index())
            {
                Raw(row.IsHeader ? "<th" : "<td");
                Raw(AlignmentOf(table, column));
                WriteAll(cell, isTight: true);
                Raw(row.IsHeader ? "</th>" : "</td>");
            }

            Raw(row.IsHeader ? "</tr></thead>" : "</tr>");
        }

        Raw(isInBody ? "</tbody></table>" : "</table>");
    }

    private static string AlignmentOf(Table table, int column) =>
        (column < table.ColumnDefinitions.Count ? table.ColumnDefinitions[column].Alignment : null) switch
        {
            TableColumnAlign.Left => " align=\"left\">",
            TableColumnAlign.Center => " align=\"center\">",
            TableColumnAlign.Right => " align=\"right\">",
            _ => ">",
        };

    private void Within(string open, ContainerBlock blocks, string close)
    {
        Tag(open);
        WriteAll(blocks, isTight: false);
        Raw(close);
    }

    private void Within(string open, ContainerInline? inlines, string close)
    {
        Tag(open);
        Write(inlines);
        Raw(close);
    }

    private void WriteAll(ContainerBlock blocks, bool isTight)
    {
        Block? before = null;
        foreach (var block in blocks)
        {
            // Without its <p> a paragraph would run into the one before.
            if (isTight && before is ParagraphBlock && block is ParagraphBlock)
                Raw("<br>");
            Write(block, isTight);
            before = block;
        }
    }

    private void Write(ContainerInline? inlines)
    {
        for (var inline = inlines?.FirstChild; inline is not null; inline = inline.NextSibling)
            Write(inline);
    }

    private void Write(Inline inline)
    {
        Enter();
        switch (inline)
        {
            case LiteralInline literal:
                _isMarkup |= literal.IsFirstCharacterEscaped;
                Text(literal.Content.AsSpan());
                break;
            case LineBreakInline end:
                _isMarkup |= end.IsBackslash;
                Raw("<br>");
                words?.Append('\n');
                break;
            case CodeInline code:
                words?.Append(Mentions.Gap);
                _isInCode = true;
                Tag("<code>");
                Text(code.Content);
                Raw("</code>");
                _isInCode = false;
                break;
            case HtmlEntityInline entity:
                _isMarkup = true;
                Text(entity.Transcoded.AsSpan());
                break;
            case EmphasisInline emphasis:
                Write(emphasis);
                break;
            case TaskList task:
                _isMarkup = true;
                Text(task.Checked ? "☑" : "☐");
                break;
            case AutolinkInline link:
                _isMarkup = true; // the brackets around it go
                Link(link.IsEmail ? $"mailto:{link.Url}" : link.Url, () => Text(link.Url));
                break;
            case LinkInline link:
                _isMarkup |= !link.IsAutoLink;
                Link(link.GetDynamicUrl?.Invoke() ?? link.Url, () => Write((ContainerInline)link));
                break;
            case HtmlInline html:
                Text(html.Tag);
                break;
            case DelimiterInline delimiter:
                Text(delimiter.ToLiteral());
                Write((ContainerInline)delimiter);
                break;
            case ContainerInline container:
                Write(container);
                break;
        }

        _depth--;
    }

    private void Write(EmphasisInline emphasis)
    {
        var name = emphasis.DelimiterChar == '~' ? "del" : emphasis.DelimiterCount == 2 ? "strong" : "em";
        Within($"<{name}>", emphasis, $"</{name}>");
    }

    // A picture is a link as well, whose text is what it says of itself: nothing is fetched for showing a message.
    private void Link(string? url, Action text)
    {
        if (_isInLink || SafeAddress(url) is not { } address)
        {
            text();
            return;
        }

        if (++_links > maxLinks)
            throw new InvalidOperationException("The message has too many links.");
        _isInLink = true;
        words?.Append(Mentions.Gap);
        Tag("<a href=\"");
        Escape(address, "&<>\"");
        Raw("\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">");
        var start = _html.WrittenCount;
        text();
        if (_html.WrittenCount == start)
            Text(address);
        Raw("</a>");
        _isInLink = false;
    }

    // What is written is what was judged: the address as the parser understood it, not as it was spelled.
    private static string? SafeAddress(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeMailto)
        && !uri.AbsoluteUri.Any(char.IsWhiteSpace)
            ? uri.AbsoluteUri
            : null;

    private static bool IsLanguage(string info)
    {
        if (info.Length is 0 or > 32)
            return false;
        foreach (var letter in info)
        {
            if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter is not ('+' or '#' or '-'))
                return false;
        }

        return true;
    }

    private void Enter()
    {
        if (++_depth > maxDepth * 4 || _html.WrittenCount > maxChars)
            throw new InvalidOperationException("The message is too deep or too long to be shown as HTML.");
    }

    private void Tag(string html)
    {
        _isMarkup = true;
        Raw(html);
    }

    private void Raw(string html) => _html.Write(html);

    private void Text(ReadOnlySpan<char> text)
    {
        _isSeen |= !text.IsWhiteSpace();
        if (!_isInCode && !_isInLink)
            words?.Append(text);
        Escape(text, "&<>");
    }

    private void Escape(ReadOnlySpan<char> text, ReadOnlySpan<char> letters)
    {
        while (text.IndexOfAny(letters) is >= 0 and var at)
        {
            _html.Write(text[..at]);
            Raw(text[at] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                _ => "&quot;",
            });
            text = text[(at + 1)..];
        }

        _html.Write(text);
    }
}
