using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>
/// The part of <see cref="FaultyDisk"/> in the server's process. SQLite reaches files through a table of functions (sqlite.org/vfs.html): the one
/// that opens is replaced, and gives each file a table whose reading, writing and syncing may fail as the kernel's would, with SQLite's codes for it.
/// </summary>
internal static unsafe partial class FaultyFiles
{
    private const int OpenMainDatabase = 0x100, OpenLog = 0x80000;
    private const int ReadFailed = 10 | (1 << 8), WriteFailed = 10 | (3 << 8), SyncFailed = 10 | (4 << 8);

    private static string s_folder = "";
    private static delegate* unmanaged<Vfs*, byte*, Methods**, int, int*, int> s_open;
    private static Methods* s_usual, s_usualLog, s_database, s_log;

    public static void Install()
    {
        s_folder = Environment.GetEnvironmentVariable(FaultyDisk.Variable)!;
        var vfs = sqlite3_vfs_find(null);
        s_open = vfs->Open;
        vfs->Open = &Open;
    }

    [UnmanagedCallersOnly]
    private static int Open(Vfs* vfs, byte* name, Methods** file, int flags, int* outFlags)
    {
        var code = s_open(vfs, name, file, flags, outFlags);
        if (code != 0 || (flags & (OpenMainDatabase | OpenLog)) == 0)
            return code;
        // A log's table differs from a database's: it is never locked.
        lock (s_folder)
            *file = (flags & OpenLog) != 0 ? Log(*file) : Database(*file);
        return code;
    }

    private static Methods* Database(Methods* usual)
    {
        if (s_database != null)
            return s_database;
        s_usual = usual;
        s_database = Copy(usual);
        s_database->Read = &ReadDatabase;
        s_database->Write = &WriteDatabase;
        s_database->Sync = &SyncDatabase;
        return s_database;
    }

    private static Methods* Log(Methods* usual)
    {
        if (s_log != null)
            return s_log;
        s_usualLog = usual;
        s_log = Copy(usual);
        s_log->Read = &ReadLog;
        s_log->Write = &WriteLog;
        s_log->Sync = &SyncLog;
        return s_log;
    }

    [UnmanagedCallersOnly]
    private static int ReadDatabase(void* file, void* to, int count, long at) => Fails("read", "db") ? ReadFailed : s_usual->Read(file, to, count, at);

    [UnmanagedCallersOnly]
    private static int ReadLog(void* file, void* to, int count, long at) => Fails("read", "wal") ? ReadFailed : s_usualLog->Read(file, to, count, at);

    [UnmanagedCallersOnly]
    private static int WriteDatabase(void* file, void* from, int count, long at) => Fails("write", "db") ? WriteFailed : s_usual->Write(file, from, count, at);

    [UnmanagedCallersOnly]
    private static int WriteLog(void* file, void* from, int count, long at) => Fails("write", "wal") ? WriteFailed : s_usualLog->Write(file, from, count, at);

    [UnmanagedCallersOnly]
    private static int SyncDatabase(void* file, int flags) => Fails("sync", "db") ? SyncFailed : s_usual->Sync(file, flags);

    [UnmanagedCallersOnly]
    private static int SyncLog(void* file, int flags) => Fails("sync", "wal") ? SyncFailed : s_usualLog->Sync(file, flags);

    private static bool Fails(string operation, string file) =>
        Thread.CurrentThread.Name is { } thread && File.Exists(Path.Combine(s_folder, FaultyDisk.NameOf(thread, operation, file)));

    private static Methods* Copy(Methods* usual)
    {
        var copy = (Methods*)NativeMemory.Alloc((nuint)sizeof(Methods));
        *copy = *usual;
        return copy;
    }

    [LibraryImport("e_sqlite3")]
    private static partial Vfs* sqlite3_vfs_find(byte* name);

    /// <summary>The beginning of <c>sqlite3_vfs</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Vfs
    {
        private readonly int _version, _fileSize, _maxPath;
        private readonly void* _next, _name, _data;
        public delegate* unmanaged<Vfs*, byte*, Methods**, int, int*, int> Open;
    }

    /// <summary><c>sqlite3_io_methods</c>, version 3; a file begins with the address of one.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Methods
    {
        private readonly int _version;
        private readonly void* _close;
        public delegate* unmanaged<void*, void*, int, long, int> Read;
        public delegate* unmanaged<void*, void*, int, long, int> Write;
        private readonly void* _truncate;
        public delegate* unmanaged<void*, int, int> Sync;
        private readonly Others _others;
    }

    [InlineArray(13)]
    private struct Others
    {
        private nint _size;
    }
}
