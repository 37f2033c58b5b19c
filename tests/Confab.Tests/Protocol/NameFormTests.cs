using System.Text;
using System.Text.Json;
using Confab.Protocol;
using CsCheck;

namespace Confab.Tests.Protocol;

/// <summary>Names have one form for what looks the same.</summary>
public class NameFormTests
{
    // Everything that the form knows of, and letters, marks and jamo that are composed.
    private static readonly string[] s_parts =
    [
        " ", "\u00A0", "\u2800", "\u3000", "\t", "a", "Z", "7", "#", "e", "\u0301", "\u20E3", "\u1100", "\u1161", "\u00AD", "\u034F", "\u180E", "\u200B", "\u200C", "\u200D", "\u200D", "\u200E", "\u202E", "\uFE0E",
        "\uFE0F", "\uFE0F", "\U000E0067", "\U000E007F", "\U000E0100", "\u3164", "\U0001F44D", "\u2764", "\U0001F469", "\U0001F3FD", "\U0001F680", "\U0001F3F4", "\u2122", "\u261D", "\U0001F1E9", "\U0001F1EA", "\u0344", "\u212B",
        "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
    ];

    public static TheoryData<string, string> Names => Vectors.Where(v => v.File == "names");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_has_the_form_that_its_vector_says(string file, string name)
    {
        var vector = Vectors.Find(file, name).Json;
        Assert.Equal(vector.GetProperty("stored").GetString(), FormOf(vector.GetProperty("given").GetString()!));
    }

    [Fact]
    public void The_form_of_a_form_is_itself() =>
        Gen.Int[0, s_parts.Length - 1].Select(at => s_parts[at]).Array[1, 16].Select(parts => string.Concat(parts)).Sample(name => FormOf(name) is not { } form || (FormOf(form) == form && form.Normalize() == form), iter: 200_000);

    [Fact]
    public void Every_emoji_is_its_own_form_in_a_name_however_it_is_qualified()
    {
        foreach (var emoji in EmojiTests.All)
        {
            Assert.Equal(emoji, FormOf(emoji));
            // By itself, what is text by default is a text.
            foreach (var spelling in EmojiTests.SpellingsOf(emoji).Where(_ => emoji.Contains('\u200D') || emoji.Contains('\u20E3')))
                Assert.Equal(emoji, FormOf(spelling));
        }
    }

    private static string? FormOf(string name) =>
        Confab.Protocol.Names.TryNormalize(Encoding.UTF8.GetBytes(name), 64, out var form) ? Encoding.UTF8.GetString(form) : null;
}
