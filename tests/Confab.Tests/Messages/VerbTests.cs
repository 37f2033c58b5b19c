using Confab.Protocol;
using Confab.Server.Messages.Verbs;
using Confab.Server.Storage;
using Confab.Tests.Support;

namespace Confab.Tests.Messages;

/// <summary>One table knows every change, and throws for what it does not know.</summary>
public class VerbTests
{
    [Fact]
    public void Every_kind_of_change_has_its_verb()
    {
        Assert.Equal(Enum.GetValues<ChangeKind>(), VerbTable.All.Select(verb => verb.Kind).Order());
        Assert.All(VerbTable.All, verb => Assert.Same(verb, VerbTable.Of(verb.Kind)));
    }

    [Fact]
    public void Every_frame_that_asks_for_a_change_has_its_verb_and_the_others_have_none()
    {
        ClientFrameType[] others = [ClientFrameType.Unknown, ClientFrameType.Authenticate, ClientFrameType.Join, ClientFrameType.Leave, ClientFrameType.Typing, ClientFrameType.Ping];
        foreach (var type in Enum.GetValues<ClientFrameType>())
        {
            if (others.Contains(type))
                Assert.Throws<ArgumentOutOfRangeException>(() => VerbTable.Of(type));
            else
                Assert.Equal(type, VerbTable.Of(type).Frame);
        }
    }

    [Fact]
    public void A_change_of_no_kind_is_no_other_one() => Assert.Throws<ArgumentOutOfRangeException>(() => VerbTable.Of((ChangeKind)77));

    [Fact]
    public void A_verb_has_a_file_of_its_name()
    {
        var files = Directory.EnumerateFiles(Repository.PathOf("src/Confab.Server/Messages/Verbs"), "*Verb.cs").Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(VerbTable.All.Select(verb => verb.GetType().Name).Append(nameof(Verb)).Distinct().Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }
}
