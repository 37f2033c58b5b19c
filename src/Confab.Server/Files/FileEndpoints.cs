using System.Text;
using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Storage;
using Microsoft.Net.Http.Headers;

namespace Confab.Server.Files;

/// <summary>Files over HTTP: uploaded to a room, attached by a message, fetched by whoever may read the room.</summary>
internal static class FileEndpoints
{
    // RFC 9110 §9.1: whoever takes GET takes HEAD. It asks how large a file is, and of which type.
    private static readonly string[] s_reading = [HttpMethods.Get, HttpMethods.Head];

    public static void AddFiles(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(s => Blobs.In(s.GetRequiredService<ServerOptions>().Data));
        services.AddSingleton<FileStore>();
        services.AddSingleton<Thumbnails>();
        services.AddSingleton<UploadSlots>();
        services.AddSingleton<Uploads>();
        services.AddHostedService<FileSweep>();
    }

    public static void MapFiles(this WebApplication app)
    {
        app.MapPost("/api/rooms/{room}/files", Add).WithTags("Files").WithSummary("Uploads the body as a file, to attach it to a message in this room")
            .RequireRateLimiting(HostingSetup.Writes).Produces<AttachmentData>(StatusCodes.Status201Created).Requires(Operation.UploadFile);
        var files = app.MapGroup("/api/files/{id}").WithTags("Files").Requires(Operation.ReadFile);
        files.MapMethods("", s_reading, (string id, Visit visit, HttpContext http, FileStore store) => Get(id, visit, http, store, thumbnail: false)).WithSummary("A file's bytes").Produces<Stream>(contentType: FileKind.Other);
        files.MapMethods("{name}", s_reading, (string id, string name, Visit visit, HttpContext http, FileStore store) => Get(id, visit, http, store, thumbnail: false))
            .WithSummary("The same; the name at the end is ignored").Produces<Stream>(contentType: FileKind.Other);
        files.MapMethods("thumbnail", s_reading, (string id, Visit visit, HttpContext http, FileStore store) => Get(id, visit, http, store, thumbnail: true))
            .WithSummary("A thumbnail, at most 800 × 600, upright and without metadata").Produces<Stream>(contentType: "image/webp");
    }

    // The body is in the signature for the description of the API; it is read by Uploads.
    private static async Task<IResult> Add(Visit visit, string? name, Stream body, HttpContext http, Readers readers, Uploads uploads, Metrics metrics)
    {
        _ = body;
        var (file, refusal) = await readers.Query(reader => reader.Room(visit.Room.Id).IsArchived) ? (null, ChangeRules.Archived) : await uploads.Take(visit.Room, name, http);
        if (file is null)
        {
            metrics.Refused(refusal.Code);
            Problems.LeaveBody(http);
            return Problems.Of(refusal);
        }

        http.Response.Headers.Location = $"{http.Request.PathBase}/api/files/{file.Id}";
        return Results.Json(DataOf(file), WireJson.Default.AttachmentData, statusCode: StatusCodes.Status201Created);
    }

    private static AttachmentData DataOf(StoredFile file) => new()
    {
        Id = file.Id,
        Name = file.Name,
        Type = file.Type,
        Size = file.Size,
        Width = file.IsPicture ? file.Width : null,
        Height = file.IsPicture ? file.Height : null,
    };

    private static async Task<IResult> Get(string id, Visit visit, HttpContext http, FileStore store, bool thumbnail)
    {
        var file = FileId.IsOne(Encoding.UTF8.GetBytes(id)) ? await store.Find(visit.Actor, id) : null;
        if (file is null || (thumbnail && !file.IsPicture) || store.Open(file, thumbnail) is not { } bytes)
        {
            http.Response.Headers.CacheControl = "no-store";
            return Problems.Of(new(RefusalCode.NotFound, "The file does not exist."));
        }

        // RFC 9110 §14.2: a unit that is not known is no range.
        if (!http.Request.Headers.Range.ToString().StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
            http.Request.Headers.Remove(HeaderNames.Range);
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "private, max-age=31536000, immutable";
        headers.ContentDisposition = FileName.Disposition(thumbnail ? "thumbnail.webp" : file.Name, inline: file.Type != FileKind.Other);
        var type = thumbnail ? "image/webp" : file.Type == FileKind.Text ? "text/plain; charset=utf-8" : file.Type;
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(file.Sha256)}{(thumbnail ? "-thumbnail" : "")}\"");
        return Results.Stream(bytes, type, entityTag: tag, enableRangeProcessing: true);
    }
}
