using Confab.Protocol;
using Confab.Server.Hosting;
using Confab.Server.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace Confab.Server.Operations;

/// <summary>A read over HTTP that the disk refused, or that met damage, is refused as over the socket: come again.</summary>
internal sealed class StorageFailures : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not StorageException)
            return false;
        await Problems.Of(new(RefusalCode.StorageUnavailable, "The data cannot be read at the moment.", RetryAfterMs: 2000)).ExecuteAsync(httpContext);
        return true;
    }
}
