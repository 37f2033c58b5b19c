using System.Globalization;

namespace Confab.Cli.Chat;

/// <summary>What a line asks for. Where a message may be left out, null is the last one that it can mean.</summary>
internal abstract record Order
{
    /// <summary>What can be asked for, for <c>/help</c>.</summary>
    public const string Help = """
        /edit [#n] text     give your message other words; without text, begins with the ones it has
        /delete [#n]        delete your message
        /reply [#n] text    answer a message
        /react [#n] emoji   react to a message, or take it back
        /topic [text]       say or set the topic
        /archive            archive the room: it can be read only, and is in no list
        /unarchive          take it back
        /who                who is here
        /quit               leave (so does Ctrl D)
        Without #n, your last message is meant, or for /reply and /react the last one of somebody else.
        //text says a line that begins with a slash. Page up and page down scroll; Alt Enter begins another line.
        """;

    /// <summary>Reads a line.</summary>
    public static Order Of(string line)
    {
        if (line.StartsWith("//", StringComparison.Ordinal))
            return new Say(line[1..]);
        if (!line.StartsWith('/'))
            return new Say(line);
        var (verb, rest) = Split(line);
        var (message, text) = TakeNumber(rest);
        return verb switch
        {
            "/edit" => new Edit(message, text),
            "/delete" when text.Length == 0 => new Delete(message),
            "/reply" when text.Length > 0 => new Reply(message, text),
            "/react" when text.Length > 0 => new React(message, text),
            "/topic" => new Topic(rest),
            "/archive" when rest.Length == 0 => new Archive(true),
            "/unarchive" when rest.Length == 0 => new Archive(false),
            "/who" => new Who(),
            "/help" => new Explain(),
            "/quit" => new Quit(),
            _ => new Unclear(verb),
        };
    }

    private static (string First, string Tail) Split(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (text, "") : (text[..space], text[(space + 1)..].Trim());
    }

    private static (long? Number, string Tail) TakeNumber(string text)
    {
        var (first, rest) = Split(text);
        return first.StartsWith('#') && long.TryParse(first.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (number, rest) : (null, text);
    }
}

internal sealed record Say(string Text) : Order;

internal sealed record Edit(long? Message, string Text) : Order;

internal sealed record Delete(long? Message) : Order;

internal sealed record Reply(long? Message, string Text) : Order;

internal sealed record React(long? Message, string Emoji) : Order;

internal sealed record Topic(string Text) : Order;

internal sealed record Archive(bool IsOn) : Order;

internal sealed record Who : Order;

internal sealed record Explain : Order;

internal sealed record Quit : Order;

internal sealed record Unclear(string Verb) : Order;
