using System.Net;
using System.Net.Http.Json;
using Confab.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Confab.Tests.Sockets;

/// <summary>Rates belong to an address: what it has spent, no new connection brings back. In these tests one connection may send 10 at once, and the address 20.</summary>
public sealed class AddressRateTests
{
    private static readonly string[] s_tight = ["--Confab:Limits:MessageBurst=10", "--Confab:Limits:MessagesPerSecond=1", "--Confab:RatesPerAddress=2"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_connects_anew_goes_on_with_what_is_left()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.Start(time, s_tight);
        Assert.Equal(10, await Stored(server, 15));
        Assert.Equal(10, await Stored(server, 15));
        Assert.Equal(0, await Stored(server, 15));
        // Two a second.
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(6, await Stored(server, 15));
    }

    [Fact]
    public async Task Many_connections_have_one_budget_and_other_addresses_their_own()
    {
        await using var server = await TestServer.Start(s_tight);
        var stored = 0;
        for (var i = 0; i < 5; i++)
            stored += await Stored(server, 10, "192.0.2.7");
        Assert.InRange(stored, 20, 30);
        Assert.Equal(10, await Stored(server, 10, "192.0.2.8"));
    }

    [Fact]
    public async Task Addresses_of_one_IPv6_network_have_one_budget()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.Start(time, s_tight);
        Assert.Equal(20, await Stored(server, 10, "2001:db8::1") + await Stored(server, 10, "2001:db8::2"));
        Assert.Equal(0, await Stored(server, 10, "2001:db8::3"));
        Assert.Equal(10, await Stored(server, 10, "2001:db8:0:1::1"));
    }

    [Fact]
    public async Task Messages_over_HTTP_and_over_sockets_are_counted_together_and_the_time_told_is_true()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.Start(time, s_tight);
        for (var i = 0; i < 15; i++)
            Assert.Equal(HttpStatusCode.Created, (await Post(server)).StatusCode);
        Assert.Equal(5, await Stored(server, 10));
        using var refused = await Post(server);
        Assert.Equal((HttpStatusCode)429, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Cancel);
        Assert.Equal("rate_limited", problem.Text("code"));
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        time.Advance(TimeSpan.FromMilliseconds(problem.Number("retry_after_ms")));
        Assert.Equal(HttpStatusCode.Created, (await Post(server)).StatusCode);

        static Task<HttpResponseMessage> Post(TestServer server) => server.Http.PostAsJsonAsync("/api/rooms/general/messages", new { username = "ann", content = "hi" }, Cancel);
    }

    [Fact]
    public async Task Joins_of_an_address_have_one_budget()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.Start(time, "--Confab:Limits:JoinBurst=3", "--Confab:Limits:JoinsPerSecond=1", "--Confab:RatesPerAddress=2");
        var joined = 0;
        for (var i = 0; i < 4; i++)
        {
            await using var socket = await server.Open();
            for (var j = 0; j < 3; j++)
                joined += (await socket.Join("general", "ann")).TypeOf() == "joined" ? 1 : 0;
        }

        Assert.Equal(6, joined);
    }

    [Fact]
    public async Task Rooms_have_two_windows()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.Start(time, "--Confab:RoomsPerDayPerAddress=20");
        Assert.Equal(2, await Made(10));
        // A twentieth of the day's in each hour and twelve minutes, two at once, until the day's are used up.
        var made = 2;
        for (var hour = 1; hour <= 10; hour++)
        {
            time.Advance(TimeSpan.FromHours(1));
            made += await Made(5);
        }

        Assert.InRange(made, 20, 20 + 9); // what the day gave back in ten hours included
        Assert.Equal(0, await Made(1));

        async Task<int> Made(int count)
        {
            var created = 0;
            for (var i = 0; i < count; i++)
            {
                using var answer = await server.Http.PostAsJsonAsync("/api/rooms", new { name = Guid.NewGuid().ToString("N") }, Cancel);
                created += answer.StatusCode == HttpStatusCode.Created ? 1 : 0;
            }

            return created;
        }
    }

    [Fact]
    public async Task Uploads_of_an_address_have_one_budget()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.Start(time, "--Confab:Files:UploadsPerMinute=6");
        for (var i = 0; i < 6; i++)
            Assert.Equal(HttpStatusCode.Created, (await Upload()).StatusCode);
        Assert.Equal((HttpStatusCode)429, (await Upload()).StatusCode);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.Created, (await Upload()).StatusCode);

        Task<HttpResponseMessage> Upload() => server.Http.PostAsync("/api/rooms/general/files?name=a.txt", new StringContent("tea"), Cancel);
    }

    // How many of so many messages are stored, over a connection that then is gone.
    private static async Task<int> Stored(TestServer server, int count, string? forwardedFor = null)
    {
        await using var socket = await server.Open(new Handshake { Headers = forwardedFor is null ? [] : [$"X-Forwarded-For: {forwardedFor}"] });
        var stored = 0;
        for (var i = 0; i < count; i++)
            stored += (await socket.Request($"{i}", $$"""{"type":"message","id":"{{i}}","room":"general","username":"{{Guid.NewGuid():N}}","content":"hi"}""")).TypeOf() == "ack" ? 1 : 0;
        return stored;
    }
}
