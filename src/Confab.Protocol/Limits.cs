using System.ComponentModel.DataAnnotations;

namespace Confab.Protocol;

/// <summary>What the server accepts. Sent in every <c>hello</c>, so that no client has to guess. An operator may set each within its range.</summary>
public sealed record Limits
{
    /// <summary>The largest message of a client in bytes, all its fragments together. More closes with 1009.</summary>
    [Range(1024, 64 * 1024)]
    public int FrameBytes { get; init; } = 64 * 1024;

    /// <summary>The longest <c>content</c> in bytes of UTF-8. More is refused with <c>too_long</c>.</summary>
    [Range(1, 64 * 1024)]
    public int ContentBytes { get; init; } = 16_384;

    /// <summary>The longest room name in characters (UTF-16 code units), after trimming and NFC.</summary>
    [Range(1, 1024)]
    public int RoomNameChars { get; init; } = 64;

    /// <summary>The longest username in characters (UTF-16 code units), after trimming and NFC.</summary>
    [Range(1, 1024)]
    public int UsernameChars { get; init; } = 64;

    /// <summary>The longest topic in characters (UTF-16 code units).</summary>
    [Range(0, 10_000)]
    public int TopicChars { get; init; } = 250;

    /// <summary>The longest <c>id</c> of a client's frame in characters (UTF-16 code units).</summary>
    [Range(1, 1024)]
    public int IdChars { get; init; } = 64;

    /// <summary>The longest emoji of a reaction in characters (UTF-16 code units).</summary>
    [Range(1, 1024)]
    public int EmojiChars { get; init; } = 32;

    /// <summary>Different emoji on one message. One more is refused with <c>bad_request</c>.</summary>
    [Range(1, 1024)]
    public int EmojiPerMessage { get; init; } = 32;

    /// <summary>Messages that are pinned in one room. One more is refused with <c>bad_request</c>.</summary>
    [Range(0, 1_000)]
    public int PinsPerRoom { get; init; } = 50;

    /// <summary>The largest file in bytes. More is refused with <c>too_long</c>.</summary>
    public long FileBytes { get; init; } = 25L << 20;

    /// <summary>Files attached to one message. One more is refused with <c>bad_request</c>.</summary>
    public int FilesPerMessage { get; init; } = 10;

    /// <summary>How deep objects and arrays may nest in a frame. Deeper is refused with <c>bad_request</c>.</summary>
    [Range(2, 64)]
    public int JsonDepth { get; init; } = 8;

    /// <summary>Rooms a connection may have joined at a time. One more is refused with <c>bad_request</c>.</summary>
    [Range(1, 10_000)]
    public int RoomsPerConnection { get; init; } = 128;

    /// <summary>The most messages that a <c>join</c> brings as history.</summary>
    [Range(1, 10_000)]
    public int History { get; init; } = 200;

    /// <summary>Durable changes a second that a connection may make in the long run; 0 for no limit. More is refused with <c>rate_limited</c>.</summary>
    [Range(0, 1_000_000)]
    public int MessagesPerSecond { get; init; } = 20;

    /// <summary>Durable changes that a connection may make at once, before <see cref="MessagesPerSecond"/> holds it back.</summary>
    [Range(1, 1_000_000)]
    public int MessageBurst { get; init; } = 100;

    /// <summary>Joins a second that a connection may make in the long run; 0 for no limit. More is refused with <c>rate_limited</c>.</summary>
    [Range(0, 1_000_000)]
    public int JoinsPerSecond { get; init; } = 20;

    /// <summary>Joins that a connection may make at once: enough for all its rooms after a reconnect, twice.</summary>
    [Range(1, 1_000_000)]
    public int JoinBurst { get; init; } = 256;

    /// <summary>Typing frames a second of a connection; 0 for no limit. More are dropped without an answer.</summary>
    [Range(0, 1_000_000)]
    public int TypingPerSecond { get; init; } = 2;

    /// <summary>Connections of one address at a time (of one /64 in IPv6); 0 for no limit. One more is refused with 429.</summary>
    public int ConnectionsPerAddress { get; init; } = 256;

    /// <summary>Seconds between the server's pings (RFC 6455 §5.5.2).</summary>
    [Range(1, 86_400)]
    public int PingSeconds { get; init; } = 30;

    /// <summary>Seconds of silence after which the server drops a peer.</summary>
    [Range(1, 86_400)]
    public int SilenceSeconds { get; init; } = 60;
}
