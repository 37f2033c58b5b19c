using System.Globalization;
using Confab.Protocol;

namespace Confab.Cli.Chat;

/// <summary>A message's text as lines, and a line for each of its files.</summary>
internal static class Attached
{
    public static IEnumerable<string> Lines(MessageData message)
    {
        var files = (message.Attachments ?? []).Select(file =>
            string.Create(CultureInfo.InvariantCulture, $"[{Inert.Line(file.Name)}, {file.Size:N0} bytes: /api/files/{Inert.Line(file.Id)}]")).ToList();
        return message.Content.Length == 0 && files.Count > 0 ? files : Inert.Lines(message.Content).Concat(files);
    }
}
