using System.Globalization;
using System.Text;

namespace Confab.Tests.Support;

/// <summary>The opening request of RFC 6455 §4.1, with every part open to abuse. Null leaves a header out.</summary>
public sealed record Handshake
{
    /// <summary>The key of the example in RFC 6455 §1.3, whose answer is known.</summary>
    public const string ExampleKey = "dGhlIHNhbXBsZSBub25jZQ==";

    public string Method { get; init; } = "GET";

    public string Target { get; init; } = "/chat";

    public string Protocol { get; init; } = "HTTP/1.1";

    public string? Host { get; init; } = "localhost";

    public string? Upgrade { get; init; } = "websocket";

    public string? Connection { get; init; } = "Upgrade";

    public string? Key { get; init; } = ExampleKey;

    public string? Version { get; init; } = "13";

    public string? Origin { get; init; }

    /// <summary>More lines, each <c>Name: value</c>.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>The request's bytes. Latin-1, so that a test can write any byte.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder($"{Method} {Target} {Protocol}\r\n");
        Add("Host", Host);
        Add("Upgrade", Upgrade);
        Add("Connection", Connection);
        Add("Sec-WebSocket-Key", Key);
        Add("Sec-WebSocket-Version", Version);
        Add("Origin", Origin);
        foreach (var header in Headers)
            text.Append(header).Append("\r\n");
        return Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());

        void Add(string name, string? value)
        {
            if (value is not null)
                text.Append(name).Append(": ").Append(value).Append("\r\n");
        }
    }
}

/// <summary>What the server said to a handshake.</summary>
public sealed record HandshakeAnswer(int Status, ILookup<string, string> Headers, string Body)
{
    /// <summary>The value of a header that comes exactly once, or null.</summary>
    public string? this[string header] => Headers[header].SingleOrDefault();

    public static HandshakeAnswer Parse(string head)
    {
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1)
            .Select(line => line.Split(':', 2))
            .ToLookup(parts => parts[0], parts => parts[1].Trim(), StringComparer.OrdinalIgnoreCase);
        return new(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, "");
    }
}
