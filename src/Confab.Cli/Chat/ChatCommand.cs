using System.CommandLine;
using System.Text;
using Confab.Client;
using Confab.Protocol;
using Command = System.CommandLine.Command;

namespace Confab.Cli.Chat;

/// <summary><c>confab chat</c>: a person in a room, or a program at the end of a pipe.</summary>
internal static class ChatCommand
{
    public const string DefaultUrl = "ws://localhost:9292/chat";

    public static Command Create()
    {
        var room = new Argument<string>("ROOM") { Description = "The room, such as general" };
        var url = UrlOption();
        var name = new Option<string>("--name") { Description = "Your name", HelpName = "NAME", DefaultValueFactory = _ => Environment.UserName };
        var command = new Command("chat", "Chats in a room; in a pipe, sends each input line and prints what happens") { room, url, name };
        command.SetAction((parsed, _) => Run(parsed.GetRequiredValue(url), parsed.GetRequiredValue(room), parsed.GetRequiredValue(name), parsed.InvocationConfiguration));
        return command;
    }

    /// <summary><c>--url</c>: where the server is.</summary>
    public static Option<Uri> UrlOption() => new("--url")
    {
        Description = "The server's address",
        HelpName = "URL",
        DefaultValueFactory = _ => new Uri(DefaultUrl),
        CustomParser = result =>
        {
            var chat = Api.ChatAt(result.Tokens.Single().Value);
            if (chat is null)
                result.AddError($"{result.Tokens.Single().Value} is not the address of a server, such as {DefaultUrl}.");
            return chat;
        },
    };

    private static async Task<int> Run(Uri url, string room, string name, InvocationConfiguration io)
    {
        var time = TimeProvider.System;
        var isTerminal = io.Output == Console.Out && !Console.IsInputRedirected && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        // As the server writes it, so that one's own messages are known.
        if (Names.TryNormalize(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetMaxByteCount(name.Length), out var form))
            name = Encoding.UTF8.GetString(form);
        var conversation = new Conversation(room, name, time);
        using var api = new Api(url);
        await using var client = new ConfabClient(url, new ConfabClientOptions { Username = name });
        Screen screen = isTerminal
            ? new TerminalScreen(conversation, time)
            : new PlainScreen(conversation, Console.In, io.Output, io.Error, time.LocalTimeZone);
        var chat = new ChatSession(client, api, conversation, screen, time);
        try
        {
            int exitCode;
            using (screen)
                exitCode = await chat.Run();
            // Said where it stays, now that the screen is as it was before.
            if (chat.EndedBecause is { } reason)
                await io.Error.WriteLineAsync(Inert.Line(reason));
            return exitCode;
        }
        catch (ConfabConnectionException e)
        {
            await io.Error.WriteLineAsync(Inert.Line($"Cannot connect to {url}: {e.GetBaseException().Message}"));
        }
        catch (ConfabRefusedException e)
        {
            await io.Error.WriteLineAsync(Inert.Line(e.Code == RefusalCode.NotFound ? $"The room {room} does not exist.{await Rooms(api)}" : e.Message));
        }

        return Tool.Failed;
    }

    private static async Task<string> Rooms(Api api)
    {
        try
        {
            return $" Rooms: {string.Join(", ", await api.Rooms(CancellationToken.None))}.";
        }
        catch (Exception e) when (e is HttpRequestException or ConfabRefusedException or OperationCanceledException)
        {
            return "";
        }
    }
}
