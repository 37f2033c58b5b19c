using System.Globalization;
using System.Text;

namespace Confab.Protocol;

/// <summary>
/// What names that look the same have in common: what draws nothing (Default_Ignorable_Code_Point) is left out, except where it holds an emoji
/// together, and what draws a blank is one U+0020. What only orders other characters (Bidi_Control) stays: it changes how a name looks, and is refused.
/// </summary>
internal static class NameForm
{
    private const int Selector = 0xFE0F;
    private const int Joiner = 0x200D;
    private const int Keycap = 0x20E3;

    // England, Scotland and Wales: a black flag, and letters that draw nothing.
    private static readonly string[] s_flags = [.. new[] { "eng", "sct", "wls" }.Select(of => $"\U0001F3F4{Tags($"gb{of}")}\U000E007F")];

    public static string Of(string text)
    {
        var form = new Builder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (s_flags.FirstOrDefault(flag => string.CompareOrdinal(text, i, flag, 0, flag.Length) == 0) is { } flag)
            {
                form.Add(flag);
                i += flag.Length;
                continue;
            }

            Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length);
            form.Add(rune);
            i += length;
        }

        return form.ToString();
    }

    private static string Tags(string letters) => string.Concat(letters.Select(letter => char.ConvertFromUtf32(0xE0000 + letter)));

    private static bool IsBlank(Rune rune) => rune.Value == 0x2800 || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator;

    private static bool DrawsNothing(int point) => point is 0x00AD or 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or (>= 0x200B and <= 0x200D)
        or (>= 0x2060 and <= 0x2065) or (>= 0x206A and <= 0x206F) or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF or 0xFFA0 or (>= 0xFFF0 and <= 0xFFF8)
        or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE0FFF);

    /// <summary>Takes characters, and settles what stands between two of them when the second is known.</summary>
    private struct Builder(int length)
    {
        private readonly StringBuilder _form = new(length);
        private Rune _last;
        private bool _mayBeJoined;
        private bool _isJoined;
        private bool _sawSelector;
        private bool _sawJoiner;

        public void Add(string whole)
        {
            Settle(default);
            _form.Append(whole);
        }

        public void Add(Rune rune)
        {
            if (DrawsNothing(rune.Value))
            {
                _sawSelector |= rune.Value == Selector;
                _sawJoiner |= rune.Value == Joiner;
                return;
            }

            if (IsBlank(rune))
                rune = new Rune(' ');
            if (rune.Value == ' ' && _last.Value == ' ')
                return;
            Settle(rune);
            _form.Append(rune.ToString());
        }

        public override string ToString()
        {
            Settle(default);
            return _form.ToString();
        }

        // An emoji sequence is fully qualified when each of its signs that is text by default has a variation selector or a skin tone (UTS #51, ED-18a).
        private void Settle(Rune next)
        {
            var joins = _sawJoiner && _mayBeJoined && Emoji.IsPictograph(next);
            if (Emoji.IsTextByDefault(_last)
                ? (_sawSelector || _isJoined || joins) && !Emoji.IsSkinTone(next)
                : next.Value == Keycap && _last.Value is '#' or '*' or (>= '0' and <= '9'))
                _form.Append((char)Selector);
            if (joins)
                _form.Append((char)Joiner);
            _mayBeJoined = Emoji.IsPictograph(next) || (Emoji.IsSkinTone(next) && Emoji.IsPictograph(_last));
            _isJoined = joins;
            _sawSelector = _sawJoiner = false;
            _last = next;
        }
    }
}
