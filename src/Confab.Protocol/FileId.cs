using System.Buffers;

namespace Confab.Protocol;

/// <summary>The id of an uploaded file: 128 random bits in the URL-safe alphabet of base64 (RFC 4648 §5).</summary>
public static class FileId
{
    /// <summary>Bytes, and characters, of an id.</summary>
    public const int Length = 22;

    private static readonly SearchValues<byte> s_alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>Whether a text can be an id.</summary>
    public static bool IsOne(ReadOnlySpan<byte> text) => text.Length == Length && !text.ContainsAnyExcept(s_alphabet);

    /// <summary>Whether an id is one of those in a list, where they stand one after the other.</summary>
    public static bool Contains(ReadOnlySpan<byte> ids, ReadOnlySpan<byte> id)
    {
        for (; !ids.IsEmpty; ids = ids[Length..])
        {
            if (ids[..Length].SequenceEqual(id))
                return true;
        }

        return false;
    }

    /// <summary>What is answered when a list of attachments cannot be one.</summary>
    public static Refusal BadList(Limits limits) => new(RefusalCode.BadRequest, $"`attachments` must be a list of 1 to {limits.FilesPerMessage} different file ids.");
}
