using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;

namespace Confab.Server.Page;

/// <summary>One file of the page, with its compressed forms where they were made.</summary>
/// <param name="Plain">As it is.</param>
/// <param name="Brotli">Compressed (RFC 7932).</param>
/// <param name="Gzip">Compressed (RFC 1952).</param>
/// <param name="Type">Its media type.</param>
/// <param name="ETag">Names its content.</param>
internal sealed record PageFile(byte[] Plain, byte[]? Brotli, byte[]? Gzip, string Type, string ETag)
{
    public static string NameOf(byte[] content) => $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"";
}

/// <summary>The page's files, as the build left them beside the program: about a megabyte, read on the first request for one.</summary>
internal sealed class PageFiles
{
    private readonly Lazy<FrozenDictionary<string, PageFile>> _files = new(Read);

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "wwwroot");

    /// <summary>Whether the build made a page; without Node.js it makes none.</summary>
    public static bool Exist => File.Exists(Path.Combine(Folder, "index.html"));

    public PageFile? Find(string path) => _files.Value.GetValueOrDefault(path);

    private static FrozenDictionary<string, PageFile> Read()
    {
        var types = new FileExtensionContentTypeProvider();
        var files = Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).ToDictionary(file => '/' + Path.GetRelativePath(Folder, file).Replace('\\', '/'));
        return files.Where(file => Path.GetExtension(file.Key) is not (".br" or ".gz")).ToFrozenDictionary(file => file.Key, file =>
        {
            var plain = File.ReadAllBytes(file.Value);
            var type = types.TryGetContentType(file.Key, out var known) ? known : "application/octet-stream";
            return new PageFile(plain, Compressed(".br"), Compressed(".gz"), type.StartsWith("text/", StringComparison.Ordinal) ? type + "; charset=utf-8" : type, PageFile.NameOf(plain));

            byte[]? Compressed(string extension) => files.TryGetValue(file.Key + extension, out var path) ? File.ReadAllBytes(path) : null;
        });
    }
}
