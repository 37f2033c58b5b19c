using System.Net;
using System.Text.RegularExpressions;
using Confab.Tests.Files;
using Confab.Tests.Proofs;
using Confab.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Confab.Tests.Page;

/// <summary>Files that people show each other.</summary>
public partial class FilesTests(Chromium chromium) : PageTest(chromium)
{
    private const string Give = """
        (element, { type, name, text }) => {
          const data = new DataTransfer();
          data.items.add(new File([text], name, { type: 'text/plain' }));
          const how = { bubbles: true, cancelable: true };
          element.dispatchEvent(type === 'paste' ? new ClipboardEvent(type, { ...how, clipboardData: data }) : new DragEvent(type, { ...how, dataTransfer: data }));
        }
        """;

    protected override string[] Options => ["--Confab:Files:MaxBytes=200000", "--Confab:Files:MaxPerMessage=2"];

    [Fact]
    public async Task A_picture_that_was_picked_is_shown_small_and_opens_large()
    {
        var (ann, ben) = (await Visit("Ann"), await Visit("Ben"));
        await Pick(ann, "tea.png", Samples.Picture(".png", 1000, 750));
        await Expect(ann.Page.Locator(".uploads img")).ToBeVisibleAsync();
        await ann.Write("Tea for two");

        var small = ben.Button("Show tea.png");
        await Expect(small.Locator("img")).ToHaveJSPropertyAsync("naturalWidth", 800);
        await small.ClickAsync();
        var large = ben.Dialog.GetByRole(AriaRole.Img, new() { Name = "tea.png" });
        await Expect(large).ToHaveJSPropertyAsync("naturalWidth", 1000);
        await Expect(ben.Dialog.GetByRole(AriaRole.Link)).ToHaveTextAsync(DownloadOfKilobytes());
        await ben.Page.Keyboard.PressAsync("Escape");
        await Expect(ben.Dialog).ToHaveCountAsync(0);
        await Expect(small).ToBeFocusedAsync();
    }

    [Fact]
    public async Task What_is_pasted_or_dropped_is_sent_as_a_card_that_downloads()
    {
        var (ann, ben) = (await Visit("Ann"), await Visit("Ben"));
        await ann.IsConnected();
        await ann.Composer.EvaluateAsync(Give, new { type = "paste", name = "list.txt", text = "milk\nbread\n" });
        await ann.Composer.EvaluateAsync(Give, new { type = "drop", name = "plan.txt", text = "first the milk\n" });
        await Expect(ann.Page.Locator(".uploads li")).ToHaveTextAsync(["list.txt11 bytes", "plan.txt15 bytes"]);
        await Expect(ann.Button("Send")).ToHaveAttributeAsync("aria-disabled", "false");
        await ann.Composer.PressAsync("Enter");

        var cards = ben.Messages.Locator("a.card");
        await Expect(cards).ToHaveTextAsync(["list.txt11 bytes", "plan.txt15 bytes"]);
        var download = await ben.Page.RunAndWaitForDownloadAsync(() => cards.First.ClickAsync());
        Assert.Equal("list.txt", download.SuggestedFilename);
        Assert.Equal("milk\nbread\n", await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_SVG_is_never_shown_and_the_file_of_a_deleted_message_is_gone()
    {
        var ann = await Visit("Ann");
        await Pick(ann, "logo.svg", Samples.Svg);
        await Expect(ann.Page.Locator(".uploads li")).ToHaveTextAsync("logo.svg92 bytes");
        await ann.Write("");
        var card = ann.Messages.Locator("a.card");
        await Expect(card).ToBeVisibleAsync();
        await Expect(ann.Messages.Locator("img, object, embed, iframe")).ToHaveCountAsync(0);
        var address = new Uri((await card.GetAttributeAsync("href"))!, UriKind.Relative);
        using (var answer = await Server.Http.GetAsync(address, TestContext.Current.CancellationToken))
            Assert.Equal(("attachment", "application/octet-stream"), (answer.Content.Headers.ContentDisposition?.DispositionType, answer.Content.Headers.ContentType?.MediaType));

        await ann.Press(ann.Messages.First, "More actions");
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await ann.Dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(ann.Messages).ToContainTextAsync("This message was deleted.");
        await Expect(card).ToHaveCountAsync(0);
        await Wait.Until("the file to be gone", async () =>
        {
            using var answer = await Server.Http.GetAsync(address, TestContext.Current.CancellationToken);
            return answer.StatusCode == HttpStatusCode.NotFound;
        });
    }

    [Fact]
    public async Task What_is_too_big_is_refused_in_words_before_it_is_sent()
    {
        var ann = await Visit("Ann");
        await ann.IsConnected();
        await Pick(ann, "film.bin", new byte[200_001]);
        await Expect(ann.Page.Locator(".uploads").GetByRole(AriaRole.Alert)).ToHaveTextAsync("Larger than 200 kB");
        await ann.Composer.FillAsync("Look");
        await Expect(ann.Button("Send")).ToHaveAttributeAsync("aria-disabled", "true");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Composer).ToHaveValueAsync("Look");
        await ann.Button("Remove film.bin").ClickAsync();
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Message("Look")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_empty_file_and_a_folder_are_refused_in_words()
    {
        var ann = await Visit("Ann");
        await ann.IsConnected();
        await Pick(ann, "nothing.txt", []);
        await Expect(ann.Page.Locator(".uploads").GetByRole(AriaRole.Alert)).ToHaveTextAsync("The file is empty");
        // What stands in the way of sending is said.
        await ann.Composer.FillAsync("Here it is");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Page.Locator(".toast")).ToContainTextAsync("A file cannot be attached. Remove it to send the message.");
        await Expect(ann.Composer).ToHaveValueAsync("Here it is");
        await ann.Composer.FillAsync("");
        await Expect(ann.Button("Try again")).ToHaveCountAsync(0);
        await ann.Button("Remove nothing.txt").ClickAsync();

        var folder = Directory.CreateTempSubdirectory();
        var file = Path.Combine(folder.FullName, "inside.txt");
        await File.WriteAllTextAsync(file, "AB", TestContext.Current.CancellationToken);
        var box = (await ann.Composer.BoundingBoxAsync())!;
        var browser = await ann.Context.NewCDPSessionAsync(ann.Page);
        foreach (var type in new[] { "dragEnter", "dragOver", "drop" })
        {
            await browser.SendAsync("Input.dispatchDragEvent", new()
            {
                ["type"] = type,
                ["x"] = box.X + 20,
                ["y"] = box.Y + 10,
                ["data"] = new { items = Array.Empty<object>(), files = new[] { folder.FullName, file }, dragOperationsMask = 1 },
            });
        }

        await Expect(ann.Page.Locator(".toast")).ToContainTextAsync("A folder cannot be attached. Choose the files in it.");
        await Expect(ann.Page.Locator(".uploads b")).ToHaveTextAsync(["inside.txt"]);
        await Expect(ann.Page.Locator(".uploads small")).ToHaveTextAsync(["2 bytes"]);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Of_too_many_files_the_first_are_taken_and_one_is_told()
    {
        var ann = await Visit("Ann");
        await ann.IsConnected();
        await ann.Page.Locator("input[type=file]").SetInputFilesAsync([.. new[] { "a.txt", "b.txt", "c.txt" }.Select(name => new FilePayload { Name = name, MimeType = "text/plain", Buffer = [65] })]);
        await Expect(ann.Page.Locator(".uploads b")).ToHaveTextAsync(["a.txt", "b.txt"]);
        await Expect(ann.Page.Locator(".toast")).ToContainTextAsync("A message takes 2 files.");
        await Expect(ann.Page.Locator(".uploads small")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task An_upload_shows_how_far_it_is_and_is_tried_again_where_it_failed()
    {
        var ann = await Visit("Ann");
        await ann.IsConnected();
        // While the worker takes over, a request may pass by what is put in its way below.
        await ann.Page.WaitForFunctionAsync("() => navigator.serviceWorker.controller !== null");
        ann.MayLoseTheNetwork = true;
        var goOn = new TaskCompletionSource();
        await ann.Page.RouteAsync("**/files?**", async route =>
        {
            await goOn.Task;
            await route.AbortAsync();
        });
        await Pick(ann, "tea.bin", [1, 2, 3]);
        await Expect(ann.Page.GetByRole(AriaRole.Progressbar, new() { Name = "Uploading tea.bin" })).ToBeVisibleAsync();
        await Expect(ann.Button("Send")).ToHaveAttributeAsync("aria-disabled", "true");
        goOn.SetResult();
        await Expect(ann.Page.Locator(".uploads").GetByRole(AriaRole.Alert)).ToHaveTextAsync("No connection");
        await ann.Page.UnrouteAsync("**/files?**");
        await ann.Button("Try again").ClickAsync();
        await Expect(ann.Page.Locator(".uploads small")).ToHaveTextAsync("3 bytes");
        await ann.Composer.PressAsync("Enter");
        await Expect(ann.Messages.Locator("a.card")).ToHaveTextAsync("tea.bin3 bytes");
    }

    [Fact]
    public async Task A_long_name_is_cut_before_its_ending_and_nothing_reaches_over_the_edge_of_a_phone()
    {
        var ann = await Visit("Ann", "/rooms/general", options => options.ViewportSize = new() { Width = 390, Height = 844 });
        await ann.IsConnected();
        var name = new string('n', 200) + ".numbers";
        await Pick(ann, name, [1, 2, 3]);
        await Expect(ann.Page.Locator(".uploads small")).ToHaveTextAsync("3 bytes");
        await IsCut(ann.Page.Locator(".uploads .file-name"));
        await ann.Picture("long-name-upload-phone");
        await ann.Page.Locator(".room .send").ClickAsync();
        await Expect(ann.Messages.Locator("a.card")).ToHaveTextAsync(name + "3 bytes");
        await IsCut(ann.Messages.Locator(".file-name"));
        await ann.Picture("long-name-phone");
        await ann.Open("/");
        await Expect(ann.Room("general")).ToContainTextAsync("nnn");
        await HoldsAll("html");

        async Task IsCut(ILocator cut)
        {
            await HoldsAll("html");
            await HoldsAll(".feed");
            Assert.True(await cut.EvaluateAsync<bool>("""
                (cut) => {
                  const ending = document.createRange();
                  ending.selectNode(cut.lastChild);
                  const { left, right } = ending.getBoundingClientRect();
                  return ending.toString() === '.numbers' && right - left > 30 && right <= cut.closest('li').getBoundingClientRect().right && cut.firstChild.scrollWidth > cut.firstChild.clientWidth;
                }
                """));
        }

        async Task HoldsAll(string place) => Assert.True(await ann.Page.Locator(place).EvaluateAsync<bool>("place => place.scrollWidth <= place.clientWidth"), place);
    }

    [Fact]
    public async Task What_sounds_and_has_no_picture_gets_a_player_of_sound()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await ann.IsConnected();
        var bytes = await ann.Page.EvaluateAsync<int[]>("""
            async () => {
              const context = new AudioContext();
              const [tone, sink] = [new OscillatorNode(context), new MediaStreamAudioDestinationNode(context)];
              tone.connect(sink);
              tone.start();
              const recorder = new MediaRecorder(sink.stream, { mimeType: 'audio/webm' });
              const recorded = new Promise((resolve) => { recorder.ondataavailable = ({ data }) => resolve(data); });
              recorder.start();
              setTimeout(() => recorder.stop(), 300);
              return [...new Uint8Array(await (await recorded).arrayBuffer())];
            }
            """);
        await Pick(ann, "spoken.webm", [.. bytes.Select(value => (byte)value)]);
        await Pick(ann, "spoken.wav", Samples.Wav);
        await Expect(ann.Page.Locator(".uploads small")).ToHaveCountAsync(2);
        await ann.Write("Listen");
        await Expect(ann.Messages.Locator("audio")).ToHaveCountAsync(2);
        await Expect(ann.Messages.Locator("video")).ToHaveCountAsync(0);
        var sound = ann.Messages.Locator("audio[aria-label='spoken.wav']");
        await sound.EvaluateAsync("sound => sound.load() || (sound.preload = 'auto')");
        await Expect(sound).ToHaveJSPropertyAsync("duration", 0.5);
        await ann.Picture("sounds");
    }

    [Fact]
    public async Task What_grows_above_the_end_when_it_is_there_does_not_push_the_newest_message_out_of_sight()
    {
        var ann = await Visit("Ann", "/rooms/general");
        await ann.IsConnected();
        var bytes = await ann.Page.EvaluateAsync<int[]>("""
            async () => {
              const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 600 });
              const pen = canvas.getContext('2d');
              const draw = setInterval(() => pen.fillRect(0, 0, Math.random() * 300, 600), 20);
              const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
              const recorded = new Promise((resolve) => { recorder.ondataavailable = ({ data }) => resolve(data); });
              recorder.start();
              setTimeout(() => { recorder.stop(); clearInterval(draw); }, 400);
              return [...new Uint8Array(await (await recorded).arrayBuffer())];
            }
            """);
        for (var i = 1; i <= 30; i++)
            await Post("Ben", $"Message {i}.");
        var goOn = new TaskCompletionSource();
        await ann.Context.RouteAsync("**/api/files/**", async route =>
        {
            await goOn.Task;
            await route.ContinueAsync();
        });
        await Pick(ann, "film.webm", [.. bytes.Select(value => (byte)value)]);
        await Expect(ann.Page.Locator(".uploads small")).ToBeVisibleAsync();
        await ann.Write("Look");
        var film = ann.Messages.Locator("video");
        await Expect(film).ToBeVisibleAsync();
        await ann.Say("What do you think?");
        await Expect(ann.Message("What do you think?")).ToBeInViewportAsync(new() { Ratio = 1 });
        var before = (await film.BoundingBoxAsync())!.Height;
        goOn.SetResult();
        await Expect(film).ToHaveJSPropertyAsync("videoHeight", 600);
        await Wait.Until("the film to grow", async () => (await film.BoundingBoxAsync())!.Height > before);
        await Expect(ann.Message("What do you think?")).ToBeInViewportAsync(new() { Ratio = 1 });
    }

    [GeneratedRegex(@"^Download \(\d+ kB\)$")]
    private static partial Regex DownloadOfKilobytes();

    private static Task Pick(Person person, string name, byte[] bytes) =>
        person.Page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "application/octet-stream", Buffer = bytes });
}
