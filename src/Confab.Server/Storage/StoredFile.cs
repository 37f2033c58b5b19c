namespace Confab.Server.Storage;

/// <summary>An uploaded file as the database has it. Its bytes are in the <see cref="Blobs"/>.</summary>
/// <param name="Id">128 random bits, base64url.</param>
/// <param name="Room">The room it was uploaded to.</param>
/// <param name="Sha256">The hash of its bytes.</param>
/// <param name="Name">Its name, made harmless.</param>
/// <param name="Type">The media type it is served as.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Width">A picture's width as shown; 0 for any other file.</param>
/// <param name="Height">A picture's height as shown; 0 for any other file.</param>
internal sealed record StoredFile(string Id, long Room, byte[] Sha256, string Name, string Type, long Size, int Width, int Height)
{
    public bool IsPicture => Width > 0;
}
