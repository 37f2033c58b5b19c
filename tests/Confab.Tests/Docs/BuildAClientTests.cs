using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Confab.Client;
using Confab.Tests.Cli;
using Confab.Tests.Client;
using Confab.Tests.Page;
using Confab.Tests.Protocol;
using Confab.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Confab.Tests.Docs;

/// <summary>docs/build-a-client.md: its transcripts are played, and its client is run by Node.js as it stands there.</summary>
public sealed partial class BuildAClientTests : TempFolder
{
    private static readonly string s_page = File.ReadAllText(Repository.PathOf("docs/build-a-client.md"));

    [Fact]
    public async Task A_server_answers_the_transcripts_as_they_are_written()
    {
        await using var server = await RestartableServer.Start();
        Assert.Equal(22, await Transcript.Play(server, s_page.Split('\n')));
    }

    [Fact]
    public async Task The_client_says_what_is_refused_and_sends_what_was_typed_during_a_restart_once()
    {
        await using var server = await RestartableServer.Start();
        await Scene.Post(server.Http, "bob", "Tea\u001b[2J at four?");
        using (var ann = await Run(server.Chat))
        {
            await ann.LineWith("1 bob: Tea [2J at four?");
            await ann.Type(" \nYes\n");
            await ann.LineWith("2 ann: Yes");
            await server.Stop();
            await ann.Type("And biscuits?\n");
            await AnAttemptFails(server.Port);
            await server.StartAgain();
            await ann.LineWith("3 ann: And biscuits?");
            ann.Signal("KILL");
            Assert.Equal("Not sent: `content` is empty.", (await ann.Error).Trim().Split('\n')[^1]);
        }

        Assert.Equal(["Tea\u001b[2J at four?", "Yes", "And biscuits?"], (await server.Messages()).Select(message => message.Content));
    }

    [Fact]
    public async Task The_client_repeats_what_lost_its_answer_catches_up_and_starts_over_in_another_history()
    {
        await using var server = await RestartableServer.Start();
        await using var other = await RestartableServer.Start();
        await Scene.Post(other.Http, "bob", "Another history");
        var isChanged = new TaskCompletionSource();
        using var cut = new CancellationTokenSource();
        await using var network = await ScriptedServer.Start(async (number, http) =>
        {
            if (number == 2)
                await isChanged.Task;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, number == 2 ? cut.Token : default);
            await Relay(http, number < 3 ? server.Chat : other.Chat, losesAcks: number == 1, end.Token);
        });
        await Scene.Post(server.Http, "bob", "Tea at four?");
        await using var bob = new ConfabClient(server.Chat, new ConfabClientOptions { Username = "bob" });
        await bob.ConnectAsync(Cancel);

        using var ann = await Run(network.Chat);
        await ann.LineWith("1 bob: Tea at four?");
        await ann.Type("Yes\n");
        await Wait.Until("the message to be stored", async () => (await server.Messages()).Count == 2);
        await bob.EditAsync("general", 1, "Tea at five?", cancellationToken: Cancel);
        isChanged.SetResult();
        await ann.LineWith("1 bob: Tea at five? (edited)");
        await ann.Type("Good\n");
        await ann.LineWith("4 ann: Good");
        Assert.Equal(["Tea at five?", "Yes", "Good"], (await server.Messages()).Select(message => message.Content));

        await cut.CancelAsync();
        await ann.LineWith("1 bob: Another history");
        await ann.Type("I see\n");
        await ann.LineWith("2 ann: I see");
    }

    [Fact]
    public async Task The_client_ends_where_there_is_no_such_room()
    {
        await using var server = await RestartableServer.Start();
        using var ann = await Run(server.Chat, "nowhere");
        Assert.Equal(1, await ann.ExitCode());
        Assert.Contains("The room does not exist.", await ann.Error);
    }

    private async Task<ToolProcess> Run(Uri chat, string room = "general")
    {
        var file = PathOf("client.mjs");
        await File.WriteAllTextAsync(file, Client().Match(s_page).Groups[1].Value, Cancel);
        // Node.js 20 has a WebSocket only when asked; later ones take the option and need none.
        return ToolProcess.Of("node", "--experimental-websocket", "--no-warnings", file, room, "ann", chat.ToString());
    }

    private static async Task AnAttemptFails(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        (await listener.AcceptSocketAsync(Cancel)).Dispose();
    }

    private static async Task Relay(HttpContext http, Uri server, bool losesAcks, CancellationToken end)
    {
        using var behind = new ClientWebSocket();
        await behind.ConnectAsync(server, end);
        using var before = await http.WebSockets.AcceptWebSocketAsync();
        try
        {
            await await Task.WhenAny(Copy(before, behind, _ => false, end), Copy(behind, before, frame => losesAcks && frame.Contains("\"ack\"", StringComparison.Ordinal), end));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // One of them went away.
        }
    }

    private static async Task Copy(WebSocket from, WebSocket to, Func<string, bool> breaksAt, CancellationToken end)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await from.ReceiveAsync(buffer.AsMemory(), end);
            if (part.MessageType == WebSocketMessageType.Close || breaksAt(Encoding.UTF8.GetString(buffer, 0, part.Count)))
                return;
            await to.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, end);
        }
    }

    [GeneratedRegex("```js\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Client();
}
