using System.ComponentModel;
using System.Text;
using Confab.Protocol;
using Confab.Server.Access;
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
        messages.MapGet("", Page).WithSummary("A page of messages in the order of their numbers; the newest 50 by default. It may hold fewer than `limit`: at most 1 MiB, but at least one. Link says whether there are more").Produces<MessageData[]>().Requires(Operation.ReadRoom);
        messages.MapPost("", Post).WithSummary("Posts a message; with an Idempotency-Key, a repeat is safe").RequireRateLimiting(HostingSetup.Writes)
            .Produces<MessageData>(StatusCodes.Status201Created).Produces<MessageData>().Requires(Operation.PostMessage);
        messages.MapGet("{id:long}/replies", Replies).WithSummary("A page of the replies to a message in the order of their numbers; the first 50 by default. It may hold fewer than `limit`: at most 1 MiB, but at least one. Link says whether there are more").Produces<MessageData[]>().Requires(Operation.ReadRoom);
        messages.MapGet("{id:long}", Get).WithSummary("One message").Produces<MessageData>().Requires(Operation.ReadRoom);
    }

    private static async Task<IResult> Page(Visit visit, long? before, long? after, int? limit, HttpContext http, Readers readers, ServerOptions options)
    {
        var most = limit ?? DefaultLimit;
        if (before < 0 || after < 0 || most < 1 || most > options.Limits.History)
            return Problems.Of(new(RefusalCode.BadRequest, $"`before` and `after` must not be negative, and `limit` must be 1 to {options.Limits.History}."));

        var page = await readers.Query(reader => History.Page(reader, visit.Room, before ?? long.MaxValue, after ?? -1, most));
        var path = $"{http.Request.PathBase}/api/rooms/{NameOf(visit)}/messages?limit={most}";
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

    private static async Task<IResult> Replies(Visit visit, long id, long? after, int? limit, HttpContext http, Readers readers, ServerOptions options)
    {
        var most = limit ?? DefaultLimit;
        if (after < 0 || most < 1 || most > options.Limits.History)
            return Problems.Of(new(RefusalCode.BadRequest, $"`after` must not be negative, and `limit` must be 1 to {options.Limits.History}."));
        if (await readers.Query(reader => History.Replies(reader, visit.Room, id, after ?? 0, most)) is not { } page)
            return Problems.Of(new(RefusalCode.NotFound, "The message does not exist."));
        if (page.HasNewer)
            http.Response.Headers.Link = $"<{http.Request.PathBase}/api/rooms/{NameOf(visit)}/messages/{id}/replies?limit={most}&after={page.Last}>; rel=\"next\"";
        return Results.Bytes(page.Json, "application/json");
    }

    private static async Task<IResult> Get(Visit visit, long id, Readers readers) =>
        await readers.Query(reader => History.Find(reader, visit.Room, id)) is { } message
            ? Results.Bytes(message, "application/json")
            : Problems.Of(new(RefusalCode.NotFound, "The message does not exist."));

    private static async Task<IResult> Post(
        Visit visit,
        [FromHeader(Name = "Idempotency-Key"), Description("1 to 64 characters. A repeated post with the same key gets the first answer and is stored once.")] string? key,
        NewMessage asked,
        HttpContext http,
        Door door,
        Readers readers,
        AddressRates rates,
        ServerOptions options)
    {
        key ??= "";
        if (Actor.Guest(Encoding.UTF8.GetBytes(asked.Username ?? ""), options.Limits, out var actor) is { IsRefused: true } badName)
            return Problems.Of(badName);
        var content = Encoding.UTF8.GetBytes(asked.Content ?? "");
        if (!TryJoin(asked.Attachments, options.Limits, out var files))
            return Problems.Of(FileId.BadList(options.Limits));
        if (asked.ReplyTo < 0 || key.Length > options.Limits.IdChars || !Names.IsSafe(key))
            return Problems.Of(new(RefusalCode.BadRequest, $"`reply_to` must be a message's number, and Idempotency-Key at most {options.Limits.IdChars} characters."));

        var change = await door.Store(visit.As(actor), ChangeKind.Message, new Draft(asked.ReplyTo ?? 0, content, files), Encoding.UTF8.GetBytes(key), rates.Of(ClientAddress.Of(http)));
        if (change.Refusal.IsRefused)
            return Problems.Of(change.Refusal);
        var message = await readers.Query(reader => History.Find(reader, visit.Room, change.Seq));
        http.Response.Headers.Location = $"{http.Request.PathBase}/api/rooms/{NameOf(visit)}/messages/{change.Seq}";
        http.Response.StatusCode = change.Repeated ? StatusCodes.Status200OK : StatusCodes.Status201Created;
        return new Body(message ?? []);
    }

    private static string NameOf(Visit visit) => Uri.EscapeDataString(Encoding.UTF8.GetString(visit.Room.Name));

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
