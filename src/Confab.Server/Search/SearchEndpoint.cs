using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Rooms;
using Confab.Server.Storage;

namespace Confab.Server.Search;

/// <summary>A message that was found.</summary>
/// <param name="Message">The message as it is now.</param>
/// <param name="Highlights">Where in its content the words stand: pairs of start and length in UTF-16 code units, in order.</param>
internal sealed record SearchResult(MessageData Message, IReadOnlyList<IReadOnlyList<int>> Highlights);

/// <summary>A page of results.</summary>
/// <param name="Results">The messages, the newest first.</param>
/// <param name="Next">What to give as <c>before</c> for the next page; left out on the last one.</param>
internal sealed record SearchPage(IReadOnlyList<SearchResult> Results, string? Next);

/// <summary>Looking for messages over HTTP.</summary>
internal static class SearchEndpoint
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 50;

    public static void AddSearch(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Indexer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Indexer>());
        builder.Services.AddSingleton<Searcher>();
    }

    public static void MapSearch(this WebApplication app) =>
        app.MapGet("/api/search", Search).WithTags("Search").WithSummary("Messages that match, newest first. A page may have fewer than `limit` results and still have a `next`").Produces<SearchPage>().Requires(Operation.Search);

    private static async Task<IResult> Search(string? q, string? before, int? limit, string? zone, Visit visit, HttpContext http, Searcher searcher)
    {
        if (SearchQuery.Parse(q, zone, out var query) is { IsRefused: true } refusal)
            return Problems.Of(refusal);
        var most = limit ?? DefaultLimit;
        var place = SearchPlace.At(long.MaxValue);
        if (most is < 1 or > MaxLimit || (before is not null && !SearchPlace.TryParse(before, out place)))
            return Problems.Of(new(RefusalCode.BadRequest, $"`limit` must be 1 to {MaxLimit}, and `before` a time in milliseconds or the value of `next`."));

        var (page, refused) = await searcher.Find(visit.Actor, query, place, most, ClientAddress.Of(http), http.RequestAborted);
        if (page is null)
            return Problems.Of(refused);
        if (page.Next is { } next)
            http.Response.Headers.Link = $"<{http.Request.PathBase}/api/search?q={Uri.EscapeDataString(q!)}&limit={most}{(zone is null ? "" : $"&zone={Uri.EscapeDataString(zone)}")}&before={next}>; rel=\"next\"";
        return Results.Bytes(page.Json, "application/json");
    }
}
