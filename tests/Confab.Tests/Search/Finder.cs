using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Search;

/// <summary>Says things in a room and looks for them, through the HTTP API alone.</summary>
internal sealed class Finder(HttpClient http, string room)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public string Room => room;

    public async Task<long> Say(string content, string username = "ann", string? inRoom = null)
    {
        using var answer = await http.PostAsJsonAsync($"/api/rooms/{inRoom ?? room}/messages", new { username, content }, Cancel);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).Number("id");
    }

    /// <summary>Waits until everything that was said in the room is in the index.</summary>
    public async Task CatchUp()
    {
        // The last word said is found when all before it is.
        var mark = $"mark{Guid.NewGuid():N}";
        await Say(mark);
        await Wait.Until("the index", async () => (await TryFind($"{mark} in:{room}"))?.Count == 1);
    }

    /// <summary>What is found in the room: contents, the newest first.</summary>
    public async Task<List<string>> Find(string query) => [.. (await Results($"in:{room} {query}")).Select(r => r.GetProperty("message").Text("content")!)];

    public async Task<List<JsonElement>> Results(string query)
    {
        using var answer = await Ask(query);
        Assert.True(answer.IsSuccessStatusCode, $"{query}: {answer.StatusCode}");
        return [.. (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("results").EnumerateArray()];
    }

    public Task<HttpResponseMessage> Ask(string query, string more = "") => http.GetAsync($"/api/search?q={Uri.EscapeDataString(query)}{more}", Cancel);

    /// <summary>What is marked of each result, the newest first.</summary>
    public async Task<List<string>> Marked(string query) =>
        [.. (await Results($"in:{room} {query}")).Select(r => string.Join('|', r.GetProperty("highlights").EnumerateArray().Select(h => r.GetProperty("message").Text("content")!.Substring(h[0].GetInt32(), h[1].GetInt32()))))];

    private async Task<List<JsonElement>?> TryFind(string query)
    {
        using var answer = await Ask(query);
        return answer.IsSuccessStatusCode ? [.. (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("results").EnumerateArray()] : null;
    }
}
