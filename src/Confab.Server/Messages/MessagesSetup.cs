namespace Confab.Server.Messages;

internal static class MessagesSetup
{
    public static void AddMessages(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<MessageLog>();
        builder.Services.AddSingleton<Readers>();
    }
}
