using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>What is dragged onto the page from elsewhere.</summary>
public sealed class DropTests(Chromium chromium) : PageTest(chromium), IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Whatever_is_dropped_onto_a_room_or_a_thread_goes_with_its_next_message()
    {
        var first = await Post("Ben", "Hello");
        var ann = await Visit("Ann", $"/rooms/general/{first}/thread");
        await ann.IsConnected();
        await Expect(ann.Page.Locator("#thread-composer")).ToBeVisibleAsync();
        var (room, thread) = (ann.Page.Locator(".room .uploads b"), ann.Page.Locator(".thread .uploads b"));
        foreach (var (name, place) in new[] { ("feed.txt", ".feed"), ("bar.txt", ".room .bar"), ("box.txt", ".room .dock") })
            await Drag(ann, ann.Page.Locator(place), name, sign: ann.Page.Locator(".room .drop"));
        await Expect(room).ToHaveTextAsync(["feed.txt", "bar.txt", "box.txt"]);
        await Expect(thread).ToHaveCountAsync(0);
        await Drag(ann, ann.Page.Locator(".thread-feed"), "thread.txt", sign: ann.Page.Locator(".thread .drop"));
        await Expect(thread).ToHaveTextAsync(["thread.txt"]);
        await Expect(room).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task What_is_dropped_elsewhere_is_taken_by_nobody_and_the_page_stays()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await ann.IsConnected();
        await Drag(ann, ann.Page.Locator(".side .rooms"), "side.txt");
        await ann.Page.Keyboard.PressAsync("Control+k");
        await Drag(ann, ann.Dialog, "dialog.txt");
        await ann.Page.Keyboard.PressAsync("Escape");
        await ann.Open("/settings");
        await Drag(ann, ann.Page.Locator(".page-body"), "settings.txt");
        await Expect(ann.Page).ToHaveURLAsync("/settings");
        await ann.Open("/rooms/general");
        await Expect(ann.Composer).ToBeVisibleAsync();
        await Expect(ann.Page.Locator(".uploads")).ToHaveCountAsync(0);

        // Words and links are no files: words go into the box, a link is not followed.
        var isTaken = await ann.Page.EvaluateAsync<bool[]>("""
            () => ['.feed', '#composer'].map((place) => {
              const dataTransfer = new DataTransfer();
              dataTransfer.setData('text/uri-list', 'https://elsewhere.example/');
              return !document.querySelector(place).dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
            })
            """);
        Assert.Equal([true, false], isTaken);
    }

    /// <summary>Drags a file there as the system does, and lets it go.</summary>
    private async Task Drag(Person person, ILocator place, string name, ILocator? sign = null)
    {
        var file = Path.Combine(_folder.FullName, name);
        await File.WriteAllTextAsync(file, "AB", TestContext.Current.CancellationToken);
        var box = (await place.BoundingBoxAsync())!;
        var browser = await person.Context.NewCDPSessionAsync(person.Page);
        foreach (var type in new[] { "dragEnter", "dragOver", "drop" })
        {
            if (type == "drop" && sign is not null)
                await Expect(sign).ToHaveTextAsync("Drop the files to attach them");
            await browser.SendAsync("Input.dispatchDragEvent", new()
            {
                ["type"] = type,
                ["x"] = box.X + 20,
                ["y"] = box.Y + 10,
                ["data"] = new { items = Array.Empty<object>(), files = new[] { file }, dragOperationsMask = 1 },
            });
        }

        await Expect(person.Page.Locator(".drop")).ToHaveCountAsync(0);
    }
}
