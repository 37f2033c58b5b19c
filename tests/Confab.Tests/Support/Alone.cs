namespace Confab.Tests.Support;

/// <summary>Tests that measure time or memory, or need both cores: they run after all others, one at a time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
