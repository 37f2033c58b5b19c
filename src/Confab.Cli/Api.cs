using System.Net.Http.Json;
using System.Text.Json;
using Confab.Client;
using Confab.Protocol;

namespace Confab.Cli;

/// <summary>The part of a server's HTTP interface that the tool uses.</summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="chat">The address of its chat, such as <c>ws://localhost:9292/chat</c>.</param>
    /// <param name="timeout">How long to wait for an answer; 15 seconds if null.</param>
    public Api(Uri chat, TimeSpan? timeout = null) => _http = new HttpClient { BaseAddress = Root(chat), Timeout = timeout ?? TimeSpan.FromSeconds(15) };

    /// <summary>The address of a chat as a person may write it: the scheme may be that of HTTP, and the path may be left out.</summary>
    public static Uri? ChatAt(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("ws" or "wss" or "http" or "https"))
            return null;
        var chat = new UriBuilder(uri) { Scheme = uri.Scheme is "wss" or "https" ? "wss" : "ws" };
        if (uri.AbsolutePath == "/")
            chat.Path = "/chat";
        return chat.Uri;
    }

    /// <summary>The names of all rooms.</summary>
    public Task<IReadOnlyList<string>> Rooms(CancellationToken cancel) =>
        Ask<IReadOnlyList<string>>(HttpMethod.Get, "api/rooms", null, rooms => [.. rooms.EnumerateArray().Select(room => room.GetProperty("name").GetString()!)], cancel);

    public Task<string> Topic(string room, CancellationToken cancel) =>
        Ask(HttpMethod.Get, PathOf(room), null, answer => answer.GetProperty("topic").GetString() ?? "", cancel);

    public Task SetTopic(string room, string topic, string username, CancellationToken cancel) =>
        Ask(HttpMethod.Patch, PathOf(room), new JsonObject(("topic", topic), ("username", username)), answer => answer, cancel);

    public Task Archive(string room, bool isOn, string username, CancellationToken cancel) => isOn
        ? Ask(HttpMethod.Delete, $"{PathOf(room)}?username={Uri.EscapeDataString(username)}", null, answer => answer, cancel)
        : Ask(HttpMethod.Patch, PathOf(room), new JsonObject(("archived", false), ("username", username)), answer => answer, cancel);

    public Task CreateRoom(string name, CancellationToken cancel) => Ask(HttpMethod.Post, "api/rooms", new JsonObject(("name", name)), answer => answer, cancel);

    /// <summary>The messages just before one, oldest first; none when there are none.</summary>
    public Task<IReadOnlyList<MessageData>> Before(string room, long id, int limit, CancellationToken cancel) =>
        Ask<IReadOnlyList<MessageData>>(HttpMethod.Get, $"{PathOf(room)}/messages?before={id}&limit={limit}", null, messages => [.. messages.EnumerateArray().Select(m => m.Deserialize(WireJson.Default.MessageData)!)], cancel);

    public void Dispose() => _http.Dispose();

    // Whatever stands before /chat stands before /api too.
    private static Uri Root(Uri chat)
    {
        var path = chat.AbsolutePath;
        return new UriBuilder(chat) { Scheme = chat.Scheme == "wss" ? "https" : "http", Path = path[..(path.LastIndexOf('/') + 1)], Query = "" }.Uri;
    }

    private static string PathOf(string room) => $"api/rooms/{Uri.EscapeDataString(room)}";

    // A proxy may answer in the server's place with whatever it likes, or not at all: that is a failed request, as if there were no connection.
    private async Task<T> Ask<T>(HttpMethod method, string path, JsonObject? body, Func<JsonElement, T> read, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body.Text, null, "application/json") };
        try
        {
            using var answer = await _http.SendAsync(request, cancel);
            if (answer.IsSuccessStatusCode)
                return read(await answer.Content.ReadFromJsonAsync(WireJson.Default.JsonElement, cancel));
            throw await Refused(answer, cancel);
        }
        catch (Exception e) when (IsOdd(e))
        {
            throw new HttpRequestException("The answer is not from a Confab server.", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException("The server did not answer in time.", e);
        }
    }

    // No JSON, or not the JSON that was to be read.
    private static bool IsOdd(Exception exception) => exception is JsonException or InvalidOperationException or KeyNotFoundException;

    // RFC 9457, with the code of the WebSocket protocol.
    private static async Task<Exception> Refused(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            var problem = await answer.Content.ReadFromJsonAsync(WireJson.Default.JsonElement, cancel);
            RefusalCodes.TryParse(problem.GetProperty("code").GetString(), out var code);
            return new ConfabRefusedException(code, problem.GetProperty("detail").GetString() ?? "", answer.Headers.RetryAfter?.Delta);
        }
        catch (Exception e) when (IsOdd(e))
        {
            return new HttpRequestException($"The server answered with HTTP status {(int)answer.StatusCode}.", e, answer.StatusCode);
        }
    }

    private sealed class JsonObject(params (string Key, object Value)[] members)
    {
        public string Text => $"{{{string.Join(',', members.Select(m => $"\"{m.Key}\":{Write(m.Value)}"))}}}";

        private static string Write(object value) => value switch
        {
            string text => $"\"{JsonEncodedText.Encode(text)}\"",
            bool flag => flag ? "true" : "false",
            _ => throw new ArgumentOutOfRangeException(nameof(value)),
        };
    }
}
