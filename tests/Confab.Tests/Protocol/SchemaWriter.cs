using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Confab.Protocol;

namespace Confab.Tests.Protocol;

/// <summary>Writes protocol/confab.schema.json from the records, so that the two cannot differ.</summary>
internal sealed class SchemaWriter
{
    private static readonly JsonSerializerOptions s_writing = new(WireJson.Default.Options)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly string s_fileId = $"^[A-Za-z0-9_-]{{{FileId.Length}}}$";

    // Objects that several frames hold are written once.
    private static readonly Dictionary<Type, string> s_shared = new()
    {
        [typeof(MessageData)] = "message_data",
        [typeof(AttachmentData)] = "attachment_data",
        [typeof(RepliesData)] = "replies_data",
        [typeof(ReactionData)] = "reaction_data",
        [typeof(RoomData)] = "room_data",
        [typeof(Limits)] = "limits",
    };

    private readonly JsonObject _definitions = [];

    public static string Write() => new SchemaWriter().WriteAll();

    private string WriteAll()
    {
        var client = AddFrames("client", WireJson.Default.Command);
        var server = AddFrames("server", WireJson.Default.ServerFrame);
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Confab's wire protocol, version 1",
            ["description"] = "Every frame of a client (#/$defs/client) and of a server (#/$defs/server). Written from the records of Confab.Protocol by the tests; PROTOCOL.md says what the frames mean.",
            ["anyOf"] = new JsonArray(Reference("client"), Reference("server")),
            ["$defs"] = new JsonObject { ["client"] = client, ["server"] = server },
        };
        foreach (var (name, definition) in _definitions.ToArray())
        {
            _definitions.Remove(name);
            schema["$defs"]![name] = definition;
        }

        return schema.ToJsonString(s_writing) + "\n";
    }

    private JsonObject AddFrames(string side, JsonTypeInfo type)
    {
        var exported = type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform });
        var references = new JsonArray();
        foreach (var frame in exported["anyOf"]!.AsArray())
        {
            // A validator that does not know `const` would let every type pass; `enum` says the same to all of them.
            var discriminator = frame!["properties"]!["type"]!.AsObject();
            var name = discriminator["const"]!.GetValue<string>();
            discriminator.Remove("const");
            discriminator["enum"] = new JsonArray(name);
            var required = frame["required"]?.AsArray() ?? [];
            required.Insert(0, "type");
            frame["required"] = required.DeepClone();
            _definitions[$"{side}.{name}"] = new JsonObject([KeyValuePair.Create("type", (JsonNode?)"object"), .. Take(frame.AsObject())]);
            references.Add((JsonNode)Reference($"{side}.{name}"));
        }

        return new JsonObject { ["oneOf"] = references };
    }

    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type == typeof(DateTimeOffset))
            return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        if (schema is not JsonObject json)
            return schema;

        // What does not apply is left out of a frame, never null.
        var isNullable = context.PropertyInfo?.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), false) == true && type == typeof(UserData);
        if (json["type"] is JsonArray types && !isNullable)
            json["type"] = types.Select(t => t!.GetValue<string>()).Single(t => t != "null");

        if (type == typeof(long) || type == typeof(int))
        {
            json["minimum"] = 0;
            json["maximum"] = context.PropertyInfo?.Name == "history" && context.PropertyInfo.DeclaringType == typeof(JoinCommand) ? new Limits().History
                : type == typeof(long) ? (1L << 53) - 1 : int.MaxValue;
        }

        if (context.PropertyInfo?.Name == "id" && context.PropertyInfo.DeclaringType == typeof(AttachmentData))
        {
            json["pattern"] = s_fileId;
        }
        else if (context.PropertyInfo?.Name == "id" && type == typeof(string))
        {
            json["minLength"] = 1;
            json["maxLength"] = new Limits().IdChars;
            json["pattern"] = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";
        }

        if (context.PropertyInfo is { Name: "attachments" } attachments && attachments.DeclaringType == typeof(MessageCommand))
        {
            json["items"] = new JsonObject { ["type"] = "string", ["pattern"] = s_fileId };
            json["minItems"] = 1;
            json["maxItems"] = new Limits().FilesPerMessage;
            json["uniqueItems"] = true;
        }

        // One of them is needed, and both may be there.
        if (type == typeof(MessageCommand))
            json["anyOf"] = new JsonArray(new JsonObject { ["required"] = new JsonArray("content") }, new JsonObject { ["required"] = new JsonArray("attachments") });

        if (!s_shared.TryGetValue(type, out var name))
            return json;
        _definitions.TryAdd(name, json.DeepClone());
        return Reference(name);
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = "#/$defs/" + name };

    private static List<KeyValuePair<string, JsonNode?>> Take(JsonObject from)
    {
        var all = from.ToList();
        from.Clear();
        return all;
    }
}
