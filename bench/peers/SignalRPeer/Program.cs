using Microsoft.AspNetCore.SignalR;

// The yardstick that a .NET team would otherwise reach for: a JSON hub, one group per room, nothing stored.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSignalR();
var app = builder.Build();
app.MapHub<ChatHub>("/chat");
app.Run();

/// <summary>Written as SignalR's own tutorial writes it: the sender's call ends when the group's sends have been accepted.</summary>
internal sealed class ChatHub : Hub
{
    public Task Join(string room) => Groups.AddToGroupAsync(Context.ConnectionId, room);

    public Task Post(string room, string username, string content) =>
        Clients.Group(room).SendAsync("message", room, username, content);
}
