using Confab.Server.Access;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Confab.Server.Operations;

/// <summary>The description of the HTTP API, for programs at <c>/openapi/v1.json</c> and for people at <c>/docs</c>.</summary>
internal static class ApiDocs
{
    public static void AddApiDocs(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Confab",
                Version = "1",
                Description = "Rooms and messages over HTTP. Live events come over the WebSocket at `/chat`; both follow the same rules. Errors are problem details (RFC 9457) whose `code` is one of the protocol's refusal codes.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) => DescribePath(operation, context));
        options.AddOperationTransformer((operation, context, _) => DescribeProblems(operation, context));
    });

    public static void MapApiDocs(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").Requires(Operation.Operate);
        // Nothing is fetched from anywhere else: the script is in the package, the fonts are the reader's, and nobody is told.
        app.MapScalarApiReference("/docs", options => options
            .WithTitle("Confab API")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideClientButton()
            .HideDeveloperTools()).Requires(Operation.Operate);
    }

    // The door has looked at it already, so that no endpoint asks for it.
    private static Task DescribePath(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.RelativePath?.Contains("{room}", StringComparison.Ordinal) == true)
        {
            operation.Parameters ??= [];
            operation.Parameters.Insert(0, new OpenApiParameter
            {
                Name = "room",
                In = ParameterLocation.Path,
                Required = true,
                Description = "The room's name",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        return Task.CompletedTask;
    }

    private static Task DescribeProblems(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse { Description = "Refused: problem details with a `code`, and `retry_after_ms` where waiting helps" };
        return Task.CompletedTask;
    }
}
