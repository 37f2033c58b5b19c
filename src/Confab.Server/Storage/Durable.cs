using System.Runtime.InteropServices;

namespace Confab.Server.Storage;

/// <summary>What a crash of the machine must not undo.</summary>
internal static partial class Durable
{
    /// <summary>Brings the names in a directory onto the disk. Elsewhere than on Linux that is left to the system.</summary>
    public static void FlushDirectory(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var descriptor = open(path, flags: 0);
        if (descriptor < 0)
            throw new IOException($"{path} cannot be opened (errno {Marshal.GetLastPInvokeError()}).");
        var result = fsync(descriptor);
        var error = Marshal.GetLastPInvokeError();
        _ = close(descriptor);
        if (result < 0)
            throw new IOException($"{path} cannot be flushed to disk (errno {error}).");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
