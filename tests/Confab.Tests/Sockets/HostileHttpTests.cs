using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confab.Tests.Support;

namespace Confab.Tests.Sockets;

/// <summary>Requests to the HTTP API that are not what it says: refused with a problem and its code, never with 500, and nothing is stored.</summary>
public sealed class HostileHttpTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("""{"username":"m"}""", "empty")]
    [InlineData("""{"content":"x"}""")]
    [InlineData("""{"username":null,"content":"x"}""")]
    [InlineData("""{"username":"m","content":null}""", "empty")]
    [InlineData("""{"username":{"$ne":null},"content":"x"}""")]
    [InlineData("""{"username":["m"],"content":"x"}""")]
    [InlineData("""{"username":"m","content":7}""")]
    [InlineData("""{"Username":"m","content":"x"}""")]
    [InlineData("""{"username":"m","CONTENT":"x"}""", "empty")]
    [InlineData("""{"username":"m","content":"x","content":"y"}""")]
    [InlineData("""{"username":"m","content":"\ud800"}""")]
    [InlineData("""{"username":"\udc00","content":"x"}""")]
    [InlineData("""{"username":"m","content":"a\u0000b"}""")]
    [InlineData("""{"username":"m","content":"x","reply_to":-1}""")]
    [InlineData("""{"username":"m","content":"x","reply_to":"1"}""")]
    [InlineData("""{"username":"m","content":"x","reply_to":1.5}""")]
    [InlineData("""{"username":"m","content":"x","reply_to":99999999999999999999}""")]
    [InlineData("""{"username":"m","content":"x","reply_to":77}""", "not_found")]
    [InlineData("""{"username":"m","content":" "}""", "empty")]
    public async Task A_message_that_is_none_is_refused_with_its_code(string json, string code = "bad_request")
    {
        var room = await _server.NewRoom();
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _server.Http.PostAsync($"/api/rooms/{room}/messages", content, TestContext.Current.CancellationToken);
        await IsProblem(answer, code);
        Assert.Equal(0, (await _server.Room(room)).Number("head"));
    }

    [Fact]
    public async Task A_body_that_nests_without_end_is_refused_with_400()
    {
        var room = await _server.NewRoom();
        using var content = new StringContent($$"""{"username":"m","content":"x","y":{{new string('[', 100_000)}}""", Encoding.UTF8, "application/json");
        using var answer = await _server.Http.PostAsync($"/api/rooms/{room}/messages", content, TestContext.Current.CancellationToken);
        await IsProblem(answer, "bad_request");
    }

    [Fact]
    public async Task A_message_that_is_too_long_is_refused_with_413()
    {
        var room = await _server.NewRoom();
        // RFC 9110 §10.1.1: who does not wait for leave may still be sending when the connection is closed, and then misses the answer.
        using var patient = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = RawConnection.Patience }) { BaseAddress = _server.Http.BaseAddress };
        patient.DefaultRequestHeaders.ExpectContinue = true;
        foreach (var length in new[] { 16_385, 200_000, 1_000_000 })
        {
            using var body = new StringContent($$"""{"username":"m","content":"{{new string('x', length)}}"}""", null, "application/json");
            using var answer = await patient.PostAsync($"/api/rooms/{room}/messages", body, TestContext.Current.CancellationToken);
            Assert.Equal(413, (int)answer.StatusCode);
            await IsProblem(answer, "too_long");
        }

        Assert.Equal(0, (await _server.Room(room)).Number("head"));
    }

    [Theory]
    [InlineData("/api/rooms/%00")]
    [InlineData("/api/rooms/%FF%FE")]
    [InlineData("/api/rooms/general%00")]
    [InlineData("/api/rooms/..%2F..%2Fetc%2Fpasswd")]
    [InlineData("/api/rooms/GENERAL")]
    [InlineData("/api/rooms/general'--")]
    [InlineData("/api/rooms/%25")]
    [InlineData("/api/rooms/nowhere/messages")]
    [InlineData("/api/rooms/general/messages/0")]
    [InlineData("/api/rooms/general/messages/-1")]
    [InlineData("/api/rooms/general/messages/999999")]
    [InlineData("/api/rooms/general/messages/99999999999999999999")]
    [InlineData("/api/rooms/general/messages/x")]
    [InlineData("/api/rooms/general/messages?limit=0")]
    [InlineData("/api/rooms/general/messages?limit=-1")]
    [InlineData("/api/rooms/general/messages?limit=201")]
    [InlineData("/api/rooms/general/messages?limit=x")]
    [InlineData("/api/rooms/general/messages?limit=4294967297")]
    [InlineData("/api/rooms/general/messages?before=-1")]
    [InlineData("/api/rooms/general/messages?after=-1")]
    [InlineData("/api/rooms/general/messages?after=99999999999999999999")]
    [InlineData("/api/rooms/general/messages?limit=1&limit=2")]
    public async Task What_is_not_there_or_cannot_be_asked_is_refused(string path)
    {
        using var answer = await _server.Http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.InRange((int)answer.StatusCode, 400, 404);
    }

    [Theory]
    [InlineData("PUT", "/api/rooms/general")]
    [InlineData("DELETE", "/api/rooms/general/messages/1")]
    [InlineData("TRACE", "/api/rooms")]
    public async Task A_method_that_is_not_served_is_refused_with_405(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await _server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(405, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/xml")]
    public async Task A_body_that_is_not_called_JSON_is_refused_with_415(string type)
    {
        using var content = new ByteArrayContent("{\"username\":\"m\",\"content\":\"x\"}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await _server.Http.PostAsync("/api/rooms/general/messages", content, TestContext.Current.CancellationToken);
        Assert.Equal(415, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("a\tb")]
    [InlineData("a\u001bb")]
    public async Task An_idempotency_key_that_is_none_is_refused(string key)
    {
        var room = await _server.NewRoom();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/rooms/{room}/messages");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        request.Content = JsonContent.Create(new { username = "m", content = "x" });
        using var answer = await _server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Equal(0, (await _server.Room(room)).Number("head"));
    }

    private static async Task IsProblem(HttpResponseMessage answer, string code)
    {
        Assert.InRange((int)answer.StatusCode, 400, 499);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(code, problem.Text("code"));
    }
}
