using Confab.Client;

namespace Confab.Cli.Chat;

/// <summary>How a person, or a program at the other end of a pipe, sees the conversation and takes part. Everything is called by the chat's own task.</summary>
internal abstract class Screen : IDisposable
{
    /// <summary>The exit code after something was refused: a program is to know, a person saw it.</summary>
    public abstract int CodeOfRefusals { get; }

    /// <summary>Begins to take input, and hands it to the chat.</summary>
    public abstract void Start(ChatSession chat);

    /// <summary>Something happened, and the conversation knows of it.</summary>
    public abstract void Show(ConfabEvent happened);

    /// <summary>Answers a question of this person.</summary>
    public abstract void Tell(string text);

    /// <summary>Says what did not work, and what it was about.</summary>
    public abstract void Warn(string text, string? line = null);

    /// <summary>Offers a line to go on writing.</summary>
    public abstract void Offer(string line);

    /// <summary>Nothing more happens for the moment.</summary>
    public virtual void Draw()
    {
    }

    public abstract void Dispose();
}
