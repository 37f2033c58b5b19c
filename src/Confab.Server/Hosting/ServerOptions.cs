using System.ComponentModel.DataAnnotations;
using Confab.Protocol;

namespace Confab.Server.Hosting;

/// <summary>Who may use the server.</summary>
public enum AccessMode
{
    /// <summary>Not said: open, but on loopback only.</summary>
    Unset,

    /// <summary>Whoever reaches the server may join any room under any name.</summary>
    Open,
}

/// <summary>What the server accepts of uploaded files: the section <c>Confab:Files</c>.</summary>
public sealed class FileLimits
{
    /// <summary>The largest file in bytes. More is refused with 413.</summary>
    [Range(typeof(long), "1", "9007199254740991")]
    public long MaxBytes { get; set; } = new Limits().FileBytes;

    /// <summary>Files of one message. One more is refused with <c>bad_request</c>.</summary>
    [Range(1, 100)]
    public int MaxPerMessage { get; set; } = new Limits().FilesPerMessage;

    /// <summary>The largest picture in pixels. One with more is kept like any other file: not shown, and without a thumbnail.</summary>
    [Range(1, 1_000_000_000)]
    public long MaxPixels { get; set; } = 50_000_000;

    /// <summary>Hours after which an uploaded file is forgotten that no message took.</summary>
    [Range(1, 87_600)]
    public int UnattachedHours { get; set; } = 24;

    /// <summary>Seconds an upload may take from its head to its last byte. Slower is refused.</summary>
    [Range(1, 86_400)]
    public int UploadSeconds { get; set; } = 600;

    /// <summary>Uploads of one address (one /64 in IPv6) in a minute, and as many at once; 0 for no limit. One more is refused with 429.</summary>
    [Range(0, 1_000_000)]
    public int UploadsPerMinute { get; set; } = 120;

    /// <summary>Uploads at a time; of one address (of one /64 in IPv6) a quarter as many. One more is refused with 503.</summary>
    [Range(1, 10_000)]
    public int MaxUploads { get; set; } = 32;
}

/// <summary>
/// The options of the section <c>Confab</c>: on the command line (<c>--data</c>), in the environment (<c>Confab__Data</c>) and in
/// <c>appsettings.json</c>. What each may be stands in its attribute; <see cref="OptionRules"/> holds them to it.
/// </summary>
public sealed class ServerOptions
{
    public const string Section = "Confab";

    /// <summary>The directory of the database, created when missing.</summary>
    [Length(1, 4096)]
    public string Data { get; set; } = "data";

    /// <summary>What the place is called on the page, 1 to 64 characters.</summary>
    [Length(1, 64)]
    public string Name { get; set; } = "Confab";

    /// <summary>Who may use the server. It listens beyond loopback only when this is said.</summary>
    public AccessMode Access { get; set; }

    /// <summary><c>off</c> lifts every limit of a rate or of an address, whatever they are set to: for benchmarks, on loopback only.</summary>
    [AllowedValues("on", "off")]
    public string RateLimits { get; set; } = "on";

    /// <summary>What the server accepts of a client.</summary>
    public Limits Limits { get; set; } = new();

    /// <summary>What the server accepts of uploaded files.</summary>
    public FileLimits Files { get; set; } = new();

    /// <summary>Origins of web pages that may talk to the server, beside its own: <c>https://example.org</c>, separated by commas.</summary>
    [RegularExpression(@"( *https?://[^/,?#@ ]+/? *(,|$))*", ErrorMessage = "web origins such as https://chat.example, separated by commas")]
    public string AllowedOrigins { get; set; } = "";

    /// <summary>Names by which the server may be reached, beside addresses and the machine's own: <c>chat.example.org</c>, <c>*.example.org</c>, separated by commas.</summary>
    public string Hosts { get; set; } = "";

    /// <summary>Addresses and networks whose <c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c> and <c>-Prefix</c> count, separated by commas.</summary>
    public string Proxies { get; set; } = "127.0.0.0/8,::1";

    /// <summary>The path under which the server is reached, when it is not the root: <c>/talk</c>.</summary>
    [RegularExpression("(/[A-Za-z0-9._~-]+)*", ErrorMessage = "a path such as /talk, without a trailing slash")]
    public string Path { get; set; } = "";

    /// <summary>Where <c>/metrics</c>, <c>/docs</c> and <c>/openapi</c> are served, and nothing else, <c>;</c> between several. Without it, where everything is: for this machine only while others reach the server.</summary>
    public string MetricsUrls { get; set; } = "";

    /// <summary>Connections at a time; 0 for no limit. One more is refused with 503.</summary>
    [Range(0, 1_000_000)]
    public int MaxConnections { get; set; } = 50_000;

    /// <summary>
    /// WebSocket connections of one address at a time (of one /64 in IPv6); 0 for no limit. One more is refused with 429. TCP connections, those
    /// included, are twice as many; one more is closed at once.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ConnectionsPerAddress { get; set; } = new Limits().ConnectionsPerAddress;

    /// <summary>
    /// Rooms. One more is refused with <c>forbidden</c>. All are known in memory, looked at once a second and listed in one answer, and whoever
    /// reaches the server may create them: so there is an end, ten times beyond what the benchmarks use.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxRooms { get; set; } = 10_000;

    /// <summary>HTTP requests a second that change something, of one address (of one /64 in IPv6); 0 for no limit. One more is refused with 429.</summary>
    [Range(0, 1_000_000)]
    public int WritesPerSecondPerAddress { get; set; } = 50;

    /// <summary>How many times the rates of one connection (messages, joins) all connections and requests of one address have together (of one /64 in IPv6).</summary>
    [Range(1, 1_000_000)]
    public int RatesPerAddress { get; set; } = 20;

    /// <summary>Rooms that one address (one /64 in IPv6) may create in a day; 0 for no limit. A tenth of them at once, and as many again in 2.4 hours. One more is refused with 429.</summary>
    [Range(0, 1_000_000)]
    public int RoomsPerDayPerAddress { get; set; } = 200;

    /// <summary>Bytes of the newest frames that are kept of each room, a power of two or 0, to be sent without asking the database. Readers further behind read from it.</summary>
    [Range(0, 1 << 30)]
    public int TailBytesPerRoom { get; set; } = 128 * 1024;

    /// <summary>Bytes of all rooms' tails together. A room that would exceed it keeps the tail it has.</summary>
    [Range(typeof(long), "0", "1099511627776")]
    public long TailBytes { get; set; } = 256L << 20;

    /// <summary>Bytes of answers that wait for a connection. It is not read from while they are more.</summary>
    [Range(1, 1 << 30)]
    public int ReplyBytes { get; set; } = 32 * 1024;

    /// <summary>Changes of one connection that wait to be stored. It is not read from while they are more.</summary>
    [Range(1, 1_000_000)]
    public int ChangesPerConnection { get; set; } = 256;

    /// <summary>Changes that wait to be stored. One more is refused with <c>unavailable</c>.</summary>
    [Range(1, 10_000_000)]
    public int QueueChanges { get; set; } = 65_536;

    /// <summary>Bytes of changes that wait to be stored. More is refused with <c>unavailable</c>.</summary>
    [Range(typeof(long), "1", "1099511627776")]
    public long QueueBytes { get; set; } = 64L << 20;

    /// <summary>Seconds after which a connection that takes nothing of what is sent is cut: a close frame would not be taken either.</summary>
    [Range(1, 86_400)]
    public int StallSeconds { get; set; } = 30;

    /// <summary>Seconds a client has to answer a close before the connection is cut.</summary>
    [Range(1, 86_400)]
    public int CloseSeconds { get; set; } = 5;

    /// <summary>Seconds a message may take from its first byte to its last. Slower closes with 1008.</summary>
    [Range(1, 86_400)]
    public int FrameSeconds { get; set; } = 30;

    /// <summary>Fragments of one message. More closes with 1008.</summary>
    [Range(1, 1_000_000)]
    public int Fragments { get; set; } = 1024;

    /// <summary>Control frames of a connection in ten seconds; 0 for no limit. More closes with 1008.</summary>
    [Range(0, 1_000_000)]
    public int ControlFrames { get; set; } = 1000;

    /// <summary>Threads that serve connections; 0 for one per two processors.</summary>
    [Range(0, 256)]
    public int Loops { get; set; }

    /// <summary>Threads that read from the database.</summary>
    [Range(1, 256)]
    public int Readers { get; set; } = 2;

    /// <summary>Milliseconds over which clients are told to spread their reconnects when the server stops.</summary>
    [Range(0, 3_600_000)]
    public int ReconnectSpreadMs { get; set; } = 5000;

    /// <summary>Free bytes on the disk of the database under which the server reports itself not ready.</summary>
    [Range(typeof(long), "0", "9223372036854775807")]
    public long MinFreeBytes { get; set; } = 64L << 20;

    /// <summary>How connections are served: by Confab's own event loops on Linux (<c>auto</c>), or through Kestrel everywhere (<c>kestrel</c>).</summary>
    [AllowedValues("auto", "kestrel")]
    public string Transport { get; set; } = "auto";
}
