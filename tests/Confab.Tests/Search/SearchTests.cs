using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Client;
using Confab.Server.Search;
using Confab.Tests.Files;
using Confab.Tests.Http;
using Confab.Tests.Page;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Search;

/// <summary>Looking for what was said, through the HTTP API of a real server.</summary>
public class SearchTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // What was said, what is looked for, and what of it is marked; null for what must not be found.
    public static TheoryData<string, string, string?> Cases => new()
    {
        { "Tea and biscuits at four", "tea", "Tea" },
        { "Tea and biscuits at four", "biscuits TEA", "Tea|biscuits" },
        { "Tea and biscuits at four", "tea coffee", null },
        { "Tea and biscuits at four", "bisc", "biscuits" },
        { "Tea and biscuits at four", "bisc tea", null },
        { "Tea and biscuits at four", "bisc* tea", "Tea|biscuits" },
        { "Tea and biscuits at four", "isc", null },
        { "Tea and biscuits at four", "\"and biscuits\"", "and biscuits" },
        { "Tea and biscuits at four", "\"and biscuits", "and biscuits" },
        { "Tea and biscuits at four", "\"biscuits and\"", null },
        { "Tea and biscuits at four", "\"and bisc\"", null },
        { "Tea and biscuits at four", "“and biscuits” fo", "and biscuits|four" },
        { "Tea, AND (biscuits)!", "\"tea and biscuits\"", "Tea, AND (biscuits" },
        { "a snake_case_name here", "snake_case", "snake_case" },
        { "mail ann@example.org", "ann@example.org", "ann@example.org" },
        { "tea tea team", "tea", "tea|tea|team" },
        { "Ein Café für Zoë", "cafe", "Café" },
        { "Ein Café für Zoë", "FÜR zoe", "für|Zoë" },
        { "Ein Cafe\u0301 hier", "café", "Cafe\u0301" },
        { "Ein Cafe hier", "cafe\u0301", "Cafe" },
        { "ΑΘΗΝΑ και Москва", "αθήνα москва", "ΑΘΗΝΑ|Москва" },
        { "ＦＵＬＬ width", "full", "ＦＵＬＬ" },
        { "我住在东京都附近", "东京", "东京" },
        { "我住在东京都附近", "东京都", "东京都" },
        { "我住在东京都附近", "京都附", "京都附" },
        { "我住在东京都附近", "东都", null },
        { "我住在东京都附近", "东", "东" },
        { "我住在东京都附近", "近", "近" },
        { "我住在东京都附近", "附近 我住", "我住|附近" },
        { "明日は東京タワーに行く", "タワ", "タワ" },
        { "明日は東京タワーに行く", "東京タワー", "東京タワー" },
        { "明日は東京タワーに行く", "\"明日は\" 行く", "明日は|行く" },
        { "ﾀﾜｰ です", "タワ", "ﾀﾜ" },
        { "내일 한국어를 배운다", "국어", "국어" },
        { "내일 한국어를 배운다", "내일 한국", "내일|한국" },
        { "内 and 外 meet", "\"and 外\"", "and 外" },
        { "version2 東京2026 done", "東京 2026", "東京2026" },
        { "\U00020000\U00020001 rare", "\U00020000\U00020001", "\U00020000\U00020001" },
        { "👋 hello 👋", "hello", "hello" },
        { "hello there", "has:link hello", null },
        { "see https://x.example/y", "has:link see", "see" },
        { "see HTTP://X.EXAMPLE", "HAS:link see", "see" },
        { "see [it](http://x.example)", "see has:link", "see" },
        { "hello", "has:file hello", null },
        { "Die Straße", "strasse", "Straße" },
        { "Die STRASSE", "straße", "STRASSE" },
        { "Die GROẞE", "grosse", "GROẞE" },
        { "eﬃcient", "efficient", "eﬃcient" },
        { "ΟΔΟΣ", "οδος", "ΟΔΟΣ" },
        { "İstanbul ısı", "istanbul isi", "İstanbul|ısı" },
        { "ＡＢＣ１２", "abc12", "ＡＢＣ１２" },
        { "ｶﾞｲﾄﾞ", "ガイド", "ｶﾞｲﾄﾞ" },
        { "か\u3099いと\u3099", "がいど", "か\u3099いと\u3099" },
        { "room ٤٢", "42", "٤٢" },
        { "\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글", "\u1112\u1161\u11AB\u1100\u1173\u11AF" },
        { "한글", "\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글" },
        { "hello", "from:bob hello", null },
        { "hello", "from:ann\uFFFE hello", null },
        { "hello", "in:random\uFFFE hello", "hello" },
        { "hello", "from:ANN hello", "hello" },
        { "hello", "from:@ann", "" },
        { "hello", "from:bob from:ann hello", "hello" },
        { "hello", "before:2020-01-01 hello", null },
        { "hello", "before:9999-12-31 hello", "hello" },
        { "hello", "after:2020-01-01 hello", "hello" },
        { "hello", "after:9999-12-31 hello", null },
        { "note: this", "note:", "note" },
        { "from: whom", "from: whom", "from|whom" },
        { "what AND why OR not", "what AND OR NOT", "what|AND|OR|not" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_was_said_is_found_and_marked(string said, string query, string? marked)
    {
        var finder = await NewRoom();
        await finder.Say(said);
        await finder.CatchUp();
        Assert.Equal(marked is null ? [] : [marked], (await finder.Marked(query)).Where(m => !m.StartsWith("mark", StringComparison.Ordinal)).Take(query.StartsWith("from:@", StringComparison.Ordinal) ? 1 : int.MaxValue));
    }

    [Fact]
    public async Task A_result_is_the_message_as_everywhere()
    {
        var finder = await NewRoom();
        var id = await finder.Say("**tea** at four");
        await finder.CatchUp();
        var result = Assert.Single(await finder.Results($"tea in:{finder.Room}"));
        var message = await shared.Server.Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{finder.Room}/messages/{id}", Cancel);
        Assert.Equal(message.GetRawText(), result.GetProperty("message").GetRawText());
        Assert.Equal("[[2,3]]", result.GetProperty("highlights").GetRawText());
    }

    [Fact]
    public async Task Rooms_and_senders_are_told_apart_and_names_may_have_spaces()
    {
        var finder = await NewRoom();
        var other = await NewRoom();
        var spaced = $"Tea Room {Guid.NewGuid():N}";
        using (var created = await shared.Server.Http.PostAsJsonAsync("/api/rooms", new { name = spaced }, Cancel))
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var word = $"word{Guid.NewGuid():N}";
        await finder.Say(word, "Ann Smith");
        await other.Say(word, "ann");
        await finder.Say(word, "bob", spaced);
        await finder.CatchUp();
        await other.CatchUp();
        await Wait.Until("the third room", async () => (await finder.Results(word)).Count == 3);

        // In rooms of their own, two messages of one millisecond have no order.
        Assert.Equal(["Ann Smith", "ann", "bob"], (await Senders(word)).Order(StringComparer.Ordinal));
        Assert.Equal(["Ann Smith"], await Senders($"from:\"ann smith\" {word}"));
        Assert.Equal(["Ann Smith", "ann"], (await Senders($"{word} from:ann")).Order(StringComparer.Ordinal));
        Assert.Equal(["Ann Smith"], await Senders($"{word} from:smi"));
        Assert.Empty(await Senders($"{word} from:nn"));
        Assert.Equal(["ann"], await Senders($"in:#{other.Room} {word}"));
        Assert.Equal(["bob"], await Senders($"in:\"{spaced}\" {word}"));
        Assert.Equal(["ann", "bob"], (await Senders($"in:\"{spaced}\" in:{other.Room} {word}")).Order(StringComparer.Ordinal));
        Assert.Empty(await Senders($"in:nowhere-{word} {word}"));
        Assert.Empty(await Senders($"in:nowhere-{word}"));

        async Task<IEnumerable<string?>> Senders(string query) => (await finder.Results(query)).Select(r => r.GetProperty("message").Text("username"));
    }

    [Fact]
    public async Task Days_are_whole_and_exclude_themselves()
    {
        var finder = await NewRoom();
        await finder.Say("dated");
        await finder.CatchUp();
        var said = (await finder.Results($"dated in:{finder.Room}"))[0].GetProperty("message").GetProperty("timestamp").GetDateTimeOffset();
        Assert.Empty(await finder.Find($"dated before:{Day(0)}"));
        Assert.Empty(await finder.Find($"dated after:{Day(0)}"));
        Assert.Single(await finder.Find($"dated before:{Day(1)}"));
        Assert.Single(await finder.Find($"dated after:{Day(-1)} before:{Day(1)}"));

        string Day(int plus) => said.AddDays(plus).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task An_edit_and_a_deletion_are_followed()
    {
        var finder = await NewRoom();
        await using var ann = new ConfabClient(new Uri($"ws://127.0.0.1:{shared.Server.Address.Port}/chat"), new ConfabClientOptions { Username = "ann" });
        await ann.ConnectAsync(Cancel);
        var id = await ann.PostAsync(finder.Room, "first words", cancellationToken: Cancel);
        await ann.ReactAsync(finder.Room, id, "👍", cancellationToken: Cancel);
        await finder.CatchUp();
        Assert.Equal(["first words"], await finder.Find("first"));

        await ann.EditAsync(finder.Room, id, "second words http://x.example", cancellationToken: Cancel);
        Assert.Empty(await finder.Find("first")); // even before the index knows
        await finder.CatchUp();
        Assert.Empty(await finder.Find("first"));
        Assert.Single(await finder.Find("second"));
        Assert.Single(await finder.Find("words"));
        Assert.Single(await finder.Find("has:link"));

        await ann.DeleteAsync(finder.Room, id, cancellationToken: Cancel);
        Assert.Empty(await finder.Find("second"));
        await finder.CatchUp();
        Assert.Empty(await finder.Find("second"));
        Assert.Empty(await finder.Find("has:link"));
    }

    [Fact]
    public async Task A_message_with_a_file_is_found_by_it()
    {
        var finder = await NewRoom();
        var file = (await shared.Server.Upload(finder.Room, "hello"u8.ToArray())).IdOf();
        using (var posted = await shared.Server.TryPost(finder.Room, new { username = "ann", content = "see the plan", attachments = new[] { file } }))
            Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        await finder.Say("the plan is late");
        await finder.CatchUp();
        Assert.Equal(["see the plan"], await finder.Find("has:file"));
        Assert.Equal(["see the plan"], await finder.Find("has:file plan"));
        Assert.Empty(await finder.Find("has:file has:link plan"));
    }

    [Fact]
    public async Task Pages_bring_everything_once_the_newest_first()
    {
        var finder = await NewRoom();
        // At once, so that many have the same millisecond.
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => finder.Say($"leaf {i}")));
        await finder.CatchUp();
        var all = (await finder.Results($"leaf in:{finder.Room}")).Count;
        Assert.Equal(20, all);

        foreach (var query in new[] { $"leaf in:{finder.Room}", $"in:{finder.Room} from:ann before:9999-01-01" })
        {
            var found = new List<long>();
            var times = new List<string>();
            var path = $"/api/search?q={Uri.EscapeDataString(query)}&limit=7";
            while (path is not null)
            {
                using var answer = await shared.Server.Http.GetAsync(path, Cancel);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                var page = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
                var messages = page.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("message")).ToList();
                found.AddRange(messages.Select(m => m.Number("id")));
                times.AddRange(messages.Select(m => m.Text("timestamp")!));
                var next = page.Text("next");
                Assert.Equal(next is not null, answer.Headers.TryGetValues("Link", out var links));
                path = links?.Single().Split('<', '>')[1];
                Assert.True(next is null || path!.EndsWith($"&before={next}", StringComparison.Ordinal));
                Assert.True(next is null || messages.Count == 7);
            }

            Assert.Equal(Enumerable.Range(1, query.StartsWith("leaf", StringComparison.Ordinal) ? 60 : 61).Select(i => (long)i), found.Order());
            Assert.Equal(times.OrderDescending(StringComparer.Ordinal), times);
        }
    }

    [Fact]
    public async Task A_page_holds_as_much_as_fits_and_next_leads_through_the_rest()
    {
        var finder = await NewRoom();
        for (var i = 1; i <= 40; i++)
            await finder.Say(Scene.Large(i));
        await finder.CatchUp();

        var found = new List<long>();
        for (var more = "&limit=50"; more is not null;)
        {
            using var answer = await finder.Ask($"message in:{finder.Room}", more);
            Assert.InRange((await answer.Content.ReadAsByteArrayAsync(Cancel)).Length, 2, Scene.PageBytes + 100_000);
            var page = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
            found.AddRange(page.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("message").Number("id")));
            Assert.Equal(page.Text("next") is not null, answer.Headers.Contains("Link"));
            more = page.Text("next") is { } next ? $"&limit=50&before={next}" : null;
        }

        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), found.Order());
    }

    [Fact]
    public async Task A_name_may_end_in_a_colon_and_the_next_word_is_looked_for_all_the_same()
    {
        var finder = await NewRoom();
        await finder.Say("hello", "bob:");
        await finder.Say("good night", "bob:");
        await finder.Say("hello", "bob");
        await finder.CatchUp();
        Assert.Equal(["bob:"], (await finder.Results($"in:{finder.Room} from:bob: hello")).Select(r => r.GetProperty("message").Text("username")));
        Assert.Equal(["bob:"], (await finder.Results($"in:{finder.Room} hello from:\"bob:\"")).Select(r => r.GetProperty("message").Text("username")));
    }

    [Fact]
    public async Task A_time_is_a_cursor_too()
    {
        var finder = await NewRoom();
        await finder.Say("early");
        await finder.CatchUp();
        var said = (await finder.Results($"early in:{finder.Room}"))[0].GetProperty("message").GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds();
        Assert.Equal(0, await Count(said));
        Assert.Equal(1, await Count(said + 1));

        async Task<int> Count(long before)
        {
            using var answer = await finder.Ask($"early in:{finder.Room}", $"&before={before}");
            return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("results").GetArrayLength();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t ")]
    [InlineData("has:cheese")]
    [InlineData("before:yesterday")]
    [InlineData("after:2026-13-01")]
    [InlineData("before:2026-1-1")]
    [InlineData("a b c d e f g h i j k l m n o p q")]
    public async Task What_cannot_be_is_a_bad_request(string query)
    {
        var finder = await NewRoom();
        using var answer = await finder.Ask(query);
        await Problem.Is(answer, HttpStatusCode.BadRequest, "bad_request");
    }

    [Theory]
    [InlineData("&limit=0")]
    [InlineData("&limit=51")]
    [InlineData("&limit=x")]
    [InlineData("&before=x")]
    [InlineData("&before=-1")]
    [InlineData("&before=1-")]
    [InlineData("&before=1-2097152")]
    [InlineData("&before=4398046511104")]
    [InlineData("&before=99999999999999999999")]
    public async Task So_is_a_page_that_cannot_be(string more)
    {
        var finder = await NewRoom();
        using var answer = await finder.Ask("hi", more);
        await Problem.Is(answer, HttpStatusCode.BadRequest, "bad_request");
    }

    [Fact]
    public async Task A_query_is_at_most_256_characters_and_must_be_there()
    {
        var finder = await NewRoom();
        await finder.CatchUp();
        using var longest = await finder.Ask(new string('x', 256));
        Assert.Equal(HttpStatusCode.OK, longest.StatusCode);
        using var longer = await finder.Ask(new string('x', 257));
        await Problem.Is(longer, HttpStatusCode.BadRequest, "bad_request");
        using var none = await shared.Server.Http.GetAsync("/api/search", Cancel);
        await Problem.Is(none, HttpStatusCode.BadRequest, "bad_request");
    }

    [Fact]
    public async Task A_person_is_found_by_any_word_of_the_name_and_however_it_is_written()
    {
        var finder = await NewRoom();
        foreach (var name in new[] { "Ana Novak", "Jörg Weiß", "Anna-Lena", "田中 太郎", "İpek" })
            await finder.Say("tea", name);
        await finder.CatchUp();
        Assert.Equal("Ana Novak,Anna-Lena", await Senders("from:an"));
        Assert.Equal("Ana Novak", await Senders("from:ana"));
        Assert.Equal("Ana Novak", await Senders("from:NOVAK"));
        Assert.Equal("Ana Novak", await Senders("from:\"ana nov\""));
        Assert.Equal("Jörg Weiß", await Senders("from:jorg"));
        Assert.Equal("Jörg Weiß", await Senders("from:weiss"));
        Assert.Equal("Anna-Lena", await Senders("from:lena"));
        Assert.Equal("Anna-Lena", await Senders("from:anna-l"));
        Assert.Equal("田中 太郎", await Senders("from:太"));
        Assert.Equal("İpek", await Senders("from:ipek"));
        Assert.Equal("", await Senders("from:ovak"));

        async Task<string> Senders(string query) => string.Join(',', (await finder.Results($"in:{finder.Room} tea {query}")).Select(r => r.GetProperty("message").Text("username")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_is_found_by_its_name_also_where_nothing_is_said()
    {
        var finder = await NewRoom();
        var http = shared.Server.Http;
        foreach (var (name, content) in new[] { ("Übersicht_2026-final.pdf", ""), ("tea.txt", "the minutes") })
        {
            using var upload = await http.PostAsync(new Uri($"/api/rooms/{finder.Room}/files?name={Uri.EscapeDataString(name)}", UriKind.Relative), new ByteArrayContent([1, 2, 3]), TestContext.Current.CancellationToken);
            var id = (await upload.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).Text("id");
            using var said = await http.PostAsJsonAsync($"/api/rooms/{finder.Room}/messages", new { username = "ann", content, attachments = new[] { id } }, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Created, said.StatusCode);
        }

        await finder.CatchUp();
        Assert.Equal([""], await finder.Find("ubersicht 2026"));
        Assert.Equal([""], await finder.Marked("final.pdf"));
        Assert.Equal(["minutes"], await finder.Marked("minutes tea.txt"));
        Assert.Empty(await finder.Find("\"minutes tea\""));
    }

    [Fact]
    public async Task A_day_is_the_readers()
    {
        var finder = await NewRoom();
        await finder.Say("tea");
        await finder.CatchUp();
        // In one of the two it is another day than in UTC, at any time: they are 26 hours apart.
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (zone, hours) in new[] { ("Pacific/Kiritimati", 14), ("Etc/GMT+12", -12), ("UTC", 0) })
        {
            var today = DateOnly.FromDateTime(now.AddHours(hours).Date);
            Assert.Equal(1, await Count($"tea after:{today.AddDays(-1):yyyy-MM-dd} before:{today.AddDays(1):yyyy-MM-dd}", zone));
            Assert.Equal(0, await Count($"tea after:{today:yyyy-MM-dd}", zone));
            Assert.Equal(0, await Count($"tea before:{today:yyyy-MM-dd}", zone));
        }

        foreach (var zone in new[] { "", "Europe/Atlantis", "../../etc/passwd", "Europe/Berlin\0", "+02:00", "W. Europe Standard Time" })
        {
            using var answer = await finder.Ask("tea", $"&zone={Uri.EscapeDataString(zone)}");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        async Task<int> Count(string query, string zone)
        {
            using var answer = await finder.Ask($"in:{finder.Room} {query}", $"&zone={Uri.EscapeDataString(zone)}");
            return (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("results").GetArrayLength();
        }
    }

    // Havana skips midnight on the second Sunday of March; it has one o'clock twice, midnight too, on the first of November.
    [Theory]
    [InlineData("Europe/Berlin", "after:2026-03-28", "2026-03-28T23:00:00Z")]
    [InlineData("Europe/Berlin", "after:2026-03-29", "2026-03-29T22:00:00Z")]
    [InlineData("America/Havana", "after:2026-03-07", "2026-03-08T05:00:00Z")]
    [InlineData("America/Havana", "after:2026-10-31", "2026-11-01T04:00:00Z")]
    [InlineData(null, "after:2026-10-31", "2026-11-01T00:00:00Z")]
    public void A_day_begins_with_the_clock_of_its_zone(string? zone, string query, string at)
    {
        Assert.False(SearchQuery.Parse(query, zone, out var parsed).IsRefused);
        Assert.Equal(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(), parsed.From.Time);
    }

    [Fact]
    public async Task No_query_is_syntax()
    {
        var finder = await NewRoom();
        await finder.Say("text");
        await finder.CatchUp();
        string[] pieces = ["\"", "*", "(", ")", "NEAR(", "AND", "OR", "NOT", "-", "+", "^", ":", "text:", "{text}", "rowid", "'", ";--", "\\", "%", "_", "\0", "\n", "👍", "東", "a", "text", "from:", "in:", "has:link", " ", "“", "\ud7ff", "\uffff", "\u0301", "ﷺ"];
        var random = new Random(Effort.Seed());
        for (var i = 0; i < Effort.Cases(300); i++)
        {
            var query = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            using var answer = await finder.Ask(query);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{query}: {answer.StatusCode}");
        }

        Assert.Empty(await finder.Find("👍"));
        Assert.Empty(await finder.Results("👍"));
    }

    private async Task<Finder> NewRoom() => new(shared.Server.Http, await shared.Server.NewRoom());
}
