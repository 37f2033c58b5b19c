using System.Globalization;

namespace Confab.Server.Storage.Sqlite;

/// <summary>
/// How far the history of a data directory went, in a file beside the database: a database that is missing, or that is an older one, is known by it. It is
/// written after what it tells of is on disk, and may be a second old, so it never claims what was not stored.
/// </summary>
/// <param name="Epoch">The name of the history.</param>
/// <param name="Extent">The numbers given in all rooms, and the rooms.</param>
internal sealed record HighWaterMark(string Epoch, long Extent)
{
    public const string FileName = "confab.watermark";

    /// <summary>The mark of a directory; null when there is none, or none that can be read as one.</summary>
    public static HighWaterMark? Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
            return null;
        return File.ReadAllText(path).Split(' ', '\n') is [{ Length: > 0 } epoch, var extent, ""] && long.TryParse(extent, CultureInfo.InvariantCulture, out var number) ? new(epoch, number) : null;
    }

    /// <summary>The mark of a database as it is now.</summary>
    public static HighWaterMark Of(SqliteConnection connection) =>
        new(connection.QueryText("SELECT epoch FROM server"), connection.QueryInt64("SELECT CAST(total(head + 1) AS INTEGER) FROM rooms"));

    /// <summary>Writes it under another name first: a crash leaves this mark or the one before it.</summary>
    public void Write(string directory)
    {
        var path = Path.Combine(directory, FileName);
        var partial = $"{path}.new";
        using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Epoch} {Extent}\n")));
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }
}
