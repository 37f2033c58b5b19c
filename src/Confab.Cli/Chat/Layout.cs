using System.Globalization;
using Confab.Protocol;

namespace Confab.Cli.Chat;

/// <summary>Sets the conversation in rows: time and name beside what was said, a line where a day begins, reactions under their message.</summary>
internal sealed class Layout(Conversation conversation, TimeZoneInfo zone, int width)
{
    private const int TimeWidth = 5;

    // How long one may go on talking before the name is said again.
    private static readonly TimeSpan s_breath = TimeSpan.FromMinutes(5);

    private readonly int _nameWidth = width < 60 ? 8 : 14;

    private int Indent => TimeWidth + 1 + _nameWidth + 2;

    /// <summary>The last rows of the conversation.</summary>
    /// <param name="height">How many rows.</param>
    /// <param name="skip">How many rows to leave out at the end. Lowered to what there is.</param>
    public List<Row> Last(int height, ref int skip)
    {
        var rows = new List<Row>();
        for (var i = conversation.Entries.Count - 1; i >= 0 && rows.Count < height + skip; i--)
            rows.InsertRange(0, RowsOf(i));
        skip = Math.Clamp(skip, 0, Math.Max(rows.Count - height, 0));
        rows.RemoveRange(rows.Count - skip, skip);
        return rows.Count > height ? rows[^height..] : rows;
    }

    /// <summary>How many rows the entries take from an index on.</summary>
    public int CountFrom(int index)
    {
        var count = 0;
        for (var i = index; i < conversation.Entries.Count; i++)
            count += RowsOf(i).Count();
        return count;
    }

    private IEnumerable<Row> RowsOf(int index)
    {
        var entry = conversation.Entries[index];
        var before = index > 0 ? conversation.Entries[index - 1] : null;
        var isNewDay = before is null || Local(before).Date != Local(entry).Date;
        var rows = entry is Said { Message: var message }
            ? RowsOf(message, GoesOn(before, message) && !isNewDay, isNewDay || before is null || Clock(before) != Clock(entry))
            : RowsOf(((Remark)entry).Text);
        return isNewDay ? rows.Prepend(Day(Local(entry))) : rows;
    }

    private Row Day(DateTimeOffset day)
    {
        var text = day.ToString(" dddd d MMMM yyyy ", CultureInfo.InvariantCulture);
        var left = Math.Max((width - text.Length) / 2, 2);
        return new Row(new Span($"{new string('─', left)}{text}{new string('─', Math.Max(width - left - text.Length, 2))}", Style.Dim));
    }

    private IEnumerable<Row> RowsOf(string remark) =>
        Inert.Lines(remark).SelectMany(line => Cells.Wrap(line, width - Indent)).Select((text, i) => new Row(new Span($"{new string(' ', Indent - 2)}{(i == 0 ? "· " : "  ")}{text}", Style.Quiet)));

    private IEnumerable<Row> RowsOf(MessageData message, bool goesOn, bool withClock)
    {
        var margin = new Span[]
        {
            new(withClock ? Clock(new Said(message)) : new string(' ', TimeWidth), Style.Dim),
            goesOn ? new(new string(' ', _nameWidth + 3)) : NameOf(message.Username),
        };
        foreach (var row in Body(message))
        {
            yield return new Row([.. margin, .. row.Spans]);
            margin = [new Span(new string(' ', Indent))];
        }
    }

    private Span NameOf(string username)
    {
        var name = Cells.Cut(Inert.Line(username), _nameWidth);
        return new Span($" {new string(' ', _nameWidth - Cells.Width(name))}{name}  ", Style.OfName(username));
    }

    // The number by which a message can be named in commands stands at the end of its first row.
    private IEnumerable<Row> Body(MessageData message)
    {
        var number = $" #{message.Id}";
        var room = Math.Max(width - Indent - number.Length, 10);
        var isFirst = true;
        foreach (var row in Content(message, room))
        {
            yield return isFirst && width >= 50
                ? new Row([.. row.Spans, new Span(new string(' ', Math.Max(room - row.Width, 0)) + number, Style.Dim)])
                : row;
            isFirst = false;
        }
    }

    private IEnumerable<Row> Content(MessageData message, int room)
    {
        if (message.ReplyTo is { } answered)
            yield return new Row(new Span(Cells.Cut($"↳ {Excerpt(answered)}", room), Style.Dim));
        if (message.Deleted)
        {
            yield return new Row(new Span("deleted", Style.Quiet));
            yield break;
        }

        var rows = Attached.Lines(message).SelectMany(line => Cells.Wrap(line, room)).ToList();
        var note = message.EditedAt is null ? "" : " (edited)";
        if (Cells.Width(rows[^1]) + note.Length > room)
            rows.Add("");
        var style = message.Mentions?.Contains(conversation.Self) == true ? Style.Own : Style.Plain;
        for (var i = 0; i < rows.Count - 1; i++)
            yield return new Row(new Span(rows[i], style));
        yield return new Row(new Span(rows[^1], style), new Span(note, Style.Dim));
        if (message.Reactions is { Count: > 0 } reactions)
            yield return new Row([.. reactions.Select(reaction => new Span($"{Inert.Line(reaction.Emoji)} {reaction.Count}  ", reaction.Usernames.Contains(conversation.Self) ? Style.Own : Style.Dim))]);
    }

    private string Excerpt(long id) => conversation.Find(id) switch
    {
        null => $"#{id}",
        { Deleted: true } deleted => $"{Inert.Line(deleted.Username)}: deleted",
        { } message => $"{Inert.Line(message.Username)}: {Attached.Lines(message).First()}",
    };

    private static bool GoesOn(Entry? before, MessageData message) =>
        before is Said said && said.Message.Username == message.Username && message.ReplyTo is null && message.Timestamp - said.Message.Timestamp < s_breath;

    private DateTimeOffset Local(Entry entry) => TimeZoneInfo.ConvertTime(entry.Time, zone);

    private string Clock(Entry entry) => Local(entry).ToString("HH:mm", CultureInfo.InvariantCulture);
}
