using Confab.Protocol;

namespace Confab.Server.Messages.Verbs;

/// <summary>What somebody may say, in a message or its edit.</summary>
internal static class Words
{
    public static Refusal Check(ReadOnlySpan<byte> content, Limits limits, bool mayBeBlank)
    {
        if (content.Length > limits.ContentBytes)
            return new(RefusalCode.TooLong, $"`content` can have at most {limits.ContentBytes} bytes.");
        if (content.Contains((byte)0))
            return new(RefusalCode.BadRequest, "`content` must not contain U+0000.");
        return !mayBeBlank && Names.IsBlank(content) ? new(RefusalCode.Empty, "`content` is empty.") : default;
    }
}
