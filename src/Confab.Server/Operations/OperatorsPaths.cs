using System.Net;
using Confab.Server.Hosting;

namespace Confab.Server.Operations;

/// <summary>
/// What is for the operator: figures and the description of the API. While others reach the server, it is for this machine, or has ports of its own
/// (<c>--metrics-urls</c>). For everybody else it is not there.
/// </summary>
internal sealed class OperatorsPaths(Listening listening)
{
    private static readonly PathString[] s_paths = ["/metrics", "/docs", "/openapi"];

    public Task Guard(HttpContext http, RequestDelegate next)
    {
        var isOperators = Array.Exists(s_paths, path => http.Request.Path.StartsWithSegments(path));
        var isOpen = listening.HasOperatorsPorts ? isOperators == listening.IsOperators(http.Connection.LocalPort) : !isOperators || listening.IsLoopbackOnly || IsThisMachine(http);
        if (isOpen)
            return next(http);
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    // A proxy on this machine that does not say for whom it asks still says by which name.
    private static bool IsThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && Listening.IsLoopback(http.Request.Host.Host);
}
