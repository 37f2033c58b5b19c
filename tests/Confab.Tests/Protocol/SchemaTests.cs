using System.Text.Json;

namespace Confab.Tests.Protocol;

public class SchemaTests
{
    /// <summary>Set to 1, it makes the tests write the schema anew instead of comparing it.</summary>
    private const string Switch = "CONFAB_WRITE_SCHEMA";

    // The validator throws on numbers past 64 bits instead of refusing them.
    public static TheoryData<string, string> Frames => Vectors.Where(v => v.File is not ("hostile" or "names" or "emoji") && !v.IsUnknown && !v.Name.EndsWith("past 64 bits", StringComparison.Ordinal));

    [Fact]
    public void The_schema_is_the_one_that_the_records_make()
    {
        var schema = SchemaWriter.Write();
        if (Environment.GetEnvironmentVariable(Switch) == "1")
            File.WriteAllText(Schema.Path, schema);
        Assert.True(File.Exists(Schema.Path) && File.ReadAllText(Schema.Path) == schema, $"The records changed. Run the tests once with {Switch}=1 and commit protocol/confab.schema.json.");
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void The_schema_takes_or_refuses_a_frame_as_its_vector_says(string file, string name)
    {
        var vector = Vectors.Find(file, name);
        var errors = Schema.Validate(Side(file), vector.Frame.GetRawText());
        Assert.Equal(vector.Refusal is null, errors.Count == 0);
    }

    [Theory]
    [InlineData("server.message", """{"type":"message","room":"general","seq":42}""")]
    [InlineData("server.message", """{"type":"message","room":"general","seq":-1,"data":{"id":42,"room":"general","username":"guest","content":"hi","timestamp":"2026-11-22T17:52:00.123Z"}}""")]
    [InlineData("server.message", """{"type":"message","room":"general","seq":42,"data":{"id":"42","room":"general","username":"guest","content":"hi","timestamp":"2026-11-22T17:52:00.123Z"}}""")]
    [InlineData("server.message", """{"type":"massage","room":"general","seq":42,"data":{"id":42,"room":"general","username":"guest","content":"hi","timestamp":"2026-11-22T17:52:00.123Z"}}""")]
    [InlineData("server.message", """{"type":"message","room":"general","seq":42,"data":{"id":42,"room":"general","username":"guest","content":"hi","timestamp":"yesterday"}}""")]
    [InlineData("server.reacted", """{"type":"reacted","room":"general","seq":42,"data":{"id":42,"room":"general","username":"guest","content":"hi","timestamp":"2026-11-22T17:52:00.123Z","reactions":[{"emoji":"x"}]}}""")]
    [InlineData("server.ack", """{"type":"ack","room":"general","seq":1}""")]
    [InlineData("server.hello", """{"type":"hello","version":1,"epoch":"e","user":null,"limits":{"frame_bytes":"many"}}""")]
    [InlineData("server.hello", """{"type":"hello","version":1,"epoch":"e","limits":{}}""")]
    [InlineData("server.joined", """{"type":"joined","room":"general","seq":0,"epoch":"e","count":1,"users":[1]}""")]
    [InlineData("client.join", """{"type":"join","room":"general","history":201}""")]
    public void The_schema_refuses_a_broken_frame(string file, string frame)
    {
        using var json = JsonDocument.Parse(frame);
        Assert.NotEmpty(Schema.Validate(Side(file), json.RootElement.GetRawText()));
    }

    private static string Side(string file) => file[..file.IndexOf('.')];
}
