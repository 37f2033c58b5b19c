using System.Reflection;
using Confab.Protocol;
using Confab.Server.Hosting;

namespace Confab.Tests.Operations;

/// <summary>Every option that can be set, found by its type; so a new one is in the tests without a word.</summary>
internal static class OptionKeys
{
    public static IEnumerable<Option> All => Of(typeof(ServerOptions), ServerOptions.Section, options => options);

    private static IEnumerable<Option> Of(Type type, string path, Func<ServerOptions, object> owner) => type.GetProperties()
        .Where(p => type != typeof(Limits) || p.Name is not (nameof(Limits.FileBytes) or nameof(Limits.FilesPerMessage) or nameof(Limits.ConnectionsPerAddress)))
        .SelectMany(p => p.PropertyType.IsClass && p.PropertyType != typeof(string)
            ? Of(p.PropertyType, $"{path}:{p.Name}", options => p.GetValue(owner(options))!)
            : [new Option($"{path}:{p.Name}", p, options => p.GetValue(owner(options))!)]);

    public sealed record Option(string Path, PropertyInfo Property, Func<ServerOptions, object> Read)
    {
        public bool IsNumber => Property.PropertyType == typeof(int) || Property.PropertyType == typeof(long);
    }
}
