using System.Text;

namespace Confab.Server.Storage.Sqlite;

/// <summary>A copy that was written, and the rules that it breaks: with any, it was not put where it was asked for.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Epoch">The name of its history.</param>
/// <param name="Messages">How many messages it has.</param>
/// <param name="Files">How many files it has, whose bytes lie beside it.</param>
/// <param name="Broken">The rules that do not hold in it.</param>
internal sealed record WrittenCopy(string Path, string Epoch, long Messages, long Files, IReadOnlyList<CheckedRule> Broken)
{
    public bool IsSound => Broken.Count == 0;
}

/// <summary>
/// Copies of a database: made while a server writes to it, and put back. A copy is made with <c>VACUUM INTO</c>, in one read transaction.
/// The online backup would copy pages faster, and with them the free ones, where the words of deleted messages still are.
/// The bytes of files lie beside a copy, in a folder of its name and <c>.files</c>; there is none if it has no files.
/// </summary>
internal static class Backup
{
    /// <summary>How often a copy is begun anew because a file was attached and deleted while it was made.</summary>
    private const int Attempts = 10;

    /// <summary>Writes a backup: under another name first, proved sound and on disk before it gets its own.</summary>
    /// <exception cref="IOException">There is no database in the directory, or the file exists.</exception>
    public static WrittenCopy Write(string directory, string file)
    {
        file = Path.GetFullPath(file);
        RefuseExisting(file);
        RefuseExisting(Blobs.Beside(file).Folder);
        var partial = $"{file}.partial-{Guid.NewGuid():N}";
        using var undo = new Unfinished(partial);
        var (source, blobs) = (Blobs.In(directory), Blobs.Beside(partial));
        // Once before and once after: what is deleted in between is in the copy's rows, and was copied before; what is new comes after.
        CopyBlobs(DatabaseIn(directory), source, blobs);
        for (var attempt = 1; ; attempt++)
        {
            Copy(DatabaseIn(directory), partial);
            CopyBlobs(partial, source, blobs);
            if (attempt == Attempts || !LacksWhatWasDeleted(partial, DatabaseIn(directory), blobs))
                break;
            // A message in the copy has a file that came after the first time and went before the second: in a later copy it is deleted.
            File.Delete(partial);
            CopyBlobs(DatabaseIn(directory), source, blobs);
        }

        RemoveOthers(partial, blobs);
        var copy = Prove(partial, quick: true);
        undo.Keep();
        return copy.IsSound ? PutInPlace(copy, file, Blobs.Beside(file)) : copy;
    }

    /// <summary>
    /// Puts a backup where a server finds it, under a new epoch: clients that remember numbers of the old history start over. A database
    /// that is there already is kept under another name.
    /// </summary>
    /// <param name="file">The backup.</param>
    /// <param name="directory">The data directory, created when missing.</param>
    /// <param name="replace">Whether a database that is there may be set aside.</param>
    /// <param name="time">Names what is set aside.</param>
    /// <returns>The database as it is now, and where the one before it is; null when there was none.</returns>
    /// <exception cref="IOException">A server has the directory, or it holds a database that may not be replaced.</exception>
    public static (WrittenCopy Restored, string? SetAside) Restore(string file, string directory, bool replace, TimeProvider time)
    {
        if (!File.Exists(file))
            throw new IOException($"The backup {file} does not exist.");
        Directory.CreateDirectory(directory);
        using var hold = Database.TakeLock(directory);
        var target = Path.GetFullPath(Path.Combine(directory, Database.FileName));
        if (!replace)
        {
            RefuseExisting(target);
            RefuseExisting(Blobs.In(directory).Folder);
        }

        var partial = $"{target}.restoring-{Guid.NewGuid():N}";
        using var undo = new Unfinished(partial);
        Copy(file, partial);
        BeginHistory(partial);
        CopyBlobs(partial, Blobs.Beside(file), Blobs.Beside(partial));
        var copy = Prove(partial, quick: false);
        if (!copy.IsSound)
            return (copy with { Path = file }, null);
        var aside = SetAside(target, time);
        undo.Keep();
        var restored = PutInPlace(copy, target, Blobs.In(directory));
        using var connection = new SqliteConnection(target, readOnly: true);
        HighWaterMark.Of(connection).Write(directory);
        return (restored, aside);
    }

    private static string DatabaseIn(string directory)
    {
        var path = Path.Combine(directory, Database.FileName);
        return File.Exists(path) ? path : throw new IOException($"There is no database in {directory}.");
    }

    private static void RefuseExisting(string file)
    {
        if (File.Exists(file) || Directory.Exists(file))
            throw new IOException($"{file} exists.");
    }

    private static void Copy(string from, string to)
    {
        // Everybody's messages are in it: no more may read it than the original.
        CreateLike(from, to);
        using (var connection = new SqliteConnection(from, readOnly: true))
        using (var vacuum = connection.Prepare("VACUUM INTO ?1"u8))
        {
            vacuum.Bind(1, Encoding.UTF8.GetBytes(to)).Run();
        }

        using var file = File.Open(to, FileMode.Open, FileAccess.ReadWrite);
        // The number of the server that has the original open: by it a copy that is put over the original would pass for it.
        file.Position = OpenFiles.StampAt;
        file.Write(stackalloc byte[sizeof(int)]);
        file.Flush(flushToDisk: true);
    }

    private static void CreateLike(string from, string to)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = File.GetUnixFileMode(from);
        File.Open(to, options).Dispose();
    }

    private static void CopyBlobs(string database, Blobs from, Blobs to)
    {
        // What is missing is for the proof to tell.
        foreach (var sha256 in HashesIn(database))
            to.CopyFrom(from, sha256);
        to.ClearIncoming();
    }

    private static bool LacksWhatWasDeleted(string copy, string database, Blobs blobs)
    {
        using var copied = new SqliteConnection(copy, readOnly: true);
        using var present = new SqliteConnection(database, readOnly: true);
        if (!HasFiles(copied))
            return false;
        using var files = copied.Prepare("SELECT id, sha256 FROM files WHERE message IS NOT NULL"u8);
        using var find = present.Prepare("SELECT 1 FROM files WHERE id = ?1"u8);
        while (files.Step())
        {
            if (File.Exists(blobs.PathOf(files.Text(1))))
                continue;
            var isThere = find.Bind(1, files.Text(0)).Step();
            find.Reset();
            if (!isThere)
                return true;
        }

        return false;
    }

    // A database of an older version may have none.
    private static bool HasFiles(SqliteConnection connection) => connection.QueryInt64("SELECT count(*) FROM sqlite_schema WHERE name = 'files'") > 0;

    private static void RemoveOthers(string database, Blobs blobs)
    {
        var used = HashesIn(database).Select(Convert.ToHexStringLower).ToHashSet();
        foreach (var sha256 in blobs.All().Where(sha256 => !used.Contains(Convert.ToHexStringLower(sha256))).ToArray())
            blobs.Remove(sha256);
    }

    private static List<byte[]> HashesIn(string database)
    {
        using var connection = new SqliteConnection(database, readOnly: true);
        var hashes = new List<byte[]>();
        if (!HasFiles(connection))
            return hashes;
        using var rows = connection.Prepare("SELECT DISTINCT sha256 FROM files"u8);
        while (rows.Step())
            hashes.Add(rows.Text(0).ToArray());
        return hashes;
    }

    private static void BeginHistory(string path)
    {
        using var connection = new SqliteConnection(path);
        connection.Execute("PRAGMA synchronous = FULL");
        Database.Migrate(connection);
        Database.BeginHistory(connection);
    }

    private static WrittenCopy Prove(string path, bool quick)
    {
        using var verification = new Verification(path, Blobs.Beside(path));
        return new WrittenCopy(path, verification.Epoch, verification.Messages, verification.Files, [.. verification.Check(quick).Where(rule => !rule.Holds)]);
    }

    // The bytes first: a database is not there before its files.
    private static WrittenCopy PutInPlace(WrittenCopy copy, string file, Blobs blobs)
    {
        if (Directory.Exists(Blobs.Beside(copy.Path).Folder))
            Directory.Move(Blobs.Beside(copy.Path).Folder, blobs.Folder);
        File.Move(copy.Path, file);
        Durable.FlushDirectory(Path.GetDirectoryName(file)!);
        return copy with { Path = file };
    }

    // The log belongs to the database by its name: left behind, it would be played into the next database of that name.
    private static string? SetAside(string database, TimeProvider time)
    {
        string[] suffixes = ["-wal", "-shm", ""];
        var blobs = Blobs.In(Path.GetDirectoryName(database)!);
        if (!suffixes.Any(suffix => File.Exists(database + suffix)) && !Directory.Exists(blobs.Folder))
            return null;
        var aside = $"{database}.before-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}";
        RefuseExisting(aside);
        EmptyLog(database);
        if (Directory.Exists(blobs.Folder))
            Directory.Move(blobs.Folder, Blobs.Beside(aside).Folder);
        foreach (var suffix in suffixes.Where(suffix => File.Exists(database + suffix)))
            File.Move(database + suffix, aside + suffix);
        return aside;
    }

    private static void EmptyLog(string database)
    {
        if (!File.Exists(database))
            return;
        try
        {
            // The last connection that is closed copies the log into the database and removes it.
            using var connection = new SqliteConnection(database);
            connection.QueryInt64("SELECT count(*) FROM sqlite_schema");
        }
        catch (StorageException)
        {
            // Damaged, which may be why it is replaced: its log is set aside beside it.
        }
    }

    /// <summary>A copy that is deleted, with its files, unless it is kept.</summary>
    private sealed class Unfinished(string path) : IDisposable
    {
        private bool _keep;

        public void Keep() => _keep = true;

        public void Dispose()
        {
            if (_keep)
                return;
            File.Delete(path);
            if (Directory.Exists(Blobs.Beside(path).Folder))
                Directory.Delete(Blobs.Beside(path).Folder, recursive: true);
        }
    }
}
