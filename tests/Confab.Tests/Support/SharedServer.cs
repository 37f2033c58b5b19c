namespace Confab.Tests.Support;

/// <summary>One server for the tests of a class.</summary>
public abstract class ServerFixture(params string[] options) : IAsyncLifetime
{
    private TestServer? _server;

    public TestServer Server => _server ?? throw new InvalidOperationException("The server is not running.");

    public async ValueTask InitializeAsync() => _server = await TestServer.Start(options);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>A server as it is out of the box.</summary>
public sealed class SharedServer() : ServerFixture;

/// <summary>One that serves its connections as streams through Kestrel, as TLS and HTTP/2 are served, and any system but Linux.</summary>
public sealed class StreamServer() : ServerFixture("--transport=kestrel");
