using System.Security.Cryptography;
using Confab.Protocol;
using Confab.Server.Hosting;
using Confab.Server.Storage;

namespace Confab.Server.Files;

/// <summary>
/// One upload: the body goes to a file as it comes, a buffer at a time, and is hashed on the way. Whatever is not taken over by the
/// <see cref="FileStore"/> is gone when this is disposed of.
/// </summary>
internal sealed class Upload(Blobs blobs, ServerOptions options) : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    // How often the disk is asked for its free space.
    private const long CheckBytes = 4L << 20;

    public static readonly Refusal NoSpace = new(RefusalCode.StorageUnavailable, "The file cannot be stored at the moment.", RetryAfterMs: 2000);

    private readonly byte[] _head = new byte[FileKind.HeadBytes];
    private int _headLength;

    /// <summary>Where the bytes are.</summary>
    public string Path { get; } = blobs.NewIncoming();

    public long Size { get; private set; }

    public byte[] Sha256 { get; private set; } = [];

    /// <summary>The first bytes.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _headLength);

    public static Refusal TooLong(ServerOptions options) => new(RefusalCode.TooLong, $"A file can have at most {options.Files.MaxBytes} bytes.");

    /// <summary>Whether there is space for so many bytes above the floor.</summary>
    public static Refusal CheckSpace(Blobs blobs, ServerOptions options, long bytes) =>
        new DriveInfo(System.IO.Path.GetDirectoryName(blobs.Folder)!).AvailableFreeSpace - bytes < options.MinFreeBytes ? NoSpace : default;

    /// <summary>Takes the body to its end, and onto the disk; or refuses what is too long, as soon as it is.</summary>
    public async Task<Refusal> Receive(Stream body, TimeProvider time, CancellationToken aborted)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(options.Files.UploadSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, aborted);
        try
        {
            return await Receive(body, either.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return new(RefusalCode.BadRequest, $"The upload took longer than {options.Files.UploadSeconds} seconds.");
        }
        catch (IOException e) when (e is not BadHttpRequestException && !aborted.IsCancellationRequested)
        {
            return NoSpace;
        }
    }

    public void Dispose()
    {
        File.Delete(Path);
        File.Delete(Blobs.ThumbnailOfIncoming(Path));
    }

    private async Task<Refusal> Receive(Stream body, CancellationToken cancel)
    {
        await using var file = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        var checkAt = CheckBytes;
        int read;
        while ((read = await body.ReadAsync(buffer, cancel)) > 0)
        {
            Size += read;
            if (Size > options.Files.MaxBytes)
                return TooLong(options);
            if (Size >= checkAt)
            {
                if (CheckSpace(blobs, options, 0) is { IsRefused: true } full)
                    return full;
                checkAt = Size + CheckBytes;
            }

            Keep(buffer.AsSpan(0, read));
            hash.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancel);
        }

        if (Size == 0)
            return new(RefusalCode.Empty, "The file is empty.");
        Sha256 = hash.GetHashAndReset();
        file.Flush(flushToDisk: true);
        return default;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var length = Math.Min(bytes.Length, _head.Length - _headLength);
        bytes[..length].CopyTo(_head.AsSpan(_headLength));
        _headLength += length;
    }
}
