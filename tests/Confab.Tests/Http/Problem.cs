using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Confab.Tests.Http;

/// <summary>Problem details (RFC 9457) with one of the protocol's codes.</summary>
internal static class Problem
{
    public static async Task Is(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("title").GetString()));
        Assert.DoesNotContain(problem.EnumerateObject(), p => p.Name.Replace("_", "").Equals("traceid", StringComparison.OrdinalIgnoreCase));
    }
}
