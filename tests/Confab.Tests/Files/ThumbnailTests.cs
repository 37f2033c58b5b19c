using System.Text;
using Confab.Tests.Hosting;
using NetVips;

namespace Confab.Tests.Files;

public sealed class Thumbnails(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_photo_is_upright_small_and_tells_nothing()
    {
        var photo = Samples.PhotoOnItsSide(1600, 1000);
        Assert.Contains(Samples.Secret, Encoding.Latin1.GetString(photo));
        var file = await _server.Upload("general", photo, "photo.jpg");
        Assert.Equal((1000, 1600), (file.GetProperty("width").GetInt32(), file.GetProperty("height").GetInt32()));

        using var answer = await _server.GetFile(file.IdOf(), "/thumbnail");
        var bytes = await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.DoesNotContain(Samples.Secret, Encoding.Latin1.GetString(bytes));
        using var thumbnail = Image.NewFromBuffer(bytes);
        Assert.Equal((375, 600), (thumbnail.Width, thumbnail.Height));
        Assert.DoesNotContain(thumbnail.GetFields(), field => field.StartsWith("exif", StringComparison.Ordinal) || field is "orientation" or "xmp-data" or "icc-profile-data" or "iptc-data");

        // The original is as it was uploaded.
        using var original = await _server.GetFile(file.IdOf());
        Assert.Equal(photo, await original.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData(40, 30, 40, 30)]
    [InlineData(3000, 20, 800, 5)]
    [InlineData(20, 3000, 4, 600)]
    public async Task It_fits_the_frame_and_is_never_made_larger(int width, int height, int thumbnailWidth, int thumbnailHeight)
    {
        var file = await _server.Upload("general", Samples.Picture(".png", width, height));
        Assert.Equal((width, height), (file.GetProperty("width").GetInt32(), file.GetProperty("height").GetInt32()));
        using var answer = await _server.GetFile(file.IdOf(), "/thumbnail");
        using var thumbnail = Image.NewFromBuffer(await answer.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal((thumbnailWidth, thumbnailHeight), (thumbnail.Width, thumbnail.Height));
    }

    [Fact]
    public async Task A_picture_with_more_pixels_than_allowed_is_not_decoded()
    {
        await using var server = await TestServer.Start("--Confab:Files:MaxPixels=10000");
        var fits = await server.Upload("general", Samples.Picture(".png", 100, 100));
        var tooMany = await server.Upload("general", Samples.Picture(".png", 101, 100));
        Assert.Equal("image/png", fits.GetProperty("type").GetString());
        Assert.Equal("application/octet-stream", tooMany.GetProperty("type").GetString());

        // Sixteen bits take twice the memory.
        var wide = await server.Upload("general", Samples.WidePicture(100, 50));
        var tooWide = await server.Upload("general", Samples.WidePicture(101, 50));
        Assert.Equal("image/png", wide.GetProperty("type").GetString());
        Assert.Equal("application/octet-stream", tooWide.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Decoding_keeps_no_message_waiting()
    {
        var room = await _server.NewRoom();
        var uploads = Enumerable.Range(0, 4).Select(i => _server.Upload(room, Samples.Picture(".webp", 4000 + i, 3000))).ToArray();
        await using var ann = await _server.Open();
        var posted = 0;
        while (!Task.WhenAll(uploads).IsCompleted)
        {
            var started = TimeProvider.System.GetTimestamp();
            await ann.SendJson(new { type = "message", id = $"{posted}", room, username = "ann", content = "hi" });
            Assert.Contains((await ann.NextOf("ack", "error")).GetProperty("type").GetString(), (string[])["ack", "error"]);
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(2));
            posted++;
            await Task.Delay(20, Cancel);
        }

        Assert.True(posted > 0);
    }
}
