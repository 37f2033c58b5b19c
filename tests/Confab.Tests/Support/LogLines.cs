using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Confab.Tests.Support;

/// <summary>Keeps every line that a server logs, formatted, with the values of its scopes and its exception.</summary>
public sealed class LogLines : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _lines = new();
    private IExternalScopeProvider? _scopes;

    public IReadOnlyList<string> All => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Logger(LogLines owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => owner._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scopes = new List<string>();
            owner._scopes?.ForEachScope((scope, list) => list.Add($"{scope}"), scopes);
            owner._lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)} [{string.Join("; ", scopes)}] {exception?.GetType().Name} {exception?.Message}");
        }
    }
}
