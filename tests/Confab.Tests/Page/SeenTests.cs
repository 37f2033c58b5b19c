using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What one sends is seen, wherever one was before, and from then on what comes is followed.</summary>
public class SeenTests(Chromium chromium) : PageTest(chromium)
{
    [Theory]
    [InlineData("/rooms/general", false)]
    [InlineData("/rooms/general", true)]
    [InlineData("/rooms/general/30", false)]
    [InlineData("/rooms/general/30", true)]
    public async Task One_s_own_message_is_seen_after_sending_and_the_room_is_followed_again(string path, bool hasPicture)
    {
        for (var i = 1; i <= 120; i++)
            await Post("Ben", $"Message {i}.");
        var ann = await Visit("Ann", path);
        await ann.IsConnected();
        await Expect(ann.Message(path.EndsWith("30", StringComparison.Ordinal) ? "Message 30." : "Message 120.")).ToBeInViewportAsync();
        await ann.Feed.HoverAsync();
        await ann.Page.Mouse.WheelAsync(0, -600);
        await ann.Page.WaitForFunctionAsync("() => { const feed = document.querySelector('.feed'); return feed.scrollHeight - feed.scrollTop - feed.clientHeight > 300; }");
        if (hasPicture)
        {
            await ann.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "hall.png", MimeType = "image/png", Buffer = Files.Samples.Picture(".png", 640, 400) });
            await Expect(ann.Page.Locator(".uploads img")).ToBeVisibleAsync();
        }

        await ann.Say("```js\n" + string.Join('\n', Enumerable.Range(1, 8).Select(n => $"let a{n} = {n};")) + "\n```\nMine");
        var mine = ann.Page.Locator(".message[data-id]").Filter(new() { HasText = "Mine" });
        await Expect(hasPicture ? mine.Locator(".picture") : mine.Locator("p").Last).ToBeInViewportAsync(new() { Ratio = 1 });
        for (var i = 1; i <= 8; i++)
            await Post("Ben", $"Then {i}.");
        await Expect(ann.Message("Then 8.")).ToBeInViewportAsync();
        await Expect(ann.Button("Jump to the latest")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(60, false)]
    [InlineData(60, true)]
    [InlineData(220, true)]
    public async Task One_s_own_reply_is_seen_after_sending_and_the_thread_is_followed(int replies, bool hasPicture)
    {
        var root = await Post("Ben", "Which one?");
        for (var i = 1; i <= replies; i++)
            await Post("Ben", $"Reply {i}.", replyTo: root);
        var ann = await Visit("Ann", $"/rooms/general/{root}/thread");
        await ann.IsConnected();
        var thread = ann.Page.Locator(".thread");
        await Expect(thread.GetByText("Reply 60.", new() { Exact = true })).ToBeAttachedAsync();
        if (hasPicture)
        {
            await thread.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "hall.png", MimeType = "image/png", Buffer = Files.Samples.Picture(".png", 640, 400) });
            await Expect(thread.Locator(".uploads img")).ToBeVisibleAsync();
        }

        var box = ann.Page.Locator("#thread-composer");
        await box.FillAsync("```js\nlet it = 'be';\n```\nMine");
        await box.PressAsync("Enter");
        var mine = thread.Locator(".message[data-id]").Filter(new() { HasText = "Mine" });
        await Expect(hasPicture ? mine.Locator(".picture") : mine.Locator("p").Last).ToBeInViewportAsync(new() { Ratio = 1 });
        for (var i = 1; i <= 8; i++)
            await Post("Ben", $"Then {i}.", replyTo: root);
        await Expect(thread.GetByText("Then 8.", new() { Exact = true })).ToBeInViewportAsync();

        // The box grows by what one writes: the end stays in sight.
        await box.FillAsync(string.Concat(Enumerable.Repeat("A line\n", 8)));
        await Expect(thread.GetByText("Then 8.", new() { Exact = true })).ToBeInViewportAsync(new() { Ratio = 1 });
    }
}
