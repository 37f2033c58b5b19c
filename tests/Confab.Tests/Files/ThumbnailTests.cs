using System.Net;
using System.Text;
using Confab.Server.Files;
using Confab.Tests.Http;
using Confab.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NetVips;

namespace Confab.Tests.Files;

public sealed class ThumbnailTests(SharedServer shared) : IClassFixture<SharedServer>
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

    [Theory]
    [InlineData(Picture.MaxSide, 1)]
    [InlineData(1, Picture.MaxSide)]
    public async Task A_picture_may_be_so_long_and_no_longer(int width, int height)
    {
        var fits = await _server.Upload("general", Samples.Picture(".png", width, height));
        var tooLong = await _server.Upload("general", Samples.Picture(".png", width == 1 ? 1 : width + 1, height == 1 ? 1 : height + 1));
        Assert.Equal("image/png", fits.GetProperty("type").GetString());
        Assert.Equal("application/octet-stream", tooLong.GetProperty("type").GetString());
    }

    [Fact]
    public async Task What_is_held_as_a_whole_may_have_half_the_pixels()
    {
        await using var server = await TestServer.Start("--Confab:Files:MaxPixels=10000");
        foreach (var (bytes, type) in (IEnumerable<(byte[], string)>)[
            (Samples.InterlacedPicture(100, 50), "image/png"), (Samples.InterlacedPicture(101, 50), "application/octet-stream"),
            (Samples.JpegOfScans(100, 50, 0), "image/jpeg"), (Samples.JpegOfScans(101, 50, 0), "application/octet-stream"),
            (Samples.Picture(".jpg", 100, 100), "image/jpeg"), (Samples.Picture(".avif", 50, 50), "image/avif"), (Samples.Picture(".avif", 52, 50), "application/octet-stream")])
            Assert.Equal(type, (await server.Upload("general", bytes)).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_picture_said_again_and_again_is_not_decoded()
    {
        // What a telephone appends is not the picture's.
        byte[] withMovie = [.. Samples.JpegOfScans(64, 48, 0), .. Enumerable.Repeat<byte[]>([0xFF, 0xDA, 0, 2], 500).SelectMany(bytes => bytes)];
        Assert.Equal("image/jpeg", (await _server.Upload("general", withMovie)).GetProperty("type").GetString());
        Assert.Equal("application/octet-stream", (await _server.Upload("general", Samples.JpegOfScans(64, 48, 100))).GetProperty("type").GetString());

        var path = Path.Combine(_server.Data, $"{Guid.NewGuid():N}.jpg");
        await File.WriteAllBytesAsync(path, Samples.JpegOfScans(64, 48, 50), Cancel);
        Assert.False(JpegScans.AreMoreThan(100, path));
        Assert.True(JpegScans.AreMoreThan(50, path));
        await File.WriteAllBytesAsync(path, withMovie, Cancel);
        Assert.False(JpegScans.AreMoreThan(20, path));
    }

    [Fact]
    public async Task Decoding_is_given_up_when_nobody_wants_it()
    {
        var path = Path.Combine(_server.Data, $"{Guid.NewGuid():N}.jpg");
        await File.WriteAllBytesAsync(path, Samples.Picture(".jpg", 3000, 2000), Cancel);
        Assert.NotNull(Picture.Thumbnail(path, CancellationToken.None));
        Assert.Null(Picture.Thumbnail(path, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_small_picture_waits_for_no_large_one_and_a_stop_for_none()
    {
        await using var server = await TestServer.Start();
        // Somebody's large picture is being decoded, for ever.
        await server.Services.GetRequiredService<Server.Files.Thumbnails>().Large.Take(IPAddress.None, Cancel);
        var large = server.TryUpload("general", Samples.Picture(".png", 3000, 2000));
        await server.HasOnDisk(1);
        var small = await server.Upload("general", Samples.Picture(".png", 10, 10));
        Assert.Equal("image/png", small.GetProperty("type").GetString());
        Assert.False(large.IsCompleted);

        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await Problem.Is(await large, HttpStatusCode.ServiceUnavailable, "unavailable");
        await server.HasOnDisk(2); // the small one and its thumbnail
    }

    [Fact]
    public async Task Addresses_take_turns()
    {
        var turns = new Turns();
        var order = new List<string>();
        await turns.Take(IPAddress.Parse("10.0.0.1"), Cancel);
        using var gone = new CancellationTokenSource();
        var waiting = new List<Task>();
        foreach (var (who, address) in (IEnumerable<(string, string)>)[("a1", "10.0.0.1"), ("a2", "10.0.0.1"), ("a3", "10.0.0.1"), ("b1", "10.0.0.2"), ("c1", "10.0.0.3")])
            waiting.Add(Wait(who, IPAddress.Parse(address)));
        var given = turns.Take(IPAddress.Parse("10.0.0.2"), gone.Token);
        waiting.Add(Wait("b2", IPAddress.Parse("10.0.0.2")));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        turns.GiveBack();
        await Task.WhenAll(waiting);
        Assert.Equal(["a1", "b1", "c1", "a2", "b2", "a3"], order);
        // And it is free again.
        await turns.Take(IPAddress.None, Cancel);

        async Task Wait(string who, IPAddress address)
        {
            await turns.Take(address, Cancel);
            order.Add(who);
            turns.GiveBack();
        }
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
