using System.Text.Json;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What people do all day.</summary>
public class TalkingTests(Chromium chromium) : PageTest(chromium)
{
    [Fact]
    public async Task A_new_visitor_types_a_name_and_talks()
    {
        var ann = await Visit(name: null);
        var name = ann.Page.GetByLabel("What should the others call you?");
        await Expect(name).ToBeFocusedAsync();
        await ann.Button("Start talking").ClickAsync();
        await Expect(ann.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("A name needs at least one visible character.");

        await name.FillAsync("Ann");
        await name.PressAsync("Enter");
        await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Name = "This is the start of #general" })).ToBeVisibleAsync();
        await ann.Say("Good morning");
        await Expect(ann.Message("Good morning").Locator("header")).ToContainTextAsync("Ann");
        Assert.Equal("Good morning", Assert.Single(await Log(Server.Http)).GetProperty("content").GetString());
    }

    [Fact]
    public async Task Two_people_see_the_same_of_what_is_said_edited_answered_reacted_to_and_deleted()
    {
        var (ann, ben) = (await Visit("Ann"), await Visit("Ben"));
        await ann.Say("We meet at **nine**");
        var meet = ben.Page.Locator("#m1");
        await Expect(meet.Locator("strong")).ToHaveTextAsync("nine");

        await ann.Composer.PressAsync("ArrowUp");
        await Expect(ann.Composer).ToHaveValueAsync("We meet at **nine**");
        await ann.Composer.FillAsync("We meet at **ten**");
        await ann.Composer.PressAsync("Enter");
        await Expect(meet.Locator("strong")).ToHaveTextAsync("ten");
        await Expect(meet).ToContainTextAsync("edited");
        await Expect(ann.Composer).ToHaveValueAsync("");

        // Where it is quoted or listed, its words are there without the marks.
        await Expect(ben.Room("general")).ToContainTextAsync("Ann: We meet at ten");
        await ben.Press(meet, "Reply");
        await Expect(ben.Page.Locator(".composer .mode small")).ToHaveTextAsync("We meet at ten");
        await ben.Say("I shall be late");
        await Expect(ann.Message("I shall be late").Locator(".quote")).ToContainTextAsync("We meet at ten");

        await ben.Press(meet, "React with 🎉");
        var party = ann.Page.Locator("#m1 .reactions").GetByRole(AriaRole.Button);
        await Expect(party).ToHaveAccessibleNameAsync("🎉, 1 person");
        await party.ClickAsync();
        await Expect(meet.Locator(".reactions").GetByRole(AriaRole.Button)).ToHaveAccessibleNameAsync("🎉, 2 people including you");
        await meet.Locator(".reactions").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(party).ToHaveAccessibleNameAsync("🎉, 1 person, you");

        await ann.Press(ann.Page.Locator("#m1"), "More actions");
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(ann.Dialog.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Delete this message for everybody?");
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        foreach (var person in new[] { ann, ben })
        {
            await Expect(person.Messages).ToHaveCountAsync(2);
            await Expect(person.Messages.First).ToContainTextAsync("This message was deleted.");
            await Expect(person.Message("I shall be late").Locator(".quote")).ToHaveTextAsync("Reply to a deleted message");
        }
    }

    [Fact]
    public async Task The_blocks_of_a_message_that_is_quoted_stand_apart()
    {
        var list = await Post("Ben", "They bring:\n\n- two tall *ones*\n- one for the hall\n\n> Thursday\nat nine");
        await Post("Cleo", "When?", replyTo: list);
        var ann = await Visit("Ann");
        await Expect(ann.Message("When?").Locator(".quote")).ToHaveTextAsync("BEBenThey bring: two tall ones one for the hall Thursday at nine");
    }

    [Fact]
    public async Task Words_of_an_edit_that_was_refused_are_there_when_it_is_edited_again()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await ann.Say("As it was");
        var refuses = true;
        await ann.Page.RouteWebSocketAsync(_ => true, socket =>
        {
            var server = socket.ConnectToServer();
            socket.OnMessage(frame =>
            {
                var said = JsonDocument.Parse(frame.Text!).RootElement;
                if (refuses && said.GetProperty("type").ValueEquals("edit"))
                    socket.Send(JsonSerializer.Serialize(new { type = "error", id = said.GetProperty("id").GetString(), code = "too_long", message = "No." }));
                else
                    server.Send(frame.Text!);
            });
        });
        await ann.Page.ReloadAsync();
        await Expect(ann.Message("As it was")).ToBeVisibleAsync();
        await ann.IsConnected();
        await ann.Composer.PressAsync("ArrowUp");
        await ann.Composer.FillAsync("As it shall be");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Page.Locator(".toast")).ToHaveTextAsync("Your edit was refused. Its text is still there when you edit the message again.");
        await Expect(ann.Messages).ToContainTextAsync(["As it was"]);
        await ann.Page.ReloadAsync();
        await Expect(ann.Message("As it was")).ToBeVisibleAsync();
        await ann.IsConnected();
        refuses = false;
        await ann.Composer.PressAsync("ArrowUp");
        await Expect(ann.Composer).ToHaveValueAsync("As it shall be");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Messages).ToContainTextAsync(["As it shall be"]);
    }

    [Fact]
    public async Task One_sees_who_types_and_who_is_here()
    {
        var ann = await Visit("Ann");
        await Expect(ann.Page.Locator(".bar .people")).ToHaveAccessibleNameAsync("Who is here: 1 person here now");
        var ben = await Visit("Ben");
        await Expect(ann.Page.Locator(".bar .people")).ToHaveAccessibleNameAsync("Who is here: 2 people here now");
        await Expect(ann.Page.Locator(".side .person")).ToHaveTextAsync("BEBen");

        await ben.Composer.PressSequentiallyAsync("Hm");
        await Expect(ann.Page.Locator(".typing")).ToHaveTextAsync("Ben is typing");
        await Expect(ann.Room("general").GetByRole(AriaRole.Img, new() { Name = "Someone is typing" })).ToBeVisibleAsync();
        await ben.Composer.PressAsync("Enter");
        await Expect(ann.Page.Locator(".typing")).ToHaveTextAsync("");

        await ben.Page.CloseAsync();
        await Expect(ann.Page.Locator(".bar .people")).ToHaveAccessibleNameAsync("Who is here: 1 person here now");
        await Expect(ann.Page.Locator(".side .person")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Who_is_meant_is_marked_where_the_server_says_so()
    {
        var vectors = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Repository.PathOf("protocol/vectors/mentions.json"), TestContext.Current.CancellationToken));
        foreach (var name in vectors.GetProperty("names").EnumerateArray())
            await Post(name.GetString()!, "hello", "random");
        var cases = vectors.GetProperty("cases").EnumerateArray().ToArray();
        foreach (var one in cases)
            await Post("Cleo", one.GetProperty("content").GetString()!);
        var ann = await Visit("ann", "/rooms/general");
        await Expect(ann.Page.Locator($"#m{cases.Length}")).ToBeInViewportAsync();
        await Expect(ann.Page.Locator("#m1")).ToBeAttachedAsync();
        var marked = await ann.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('.feed .message[data-id]')].map((message) => [...message.querySelectorAll('.mention')].length > 0 ? 'marked' : message.textContent)");
        for (var i = 0; i < cases.Length; i++)
            Assert.Equal(cases[i].TryGetProperty("mentions", out _), marked[i] == "marked");
        await Expect(ann.Page.Locator("#m2 .mention")).ToHaveTextAsync("@ann lee");
        await Expect(ann.Page.Locator("#m16 .mention").First).ToHaveTextAsync("@zoe");
        await Expect(ann.Page.Locator("#m20 .mention")).ToHaveTextAsync("@山田");
        await Expect(ann.Page.Locator("#m1 .mention")).ToHaveClassAsync("mention mine");
    }

    [Theory]
    [InlineData("hi @ipek", "İpek Öztürk")]
    [InlineData("@öz", "İpek Öztürk")]
    [InlineData("@OZT", "İpek Öztürk")]
    [InlineData("@İpek Ö", "İpek Öztürk")]
    [InlineData("@jose", "José María")]
    [InlineData("@mar", "José María")]
    [InlineData("@小", "李 小明")]
    [InlineData("你好@李", "李 小明")]
    public async Task A_name_that_is_begun_is_completed_as_a_mention_is_read(string begun, string name)
    {
        foreach (var somebody in new[] { "İpek Öztürk", "José María", "李 小明", "Cleo" })
            await Post(somebody, "Hello");
        var ann = await Visit("Ann", "/rooms/general");
        await Expect(ann.Messages).ToHaveCountAsync(4);
        await ann.Composer.PressSequentiallyAsync(begun);
        await Expect(ann.Page.GetByRole(AriaRole.Option)).ToContainTextAsync(name);
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Composer).ToHaveValueAsync($"{begun[..(begun.IndexOf('@', StringComparison.Ordinal) + 1)]}{name} ");
        await Expect(ann.Page.GetByRole(AriaRole.Option)).ToHaveCountAsync(0);
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Messages.Last.Locator(".mention")).ToHaveTextAsync($"@{name}");
    }
}
