using System.Runtime.InteropServices;

namespace Confab.Server.Storage.Sqlite;

/// <summary>Which file or directory is at a path: another one under the same name has another identity.</summary>
/// <param name="Device">The file system; 0 elsewhere than on Linux.</param>
/// <param name="Inode">The file in it; 0 elsewhere than on Linux.</param>
internal readonly partial record struct FileIdentity(ulong Device, ulong Inode)
{
    private const int FromWorkingDirectory = -100;
    private const uint InodeAndSize = 0x100 | 0x200;

    /// <summary>What is at a path, and its bytes; null if there is nothing, or nothing that can be reached.</summary>
    public static (FileIdentity Identity, long Size)? Of(string path)
    {
        if (OperatingSystem.IsLinux())
            return statx(FromWorkingDirectory, path, 0, InodeAndSize, out var found) == 0 ? (new(((ulong)found.DeviceMajor << 32) | found.DeviceMinor, found.Inode), (long)found.Size) : null;
        if (Directory.Exists(path))
            return (default, 0);
        var file = new FileInfo(path);
        return file.Exists ? (default, file.Length) : null;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, out Found found);

    /// <summary><c>struct statx</c>, the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Found
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
