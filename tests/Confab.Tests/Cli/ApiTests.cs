using Confab.Cli;
using Confab.Tests.Client;
using Microsoft.AspNetCore.Http;

namespace Confab.Tests.Cli;

/// <summary>What the tool makes of answers over HTTP that are no Confab server's.</summary>
public sealed class ApiTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("<html>Sign in</html>")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"topic":7}""")]
    public async Task An_answer_that_is_no_topic_is_a_failed_request(string answer)
    {
        await using var place = await ScriptedServer.Start((_, http) => http.Response.WriteAsync(answer, http.RequestAborted));
        using var api = new Api(place.Chat);
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => api.Topic("general", Cancel));
        Assert.Equal("The answer is not from a Confab server.", failure.Message);
    }

    [Fact]
    public async Task No_answer_in_time_is_a_failed_request()
    {
        var answered = new TaskCompletionSource();
        await using var place = await ScriptedServer.Start((int _, HttpContext _) => answered.Task);
        using var api = new Api(place.Chat, TimeSpan.FromMilliseconds(10));
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => api.Topic("general", Cancel));
        Assert.Equal("The server did not answer in time.", failure.Message);
        answered.SetResult();
    }

    [Fact]
    public async Task Whoever_gives_up_is_not_told_of_a_failed_request()
    {
        var answered = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        await using var place = await ScriptedServer.Start(async (int _, HttpContext _) =>
        {
            await impatient.CancelAsync();
            await answered.Task;
        });
        using var api = new Api(place.Chat);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => api.Topic("general", impatient.Token));
        answered.SetResult();
    }
}
