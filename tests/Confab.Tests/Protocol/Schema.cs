using Confab.Tests.Support;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Confab.Tests.Protocol;

/// <summary>The committed schema, as a validator sees it.</summary>
internal static class Schema
{
    public static readonly string Path = Repository.PathOf("protocol/confab.schema.json");

    private static readonly Lazy<JsonSchema> s_client = new(() => Read("client"));
    private static readonly Lazy<JsonSchema> s_server = new(() => Read("server"));

    /// <summary>What is wrong with a frame.</summary>
    /// <param name="side">Who sends it: <c>client</c> or <c>server</c>.</param>
    /// <param name="frame">The frame.</param>
    public static ICollection<ValidationError> Validate(string side, string frame) => (side == "client" ? s_client : s_server).Value.Validate(frame);

    private static JsonSchema Read(string side)
    {
        // The validator looks for definitions where earlier drafts had them.
        var json = File.ReadAllText(Path).Replace("\"$defs\"", "\"definitions\"", StringComparison.Ordinal).Replace("#/$defs/", "#/definitions/", StringComparison.Ordinal);
        return JsonSchema.FromJsonAsync(json, TestContext.Current.CancellationToken).GetAwaiter().GetResult().Definitions[side];
    }
}
