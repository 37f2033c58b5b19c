using System.Text.Json;
using System.Text.Json.Serialization;

namespace Confab.Protocol;

/// <summary>The JSON of the wire's records: snake case, nothing that is null, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Limits))]
[JsonSerializable(typeof(ServerFrame))]
[JsonSerializable(typeof(Command))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class WireJson : JsonSerializerContext
{
    public static void Write(Utf8JsonWriter json, Limits limits) => JsonSerializer.Serialize(json, limits, Default.Limits);
}
