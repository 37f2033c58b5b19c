using System.Net.Http.Json;
using System.Text.Json;

namespace Confab.Tests.Proofs;

/// <summary>A room's messages as the HTTP API pages through them.</summary>
internal static class HttpPages
{
    public static async Task<List<MessageState>> All(HttpClient http, string room)
    {
        var all = new List<MessageState>();
        while (true)
        {
            var after = all.Count == 0 ? 0 : all[^1].Id;
            var page = await http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room}/messages?after={after}&limit=200", TestContext.Current.CancellationToken);
            if (page.GetArrayLength() == 0)
                return all;
            all.AddRange(page.EnumerateArray().Select(MessageState.Of));
        }
    }
}
