using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Messages;
using Confab.Server.Messages.Verbs;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Files;

/// <summary>
/// Brings bytes and rows together: a row is stored after its bytes are on disk, and bytes are removed after their last row is gone. One gate
/// holds for both, or a file could lose its bytes to the deletion of another that had the same.
/// </summary>
internal sealed class FileStore(Blobs blobs, RoomDirectory rooms, MessageLog log, Readers readers) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Stores a file whose bytes are in an incoming one, on disk.</summary>
    public async Task<Refusal> Add(StoredFile file, StoredRoom room, string incoming)
    {
        await _gate.WaitAsync();
        try
        {
            blobs.Take(incoming, file.Sha256);
            var change = await log.Store(owner => new NewFile(room, file, owner));
            if (change.Refusal.IsRefused)
                await RemoveIfUnused(file.Sha256);
            return change.Refusal;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The file of an id; null when there is none in a room that the actor may see.</summary>
    public async Task<StoredFile?> Find(Actor actor, string id) =>
        await readers.Query(reader => reader.FindFile(id)) is { } file && rooms.Find(actor, file.Room) is not null ? file : null;

    /// <summary>Opens a file's bytes, or its thumbnail's; null when they are gone.</summary>
    public FileStream? Open(StoredFile file, bool thumbnail)
    {
        try
        {
            var path = thumbnail ? blobs.ThumbnailOf(file.Sha256) : blobs.PathOf(file.Sha256);
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes bytes that no file has any more.</summary>
    public async Task RemoveUnused(byte[] sha256)
    {
        await _gate.WaitAsync();
        try
        {
            await RemoveIfUnused(sha256);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task RemoveIfUnused(byte[] sha256)
    {
        if (!await readers.Query(reader => reader.IsUsed(sha256)))
            blobs.Remove(sha256);
    }
}
