using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Confab.Tests.Support;

namespace Confab.Tests.Http;

public sealed partial class DocsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_path_of_the_api_is_described()
    {
        var openApi = await shared.Server.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancel);
        var described = openApi.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Where(o => o.Value.TryGetProperty("responses", out _)).Select(o => $"{o.Name.ToUpperInvariant()} {path.Name}"));
        Assert.Equal(
            [
                "DELETE /api/rooms/{room}", "GET /api/files/{id}", "GET /api/files/{id}/thumbnail", "GET /api/files/{id}/{name}", "GET /api/rooms", "GET /api/rooms/{room}", "GET /api/rooms/{room}/messages", "GET /api/rooms/{room}/messages/{id}", "GET /api/rooms/{room}/messages/{id}/replies",
                "GET /api/search", "HEAD /api/files/{id}", "HEAD /api/files/{id}/thumbnail", "HEAD /api/files/{id}/{name}", "PATCH /api/rooms/{room}", "POST /api/rooms", "POST /api/rooms/{room}/files", "POST /api/rooms/{room}/messages",
            ],
            described.Order(StringComparer.Ordinal));
        var message = openApi.GetProperty("components").GetProperty("schemas").GetProperty("MessageData").GetProperty("properties");
        Assert.True(message.TryGetProperty("reply_to", out _));
    }

    [Fact]
    public async Task What_stands_in_a_path_is_described()
    {
        var openApi = await shared.Server.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancel);
        foreach (var path in openApi.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(o => o.Value.TryGetProperty("responses", out _)))
            {
                var parameters = operation.Value.TryGetProperty("parameters", out var all) ? all.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()!) : [];
                Assert.Equal(Braces().Matches(path.Name).Select(match => match.Groups[1].Value).Order(), parameters.Order());
            }
        }
    }

    [Fact]
    public async Task The_key_that_makes_a_post_repeatable_is_described()
    {
        var openApi = await shared.Server.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Cancel);
        var header = openApi.GetProperty("paths").GetProperty("/api/rooms/{room}/messages").GetProperty("post").GetProperty("parameters").EnumerateArray()
            .Single(parameter => parameter.GetProperty("in").GetString() == "header");
        Assert.Equal("Idempotency-Key", header.GetProperty("name").GetString());
        Assert.False(header.TryGetProperty("required", out var required) && required.GetBoolean());
        Assert.NotEmpty(header.GetProperty("description").GetString()!);
    }

    [Fact]
    public async Task The_page_for_people_needs_nothing_from_elsewhere()
    {
        var page = await shared.Server.Http.GetStringAsync("/docs/", Cancel);
        Assert.DoesNotMatch(Elsewhere(), page);
        foreach (Match script in Scripts().Matches(page))
            Assert.NotEmpty(await shared.Server.Http.GetByteArrayAsync($"/docs/{script.Groups[1].Value}", Cancel));
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Braces();

    [GeneratedRegex("(src|href)=\"(https?:)?//")]
    private static partial Regex Elsewhere();

    [GeneratedRegex("<script[^>]* src=\"([^\"]+)\"")]
    private static partial Regex Scripts();
}
