using Confab.Tests.Client;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What one sees of a message that is not in the log yet, or was refused.</summary>
public class SendingTests(Chromium chromium) : PageTest(chromium)
{
    private const string Room = "/rooms/general";

    private static readonly string s_long = new('x', 401);

    protected override string[] Options => ["--Confab:Limits:ContentBytes=400"];

    [Theory]
    [InlineData(ReducedMotion.NoPreference)]
    [InlineData(ReducedMotion.Reduce)]
    public async Task What_takes_longer_than_three_hundred_milliseconds_says_so(ReducedMotion motion)
    {
        var wire = Outlives(new Wire(() => Server.EndPoint.Port));
        var ann = await Visit(new UriBuilder(wire.Chat) { Scheme = "http", Path = "" }.Uri, "Ann", Room, options => options.ReducedMotion = motion);
        ann.MayLoseTheNetwork = true;
        await ann.Say("Quick");
        wire.HoldAnswers();
        await ann.Write("Slow");
        var late = ann.Message("Slow").Locator(".late");
        var delays = await late.EvaluateAsync<double[]>("late => late.getAnimations().map(({ effect }) => effect.getTiming().delay)");
        Assert.Equal([300], delays);
        await Expect(late).ToBeVisibleAsync();
        await Expect(late).ToHaveTextAsync("Sending…");
        wire.Cut();
        await Expect(ann.Message("Slow").And(ann.Page.Locator("[data-id]"))).ToBeVisibleAsync();
        await Expect(late).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_refused_message_is_changed_with_its_files_and_what_it_answers()
    {
        var question = await Post("Ben", "Where is the list?");
        var ann = await VisitWithoutLimit(_ => { });
        await Refuse();
        await ann.Button("Change").ClickAsync();
        await Expect(ann.Composer).ToBeFocusedAsync();
        await Expect(ann.Composer).ToHaveValueAsync(s_long);
        await Expect(ann.Page.Locator(".composer .mode")).ToContainTextAsync("Replying to BenWhere is the list?");
        await Expect(ann.Page.Locator(".uploads li")).ToHaveTextAsync("list.txt2 bytes");
        await ann.Composer.FillAsync(s_long + s_long);
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Page.Locator(".failed")).ToContainTextAsync("Not sent: it is too long");

        // After the page was loaded anew, only the numbers of the files are known.
        await ann.Page.ReloadAsync();
        await ann.IsConnected();
        await ann.Button("Change").ClickAsync();
        await Expect(ann.Page.Locator(".uploads li")).ToHaveTextAsync("1 file");
        await ann.Say("Here");
        await Expect(ann.Page.Locator(".failed")).ToHaveCountAsync(0);
        await Expect(ann.Message("Here").Locator(".quote")).ToContainTextAsync("Where is the list?");
        await Expect(ann.Message("Here").Locator("a.card")).ToContainTextAsync("list.txt");
        var said = (await Log(Server.Http))[^1];
        Assert.Equal((question, 1), (said.GetProperty("reply_to").GetInt64(), said.GetProperty("attachments").GetArrayLength()));

        async Task Refuse()
        {
            await ann.Press(ann.Message("Where is"), "Reply");
            await ann.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "list.txt", MimeType = "text/plain", Buffer = [65, 66] });
            await Expect(ann.Page.Locator(".uploads small")).ToHaveTextAsync("2 bytes");
            await ann.Composer.FillAsync(s_long);
            await ann.Composer.PressAsync("Enter");
            await Expect(ann.Page.Locator(".failed")).ToContainTextAsync("Not sent: it is too long");
        }
    }

    [Fact]
    public async Task A_refused_message_is_sent_again_or_discarded_and_the_focus_stays_in_the_room()
    {
        var attempts = 0;
        var ann = await VisitWithoutLimit(sent => attempts += sent.Contains(s_long, StringComparison.Ordinal) ? 1 : 0);
        await ann.Composer.FillAsync(s_long);
        await ann.Composer.PressAsync("Enter");
        var failed = ann.Page.Locator(".failed");
        await Expect(failed).ToBeVisibleAsync();
        Assert.Equal(1, attempts);
        await failed.EvaluateAsync("failed => failed.isOld = true");
        await ann.Button("Send again").ClickAsync();
        await ann.Page.WaitForFunctionAsync("() => { const failed = document.querySelector('.failed'); return failed && !failed.isOld; }");
        Assert.Equal(2, attempts);
        await Expect(ann.Feed).ToBeFocusedAsync();
        await ann.Button("Discard").ClickAsync();
        await Expect(failed).ToHaveCountAsync(0);
        await Expect(ann.Feed).ToBeFocusedAsync();
        await ann.Page.ReloadAsync();
        await ann.Say("Something else");
        await Expect(ann.Messages).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_refused_reply_is_shown_in_both_places_and_told_in_one()
    {
        var question = await Post("Ben", "Where is the list?");
        var ann = await VisitWithoutLimit(_ => { });
        await ann.Open($"{Room}/{question}/thread");
        await ann.IsConnected();
        await ann.Page.Locator("#thread-composer").FillAsync(s_long);
        await ann.Page.Locator("#thread-composer").PressAsync("Enter");
        await Expect(ann.Page.Locator(".failed")).ToHaveCountAsync(2);
        await Expect(ann.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "Not sent" })).ToHaveCountAsync(1);
        await ann.Button("Close thread").ClickAsync();
        await Expect(ann.Page.Locator(".failed")).ToHaveCountAsync(1);
    }

    // The page sends nothing that is longer than the server has told: here it was told more than what holds.
    private async Task<Person> VisitWithoutLimit(Action<string> sent)
    {
        var ann = await Visit("Ann", "/settings");
        await ann.Page.RouteWebSocketAsync("**/chat", page =>
        {
            var server = page.ConnectToServer();
            page.OnMessage(frame =>
            {
                sent(frame.Text!);
                server.Send(frame.Text!);
            });
            server.OnMessage(frame => page.Send(frame.Text!.Replace("\"content_bytes\":400", "\"content_bytes\":16384", StringComparison.Ordinal)));
        });
        await ann.Open(Room);
        await ann.IsConnected();
        return ann;
    }
}
