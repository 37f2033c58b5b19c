using System.Net.Http.Json;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Proofs;

/// <summary>The HTTP API's view of the rooms.</summary>
internal static class HttpPages
{
    /// <summary>It tells of every room what stands in the database.</summary>
    public static async Task Match(HttpClient http, Truth truth)
    {
        foreach (var room in truth.Rooms.Values)
        {
            Assert.Equal(room.Messages.Values, await All(http, room.Name));
            var described = await http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room.Name}", TestContext.Current.CancellationToken);
            Assert.Equal(room.Head, described.Number("head"));
        }
    }

    private static async Task<List<MessageState>> All(HttpClient http, string room)
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
