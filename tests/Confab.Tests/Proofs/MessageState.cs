using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>What a message is, as events and pages tell it, in a form that can be compared. Times are left out: nobody can foretell them.</summary>
internal sealed record MessageState(long Id, string Username, string Content, bool IsEdited, bool IsDeleted, long ReplyTo, string Reactions)
{
    /// <summary>Reads the message object of the wire.</summary>
    public static MessageState Of(JsonElement data) => new(
        data.Number("id"),
        data.Text("username")!,
        data.Text("content")!,
        data.TryGetProperty("edited_at", out _),
        data.TryGetProperty("deleted", out var deleted) && deleted.GetBoolean(),
        data.TryGetProperty("reply_to", out var replyTo) ? replyTo.GetInt64() : 0,
        data.TryGetProperty("reactions", out var reactions) ? string.Join(' ', reactions.EnumerateArray().Select(TextOf)) : "");

    /// <summary>Reactions in the same form: per emoji, in the order of first reaction, who reacted.</summary>
    public static string TextOf(IEnumerable<(string Emoji, string Sender)> inOrder) =>
        string.Join(' ', inOrder.GroupBy(r => r.Emoji).Select(g => $"{g.Key}{g.Count()}:{string.Join(',', g.Select(r => r.Sender))}"));

    private static string TextOf(JsonElement reaction) =>
        $"{reaction.Text("emoji")}{reaction.Number("count")}:{string.Join(',', reaction.GetProperty("usernames").EnumerateArray().Select(name => name.GetString()))}";
}
