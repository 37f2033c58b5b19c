using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confab.Client;
using Confab.Protocol;
using Confab.Tests.Http;
using Confab.Tests.Support;

namespace Confab.Tests.Files;

public sealed class AttachmentTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer _server = shared.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_uploaded_attached_read_back_fetched_and_gone_with_its_message()
    {
        var room = await _server.NewRoom();
        await using var bob = await _server.Open();
        await bob.SendJson(new { type = "join", room });
        await bob.NextOf("joined");
        byte[] bytes = [.. "what we agreed\n"u8, .. Guid.NewGuid().ToByteArray()];
        var file = await _server.Upload(room, bytes, "notes.bin");
        Assert.Equal(22, file.IdOf().Length);
        Assert.Equal(["id", "name", "type", "size"], file.EnumerateObject().Select(p => p.Name));
        Assert.Equal(bytes.Length, file.GetProperty("size").GetInt64());

        var posted = await _server.PostWith(room, file.IdOf());
        Assert.Equal("", posted.GetProperty("content").GetString());
        Assert.Equal(file.GetRawText(), Assert.Single(posted.GetProperty("attachments").EnumerateArray()).GetRawText());
        var heard = await bob.NextOf("message");
        Assert.Equal(posted.GetRawText(), heard.GetProperty("data").GetRawText());
        Assert.Equal(posted.GetRawText(), Assert.Single((await _server.Http.GetFromJsonAsync<JsonElement>($"/api/rooms/{room}/messages", Cancel)).EnumerateArray()).GetRawText());
        await using var late = await _server.Open();
        await late.SendJson(new { type = "join", room, after = 0, history = 1 });
        Assert.Equal(posted.GetRawText(), (await late.NextOf("joined")).GetProperty("messages")[0].GetRawText());
        Assert.Equal(posted.GetRawText(), (await late.NextOf("message")).GetProperty("data").GetRawText());

        using (var fetched = await _server.GetFile(file.IdOf(), "/notes.bin"))
            Assert.Equal(bytes, await fetched.Content.ReadAsByteArrayAsync(Cancel));

        await _server.Delete(room, 1);
        var deleted = (await bob.NextOf("deleted")).GetProperty("data");
        Assert.False(deleted.TryGetProperty("attachments", out _));
        await Problem.Is(await _server.GetFile(file.IdOf()), HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task An_edit_and_a_reaction_keep_the_files_in_their_order()
    {
        var room = await _server.NewRoom();
        var second = await _server.Upload(room, "2"u8.ToArray(), "2.txt");
        var first = await _server.Upload(room, "1"u8.ToArray(), "1.txt");
        await using var ann = await _server.Open();
        await ann.SendJson(new { type = "join", room, username = "ann" });
        await ann.SendJson(new { type = "message", room, content = "two", attachments = (string[])[first.IdOf(), second.IdOf()] });
        await ann.NextOf("message");
        await ann.SendJson(new { type = "edit", room, message = 1, content = "both" });
        await ann.SendJson(new { type = "react", room, message = 1, emoji = "👍" });
        foreach (var type in (string[])["edited", "reacted"])
        {
            var data = (await ann.NextOf(type)).GetProperty("data");
            Assert.Equal(["1.txt", "2.txt"], data.GetProperty("attachments").EnumerateArray().Select(a => a.GetProperty("name").GetString()));
        }
    }

    [Fact]
    public async Task A_repeat_with_the_same_files_is_answered_as_the_first_time()
    {
        var room = await _server.NewRoom();
        var one = await _server.Upload(room, "1"u8.ToArray());
        var two = await _server.Upload(room, "2"u8.ToArray());
        await using var ann = await _server.Open();
        Task Send(params string[] attachments) => ann.SendJson(new { type = "message", id = "once", room, username = "ann", attachments });
        await Send(one.IdOf());
        Assert.Equal(1, (await ann.NextOf("ack")).GetProperty("seq").GetInt64());
        await Send(one.IdOf());
        Assert.Equal(1, (await ann.NextOf("ack")).GetProperty("seq").GetInt64());
        await Send(two.IdOf());
        Assert.Equal("conflict", (await ann.NextOf("error")).GetProperty("code").GetString());
        await ann.SendJson(new { type = "message", id = "once", room, username = "ann", content = "words" });
        Assert.Equal("conflict", (await ann.NextOf("error")).GetProperty("code").GetString());
        await _server.PostWith(room, two.IdOf());
        Assert.Equal(2, (await _server.Room(room)).GetProperty("head").GetInt64());
    }

    [Fact]
    public async Task What_cannot_be_attached_is_refused_and_nothing_is_stored()
    {
        var (room, other) = (await _server.NewRoom(), await _server.NewRoom());
        var here = (await _server.Upload(room, "here"u8.ToArray())).IdOf();
        var elsewhere = (await _server.Upload(other, "elsewhere"u8.ToArray())).IdOf();
        var taken = (await _server.Upload(room, "taken"u8.ToArray())).IdOf();
        await _server.PostWith(room, taken);
        var never = new string('A', 22);

        foreach (var bad in (string[])[elsewhere, taken, never])
            await Problem.Is(await _server.TryPost(room, new { username = "ann", attachments = (string[])[here, bad] }), HttpStatusCode.NotFound, "not_found");
        foreach (var bad in (string[][])[[], [here, here], ["short"], ["../../../../etc/passwd"], [.. Enumerable.Range(0, 11).Select(i => new string((char)('A' + i), 22))]])
            await Problem.Is(await _server.TryPost(room, new { username = "ann", attachments = bad }), HttpStatusCode.BadRequest, "bad_request");
        await Problem.Is(await _server.TryPost(room, new { username = "ann", content = new string('x', 16_385), attachments = (string[])[here] }), HttpStatusCode.RequestEntityTooLarge, "too_long");

        await using var ann = await _server.Open();
        foreach (var (attachments, code) in ((object, string)[])[(new[] { elsewhere }, "not_found"), (Array.Empty<string>(), "bad_request"), (here, "bad_request"), (new object[] { 1 }, "bad_request")])
        {
            await ann.SendJson(new { type = "message", id = "x", room, username = "ann", content = "hi", attachments });
            Assert.Equal(code, (await ann.NextOf("error")).GetProperty("code").GetString());
            await ann.SendJson(new { type = "ping" }); // three malformed in a row would close
        }

        // The one that could have been attached still can.
        Assert.Equal(2, (await _server.PostWith(room, here)).GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task Of_two_that_want_the_same_file_one_gets_it()
    {
        var room = await _server.NewRoom();
        var file = (await _server.Upload(room, "one"u8.ToArray())).IdOf();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _server.TryPost(room, new { username = "ann", attachments = (string[])[file] })));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal(7, answers.Count(a => a.StatusCode == HttpStatusCode.NotFound));
        Assert.Equal(1, (await _server.Room(room)).GetProperty("head").GetInt64());
    }

    [Fact]
    public async Task The_client_posts_files_and_reads_them_back()
    {
        var room = await _server.NewRoom();
        var file = await _server.Upload(room, Samples.Picture(".png"), "tea.png");
        await using var client = new ConfabClient(new UriBuilder(_server.Address) { Scheme = "ws", Path = "/chat" }.Uri, new ConfabClientOptions { Username = "ann" });
        await client.ConnectAsync(Cancel);
        Assert.Equal(10, client.Hello!.Limits.FilesPerMessage);
        var seq = await client.PostAsync(room, "", attachments: [file.IdOf()], cancellationToken: Cancel);
        var joined = await client.JoinAsync(room, new JoinOptions { History = 10 }, Cancel);
        var attachment = Assert.Single(Assert.Single(joined.Messages!).Attachments!);
        Assert.Equal(1, seq);
        Assert.Equal(new AttachmentData { Id = file.IdOf(), Name = "tea.png", Type = "image/png", Size = file.GetProperty("size").GetInt64(), Width = 64, Height = 48 }, attachment);
    }
}
