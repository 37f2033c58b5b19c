using System.Text;

namespace Confab.Server.Storage;

/// <summary>A copy that was written, and the rules that it breaks: with any, it was not put where it was asked for.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Broken">The rules that do not hold in it.</param>
internal sealed record WrittenCopy(string Path, string Epoch, long Messages, IReadOnlyList<CheckedRule> Broken)
{
    public bool IsSound => Broken.Count == 0;
}

/// <summary>
/// Copies of a database: made while a server writes to it, and put back. A copy is made with <c>VACUUM INTO</c>, in one read transaction.
/// The online backup would copy pages faster, and with them the free ones, where the words of deleted messages still are.
/// </summary>
internal static class Backup
{
    /// <summary>Writes a backup: under another name first, proved sound and on disk before it gets its own.</summary>
    /// <exception cref="IOException">There is no database in the directory, or the file exists.</exception>
    public static WrittenCopy Write(string directory, string file)
    {
        file = Path.GetFullPath(file);
        RefuseExisting(file);
        var partial = $"{file}.partial-{Guid.NewGuid():N}";
        using var undo = new Unfinished(partial);
        Copy(DatabaseIn(directory), partial);
        var copy = Prove(partial, quick: true);
        undo.Keep();
        return copy.IsSound ? PutInPlace(copy, file) : copy;
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
            throw new IOException($"There is no backup {file}.");
        Directory.CreateDirectory(directory);
        using var hold = Database.TakeLock(directory);
        var target = Path.GetFullPath(Path.Combine(directory, Database.FileName));
        if (!replace)
            RefuseExisting(target);

        var partial = $"{target}.restoring-{Guid.NewGuid():N}";
        using var undo = new Unfinished(partial);
        Copy(file, partial);
        BeginHistory(partial);
        var copy = Prove(partial, quick: false);
        if (!copy.IsSound)
            return (copy with { Path = file }, null);
        var aside = SetAside(target, time);
        undo.Keep();
        return (PutInPlace(copy, target), aside);
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
        file.Flush(flushToDisk: true);
    }

    private static void CreateLike(string from, string to)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = File.GetUnixFileMode(from);
        File.Open(to, options).Dispose();
    }

    private static void BeginHistory(string path)
    {
        using var connection = new SqliteConnection(path);
        connection.Execute("PRAGMA synchronous = FULL");
        Database.Migrate(connection);
        connection.Execute("UPDATE server SET epoch = lower(hex(randomblob(8)))");
    }

    private static WrittenCopy Prove(string path, bool quick)
    {
        using var verification = new Verification(path);
        return new WrittenCopy(path, verification.Epoch, verification.Messages, [.. verification.Check(quick).Where(rule => !rule.Holds)]);
    }

    private static WrittenCopy PutInPlace(WrittenCopy copy, string file)
    {
        File.Move(copy.Path, file);
        Durable.FlushDirectory(Path.GetDirectoryName(file)!);
        return copy with { Path = file };
    }

    // The log belongs to the database by its name: left behind, it would be played into the next database of that name.
    private static string? SetAside(string database, TimeProvider time)
    {
        string[] suffixes = ["-wal", "-shm", ""];
        if (!suffixes.Any(suffix => File.Exists(database + suffix)))
            return null;
        var aside = $"{database}.before-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}";
        RefuseExisting(aside);
        EmptyLog(database);
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

    /// <summary>A file that is deleted unless it is kept.</summary>
    private sealed class Unfinished(string path) : IDisposable
    {
        private bool _keep;

        public void Keep() => _keep = true;

        public void Dispose()
        {
            if (!_keep)
                File.Delete(path);
        }
    }
}
