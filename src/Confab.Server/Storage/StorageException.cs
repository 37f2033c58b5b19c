namespace Confab.Server.Storage;

/// <summary>The database failed.</summary>
public abstract class StorageException(string message) : Exception(message)
{
    /// <summary>It may succeed later: the disk is full or does not answer.</summary>
    public abstract bool IsUnavailable { get; }

    /// <summary>What is stored is damaged: trying again does not help.</summary>
    public abstract bool IsDamage { get; }

    /// <summary>It was ended since it took too long.</summary>
    public abstract bool IsInterrupted { get; }

    /// <summary>What was written may be lost: nothing may be acknowledged any more.</summary>
    public abstract bool IsFatal { get; }
}

/// <summary>The database is of another version of Confab; the message says which.</summary>
public sealed class SchemaException(string message) : Exception(message);

/// <summary>The files of the open database are not those any more that were opened; the message says what was done to them.</summary>
public sealed class FilesChangedException(string message) : Exception(message);
