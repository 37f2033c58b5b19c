using System.Net;
using System.Security.Cryptography;
using Confab.Protocol;
using Confab.Server.Hosting;
using Confab.Server.Rooms;
using Confab.Server.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Confab.Server.Files;

/// <summary>Takes a file from a request to its row: what cannot be is refused before a byte is read, and what was refused leaves nothing.</summary>
internal sealed class Uploads(FileStore store, Blobs blobs, Thumbnails thumbnails, UploadSlots slots, AddressRates rates, Draining draining, Metrics metrics, ServerOptions options, TimeProvider time)
{
    private const int IdBytes = 16;

    private static readonly Refusal s_restarting = new(RefusalCode.Unavailable, "The server is about to restart.", RetryAfterMs: 1000);

    /// <summary>Stores the request's body as a file of a room.</summary>
    public async Task<(StoredFile? File, Refusal Refusal)> Take(Room room, string? name, HttpContext http)
    {
        if (FileName.Clean(name) is not { } clean)
            return (null, new(RefusalCode.BadRequest, $"`name` must be 1 to {FileName.MaxChars} characters."));
        try
        {
            if (CheckAnnounced(http.Request.ContentLength ?? 0) is { IsRefused: true } refusal)
                return (null, refusal);
            if (rates.Of(ClientAddress.Of(http)).Take(Rate.Uploads) is { IsRefused: true } tooMany)
                return (null, tooMany);
            using var slot = slots.TryTake(ClientAddress.Of(http));
            if (slot is null)
                return (null, new(RefusalCode.Unavailable, "Too many simultaneous uploads.", RetryAfterMs: 1000));

            // Counted on the way, where it can be refused in our own words.
            http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            return await Take(room, clean, http.Request.Body, ClientAddress.Of(http), http.RequestAborted);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return (null, s_restarting);
        }
        catch (Exception e) when (e is IOException and not BadHttpRequestException or UnauthorizedAccessException && !http.RequestAborted.IsCancellationRequested)
        {
            return (null, Upload.NoSpace);
        }
    }

    private async Task<(StoredFile? File, Refusal Refusal)> Take(Room room, string name, Stream body, IPAddress address, CancellationToken aborted)
    {
        using var upload = new Upload(blobs, options);
        if (await upload.Receive(body, time, aborted) is { IsRefused: true } refusal)
            return (null, refusal);
        var file = await Describe(upload, room, name, address, aborted);
        if (await store.Add(file, room, upload.Path) is { IsRefused: true } refused)
            return (null, refused);
        metrics.Uploaded(file.Size);
        return (file, default);
    }

    private Refusal CheckAnnounced(long bytes)
    {
        if (bytes > options.Files.MaxBytes)
            return Upload.TooLong(options);
        return draining.IsOn
            ? s_restarting
            : Upload.CheckSpace(blobs, options, bytes);
    }

    private async Task<StoredFile> Describe(Upload upload, Room room, string name, IPAddress address, CancellationToken cancel)
    {
        var type = FileKind.Of(upload.Head);
        var size = FileKind.IsPicture(type) ? await thumbnails.Make(upload.Path, type, address, cancel) : null;
        if (FileKind.IsPicture(type) && size is null)
            type = FileKind.Other;
        var id = Convert.ToBase64String(RandomNumberGenerator.GetBytes(IdBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return new StoredFile(id, room.Id, upload.Sha256, name, type, upload.Size, size?.Width ?? 0, size?.Height ?? 0);
    }
}
