using System.Text;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Protocol;

/// <summary>One case of protocol/vectors: a frame that every codec must read alike.</summary>
/// <param name="File">The file's name, without its ending.</param>
/// <param name="Json">The case.</param>
internal sealed record Vector(string File, JsonElement Json)
{
    public string Name => Json.GetProperty("name").GetString()!;

    /// <summary>The frame, or a text that may be none.</summary>
    public byte[] Bytes => Encoding.UTF8.GetBytes(Json.TryGetProperty("raw", out var raw) ? raw.GetString()! : Frame.GetRawText());

    public JsonElement Frame => Json.GetProperty("frame");

    public string? Refusal => Json.TryGetProperty("refusal", out var code) ? code.GetString() : null;

    /// <summary>What a reader of version 1 understands of the frame: all of it, unless the case says less.</summary>
    public JsonElement Means => Json.TryGetProperty("means", out var means) ? means : Frame;

    public bool IsUnknown => Json.TryGetProperty("unknown", out _);
}

internal static class Vectors
{
    private static readonly Vector[] s_all =
    [
        .. from file in Directory.EnumerateFiles(Repository.PathOf("protocol/vectors"), "*.json").Order(StringComparer.Ordinal)
           let root = JsonDocument.Parse(File.ReadAllBytes(file)).RootElement
           where root.ValueKind == JsonValueKind.Array // those of mentions are no frames
           from json in root.EnumerateArray()
           select new Vector(Path.GetFileNameWithoutExtension(file), json),
    ];

    public static IReadOnlyList<Vector> All => s_all;

    public static Vector Find(string file, string name) => s_all.Single(vector => vector.File == file && vector.Name == name);

    public static TheoryData<string, string> Where(Func<Vector, bool> predicate)
    {
        var data = new TheoryData<string, string>();
        foreach (var vector in s_all.Where(predicate))
            data.Add(vector.File, vector.Name);
        return data;
    }

    public static void AssertSame(JsonElement expected, ReadOnlySpan<byte> actual)
    {
        var reader = new Utf8JsonReader(actual);
        var element = JsonElement.ParseValue(ref reader);
        Assert.True(JsonElement.DeepEquals(expected, element), $"expected {expected.GetRawText()}\nactual   {element.GetRawText()}");
    }
}
