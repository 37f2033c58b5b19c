using Microsoft.AspNetCore.Diagnostics;

namespace Confab.Server.Hosting;

/// <summary>A body that cannot be read to its end is the client's or the network's fault, and answered so: 408 when it comes too slowly, 400 when it breaks off.</summary>
internal sealed class RequestFailures : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BadHttpRequestException refused)
            return false;
        var why = refused.StatusCode == StatusCodes.Status408RequestTimeout ? "The request body arrived too slowly." : refused.Message;
        await Results.Problem(why, statusCode: refused.StatusCode).ExecuteAsync(httpContext);
        return true;
    }
}
