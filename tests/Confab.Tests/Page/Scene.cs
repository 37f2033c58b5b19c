using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Client;

namespace Confab.Tests.Page;

/// <summary>Things that were said before somebody looks.</summary>
internal static class Scene
{
    /// <summary>What a page of HTTP may have, and the brackets and commas around two hundred messages.</summary>
    public const int PageBytes = (1024 * 1024) + 201;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A message of 16 KiB that takes 80 KiB as JSON: each of these signs is five bytes of HTML.</summary>
    public static string Large(int number) => $"**Message {number}** {new string('&', 12_900)}".PadRight(13_500, 'x');

    /// <summary>Something is said over HTTP.</summary>
    /// <returns>The message's number.</returns>
    public static async Task<long> Post(HttpClient http, string username, string content, string room = "general", long? replyTo = null, string[]? attachments = null, string basePath = "")
    {
        var message = new { username, content, reply_to = replyTo, attachments };
        using var answer = await http.PostAsJsonAsync($"{basePath}/api/rooms/{Uri.EscapeDataString(room)}/messages", message, Cancel);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetInt64();
    }

    /// <summary>A conversation with one of everything that a message can be.</summary>
    public static async Task Talk(HttpClient http)
    {
        await Post(http, "Maya Lindqvist", "Good morning! The **new shelves** arrive on *Thursday*, says [the shop](https://shop.example/shelves).");
        await Post(http, "Maya Lindqvist", "Who can be here at nine to let them in?");
        var plan = await Post(http, "Tom Oyelaran", "I can. What they bring:\n\n- two tall ones\n- one for the `hall`\n\n> ~~Monday~~ Thursday, 9:00");
        await Post(http, "Priya", "```csharp\npublic static int Shelves(int books) => (books + 39) / 40; // forty a shelf\n```");
        await Post(http, "Ann", "Then I come, too", replyTo: plan);
        await Post(http, "Priya", "@Ann could you bring the ladder? @Maya Lindqvist has the key.");
        using var upload = await http.PostAsync(new Uri("/api/rooms/general/files?name=hall.png", UriKind.Relative), new ByteArrayContent(Files.Samples.Picture(".png", 640, 400)), Cancel);
        var picture = (await upload.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("id").GetString()!;
        await Post(http, "Tom Oyelaran", "The hall, as it is now", attachments: [picture]);
        await Post(http, "Maya Lindqvist", "| what | cm |\n|---|---|\n| height | 190 |\n| width | 80 |");
        foreach (var (name, emoji) in new[] { ("Ann", "👍"), ("Priya", "👍"), ("Maya Lindqvist", "🎉") })
        {
            await using var client = new ConfabClient(new UriBuilder(http.BaseAddress!) { Scheme = "ws", Path = "/chat" }.Uri, new ConfabClientOptions { Username = name });
            await client.ConnectAsync(Cancel);
            await client.JoinAsync("general", cancellationToken: Cancel);
            await client.ReactAsync("general", plan, emoji, cancellationToken: Cancel);
        }
    }
}
