using System.ComponentModel;
using System.Text;
using Confab.Protocol;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Messages.Verbs;
using Confab.Server.Storage;
using Microsoft.AspNetCore.Mvc;

namespace Confab.Server.Rooms;

/// <summary>A message to be posted.</summary>
/// <param name="Username">Who posts it: 1 to 64 characters, without control characters.</param>
/// <param name="Content">1 to 16,384 bytes of UTF-8; may be empty or missing if there are attachments.</param>
/// <param name="ReplyTo">The message it answers; 0 or nothing for none.</param>
/// <param name="Attachments">The ids of files that were uploaded to the room and that no message has yet; nothing for none.</param>
internal sealed record NewMessage(string Username, string? Content = null, long? ReplyTo = null, string[]? Attachments = null);

/// <summary>The messages of a room over HTTP.</summary>
internal static class MessageEndpoints
{
    private const int DefaultLimit = 50;

    public static void MapMessages(this WebApplication app)
    {
        var messages = app.MapGroup("/api/rooms/{room}/messages").WithTags("Messages");
        messages.MapGet("", Page).WithSummary("A page of messages in the order of their numbers; the newest 50 if nothing is asked. It may hold fewer than `limit`: at most 1 MiB, or one. Link tells whether there are more").Produces<MessageData[]>();
        messages.MapPost("", Post).WithSummary("Posts a message; with an Idempotency-Key it may be sent again").RequireRateLimiting(HostingSetup.Writes)
            .Produces<MessageData>(StatusCodes.Status201Created).Produces<MessageData>();
        messages.MapGet("{id:long}/replies", Replies).WithSummary("A page of the replies to a message in the order of their numbers; the first 50 if nothing is asked. It may hold fewer than `limit`: at most 1 MiB, or one. Link tells whether there are more").Produces<MessageData[]>();
        messages.MapGet("{id:long}", Get).WithSummary("One message").Produces<MessageData>();
    }

    private static async Task<IResult> Page(string room, long? before, long? after, int? limit, HttpContext http, RoomDirectory directory, Readers readers, ServerOptions options)
    {
        if (directory.Find(Encoding.UTF8.GetBytes(room)) is not { } found)
            return Problems.Of(Room.NotFound);
        var most = limit ?? DefaultLimit;
        if (before < 0 || after < 0 || most < 1 || most > options.Limits.History)
            return Problems.Of(new(RefusalCode.BadRequest, $"`before` and `after` are not negative, and `limit` is 1 to {options.Limits.History}."));

        var page = await readers.Query(reader => History.Page(reader, found, before ?? long.MaxValue, after ?? -1, most));
        var path = $"{http.Request.PathBase}/api/rooms/{Uri.EscapeDataString(room)}/messages?limit={most}";
        // RFC 8288: where to go on, towards the older and the newer ones.
        var links = new List<string>(2);
        if (page.HasOlder)
            links.Add($"<{path}&before={page.First}>; rel=\"prev\"");
        if (page.HasNewer && page.Last > 0)
            links.Add($"<{path}&after={page.Last}>; rel=\"next\"");
        if (links.Count > 0)
            http.Response.Headers.Link = string.Join(", ", links);
        return Results.Bytes(page.Json, "application/json");
    }

    private static async Task<IResult> Replies(string room, long id, long? after, int? limit, HttpContext http, RoomDirectory directory, Readers readers, ServerOptions options)
    {
        if (directory.Find(Encoding.UTF8.GetBytes(room)) is not { } found)
            return Problems.Of(Room.NotFound);
        var most = limit ?? DefaultLimit;
        if (after < 0 || most < 1 || most > options.Limits.History)
            return Problems.Of(new(RefusalCode.BadRequest, $"`after` is not negative, and `limit` is 1 to {options.Limits.History}."));
        if (await readers.Query(reader => History.Replies(reader, found, id, after ?? 0, most)) is not { } page)
            return Problems.Of(new(RefusalCode.NotFound, "There is no such message."));
        if (page.HasNewer)
            http.Response.Headers.Link = $"<{http.Request.PathBase}/api/rooms/{Uri.EscapeDataString(room)}/messages/{id}/replies?limit={most}&after={page.Last}>; rel=\"next\"";
        return Results.Bytes(page.Json, "application/json");
    }

    private static async Task<IResult> Get(string room, long id, RoomDirectory directory, Readers readers)
    {
        if (directory.Find(Encoding.UTF8.GetBytes(room)) is not { } found)
            return Problems.Of(Room.NotFound);
        return await readers.Query(reader => History.Find(reader, found, id)) is { } message
            ? Results.Bytes(message, "application/json")
            : Problems.Of(new(RefusalCode.NotFound, "There is no such message."));
    }

    private static async Task<IResult> Post(
        string room,
        [FromHeader(Name = "Idempotency-Key"), Description("1 to 64 characters. The same post again under the same key is answered like the first, and stored once.")] string? key,
        NewMessage asked,
        HttpContext http,
        RoomDirectory directory,
        MessageLog log,
        Readers readers,
        AddressRates rates,
        ServerOptions options)
    {
        key ??= "";
        if (directory.Find(Encoding.UTF8.GetBytes(room)) is not { } found)
            return Problems.Of(Room.NotFound);
        if (asked.Username is null || !Names.TryNormalize(Encoding.UTF8.GetBytes(asked.Username), options.Limits.UsernameChars, out var username))
            return Problems.Of(new(RefusalCode.BadRequest, $"`username` is 1 to {options.Limits.UsernameChars} characters, without control characters."));
        var content = Encoding.UTF8.GetBytes(asked.Content ?? "");
        if (!TryJoin(asked.Attachments, options.Limits, out var files))
            return Problems.Of(FileId.BadList(options.Limits));
        if (VerbTable.Of(ChangeKind.Message).Check(new Draft(0, content, files), options.Limits) is { IsRefused: true } refusal)
            return Problems.Of(refusal);
        if (asked.ReplyTo < 0 || key.Length > options.Limits.IdChars || !Names.IsSafe(key))
            return Problems.Of(new(RefusalCode.BadRequest, $"`reply_to` is a message's number, and Idempotency-Key at most {options.Limits.IdChars} characters."));

        if (rates.Of(ClientAddress.Of(http)).Take(Rate.Messages) is { IsRefused: true } tooMany)
            return Problems.Of(tooMany);
        var (html, calls) = MessageHtml.Read(content);
        var change = await log.Store(owner => new RoomChange().Fill(
            ChangeKind.Message, found, username, asked.ReplyTo ?? 0, content, Encoding.UTF8.GetBytes(key), owner, html, files, calls));
        if (change.Refusal.IsRefused)
            return Problems.Of(change.Refusal);
        var message = await readers.Query(reader => History.Find(reader, found, change.Seq));
        http.Response.Headers.Location = $"{http.Request.PathBase}/api/rooms/{Uri.EscapeDataString(room)}/messages/{change.Seq}";
        http.Response.StatusCode = change.Repeated ? StatusCodes.Status200OK : StatusCodes.Status201Created;
        return new Body(message ?? []);
    }

    private static bool TryJoin(string[]? attachments, Limits limits, out byte[] ids)
    {
        ids = [];
        if (attachments is null)
            return true;
        if (attachments.Length == 0 || attachments.Length > limits.FilesPerMessage)
            return false;
        foreach (var attachment in attachments)
        {
            var id = Encoding.UTF8.GetBytes(attachment ?? "");
            if (!FileId.IsOne(id) || FileId.Contains(ids, id))
                return false;
            ids = [.. ids, .. id];
        }

        return true;
    }

    // Results.Bytes would set the status anew.
    private sealed class Body(byte[] json) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.ContentType = "application/json";
            return http.Response.Body.WriteAsync(json, http.RequestAborted).AsTask();
        }
    }
}
