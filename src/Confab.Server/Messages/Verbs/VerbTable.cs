using Confab.Protocol;
using Confab.Server.Storage;

namespace Confab.Server.Messages.Verbs;

/// <summary>Every kind of change there is, each with its verb. What is not in it throws.</summary>
internal static class VerbTable
{
    private static readonly Verb[] s_all =
    [
        new MessageVerb(), new EditVerb(), new DeleteVerb(), new ReactVerb(), new UnreactVerb(), new PinVerb(), new UnpinVerb(), new TopicVerb(), new ArchiveVerb(true),
        new ArchiveVerb(false), new ReadVerb(), new CreateRoomVerb(), new ProbeVerb(), new AddFileVerb(), new ForgetFilesVerb(),
    ];

    private static readonly Verb?[] s_byKind = ByNumber(verb => (int)verb.Kind);
    private static readonly Verb?[] s_byFrame = ByNumber(verb => (int?)verb.Frame);

    public static IReadOnlyList<Verb> All => s_all;

    public static Verb Of(ChangeKind kind) => Find(s_byKind, (int)kind) ?? throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown change.");

    /// <summary>What a frame asks for.</summary>
    public static Verb Of(ClientFrameType frame) => Find(s_byFrame, (int)frame) ?? throw new ArgumentOutOfRangeException(nameof(frame), frame, "It asks for no change.");

    private static Verb? Find(Verb?[] verbs, int number) => number < verbs.Length ? verbs[number] : null;

    private static Verb?[] ByNumber(Func<Verb, int?> numberOf)
    {
        var verbs = new Verb?[s_all.Max(verb => numberOf(verb) ?? 0) + 1];
        foreach (var verb in s_all)
        {
            if (numberOf(verb) is { } number)
                verbs[number] = verbs[number] is null ? verb : throw new InvalidOperationException($"{number} has two verbs.");
        }

        return verbs;
    }
}
