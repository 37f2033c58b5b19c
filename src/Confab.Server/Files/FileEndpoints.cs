using System.Security.Cryptography;
using System.Text;
using Confab.Protocol;
using Confab.Server.Messages;
using Confab.Server.Operations;
using Confab.Server.Rooms;
using Confab.Server.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Confab.Server.Files;

/// <summary>Files over HTTP: uploaded to a room, attached by a message, fetched by whoever may read the room.</summary>
internal static class FileEndpoints
{
    private const int IdBytes = 16;

    public static void AddFiles(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(s => Blobs.In(s.GetRequiredService<ServerOptions>().Data));
        services.AddSingleton<FileStore>();
        services.AddSingleton<Thumbnails>();
        services.AddSingleton<UploadSlots>();
        services.AddHostedService<FileSweep>();
    }

    public static void MapFiles(this WebApplication app)
    {
        app.MapPost("/api/rooms/{room}/files", Add).WithTags("Files").WithSummary("Uploads a file, whose bytes are the body, to be attached to a message of this room")
            .RequireRateLimiting(OperationsSetup.Writes).Produces<AttachmentData>(StatusCodes.Status201Created);
        var files = app.MapGroup("/api/files/{id}").WithTags("Files");
        files.MapGet("", (string id, HttpContext http, FileStore store) => Get(id, http, store, thumbnail: false)).WithSummary("A file's bytes").Produces<Stream>(contentType: FileKind.Other);
        files.MapGet("{name}", (string id, string name, HttpContext http, FileStore store) => Get(id, http, store, thumbnail: false))
            .WithSummary("The same, with a name at the end that is not looked at").Produces<Stream>(contentType: FileKind.Other);
        files.MapGet("thumbnail", (string id, HttpContext http, FileStore store) => Get(id, http, store, thumbnail: true))
            .WithSummary("A picture, at most 800 × 600, upright and without metadata").Produces<Stream>(contentType: "image/webp");
    }

    private static async Task<IResult> Add(string room, string? name, Stream body, HttpContext http, RoomDirectory directory, FileStore store, Blobs blobs, Thumbnails thumbnails, UploadSlots slots, Health health, ServerOptions options, TimeProvider time)
    {
        if (directory.Find(Encoding.UTF8.GetBytes(room)) is not { } found)
            return Refuse(http, Room.NotFound);
        if (FileName.Clean(name) is not { } clean)
            return Refuse(http, new(RefusalCode.BadRequest, $"`name` is 1 to {FileName.MaxChars} characters."));
        if (http.Request.ContentLength > options.Files.MaxBytes)
            return Refuse(http, Upload.TooLong(options));
        if (health.IsDraining)
            return Refuse(http, new(RefusalCode.Unavailable, "The server is about to restart.", RetryAfterMs: 1000));
        if (Upload.CheckSpace(blobs, options, http.Request.ContentLength ?? 0) is { IsRefused: true } full)
            return Refuse(http, full);
        using var slot = slots.TryTake(ClientAddress.Of(http));
        if (slot is null)
            return Refuse(http, new(RefusalCode.Unavailable, "Too many uploads at a time.", RetryAfterMs: 1000));

        // Counted here, where it can be refused in our own words.
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        try
        {
            using var upload = new Upload(blobs, options);
            if (await upload.Receive(body, time, http.RequestAborted) is { IsRefused: true } refusal)
                return Refuse(http, refusal);
            var file = await Describe(upload, found, clean, thumbnails, http.RequestAborted);
            var refused = await store.Add(file, found, upload.Path);
            if (refused.IsRefused)
                return Refuse(http, refused);
            http.Response.Headers.Location = $"{http.Request.PathBase}/api/files/{file.Id}";
            return Results.Json(DataOf(file), WireJson.Default.AttachmentData, statusCode: StatusCodes.Status201Created);
        }
        catch (Exception e) when (e is IOException and not BadHttpRequestException or UnauthorizedAccessException && !http.RequestAborted.IsCancellationRequested)
        {
            return Refuse(http, Upload.NoSpace);
        }
    }

    private static async Task<StoredFile> Describe(Upload upload, Room room, string name, Thumbnails thumbnails, CancellationToken cancel)
    {
        var type = FileKind.Of(upload.Head);
        var size = FileKind.IsPicture(type) ? await thumbnails.Make(upload.Path, type, cancel) : null;
        if (FileKind.IsPicture(type) && size is null)
            type = FileKind.Other;
        var id = Convert.ToBase64String(RandomNumberGenerator.GetBytes(IdBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return new StoredFile(id, room.Id, upload.Sha256, name, type, upload.Size, size?.Width ?? 0, size?.Height ?? 0);
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

    // The rest of the body is not waited for.
    private static IResult Refuse(HttpContext http, Refusal refusal)
    {
        if (HttpProtocol.IsHttp11(http.Request.Protocol))
            http.Response.Headers.Connection = "close";
        if (refusal.RetryAfterMs > 0)
            http.Response.Headers.RetryAfter = "1";
        return Problems.Of(refusal);
    }

    private static async Task<IResult> Get(string id, HttpContext http, FileStore store, bool thumbnail)
    {
        var file = FileId.IsOne(Encoding.UTF8.GetBytes(id)) ? await store.Find(id) : null;
        if (file is null || (thumbnail && !file.IsPicture) || store.Open(file, thumbnail) is not { } bytes)
        {
            http.Response.Headers.CacheControl = "no-store";
            return Problems.Of(new(RefusalCode.NotFound, "There is no such file."));
        }

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
