using System.Globalization;
using System.Text;
using Confab.Protocol;

namespace Confab.Server.Rooms;

/// <summary>
/// Which names are taken, and with them all that differ by case or look-alikes only. Two rules, and a name that falls under one is refused: equal without
/// regard to case and then of the same skeleton (UTS #39), as <c>General</c> and <c>genera1</c>; or of the same skeleton and then equal without regard to
/// case, as <c>General</c> and <c>generaI</c>. One of them alone would not do, since the capital of i looks like l, and that of l does not.
/// </summary>
internal sealed class LookAlikes
{
    private static readonly Dictionary<Rune, string> s_prototypes = Load();

    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _owners = new(StringComparer.Ordinal);

    /// <param name="names">Those that are taken already, also such as are alike.</param>
    public LookAlikes(IEnumerable<byte[]> names)
    {
        foreach (var name in names)
            Take(name);
    }

    /// <summary>Takes a name, unless one like it is taken: then it tells which.</summary>
    public byte[]? Take(byte[] name)
    {
        var keys = KeysOf(name);
        lock (_gate)
        {
            foreach (var key in keys)
            {
                if (_owners.TryGetValue(key, out var owner))
                    return owner;
            }

            foreach (var key in keys)
                _owners.Add(key, name);
            return null;
        }
    }

    /// <summary>Gives a name back that was taken in vain.</summary>
    public void GiveBack(byte[] name)
    {
        lock (_gate)
        {
            foreach (var key in KeysOf(name))
                _owners.Remove(key);
        }
    }

    private static string[] KeysOf(byte[] name)
    {
        // One of before may have a form that is none today.
        if (!Names.TryNormalize(name, name.Length, out var form))
            return [Encoding.UTF8.GetString(name)];
        // Inside an emoji these are the only characters that draw nothing, and some systems draw it the same without them.
        var text = Encoding.UTF8.GetString(form).Replace("\uFE0F", "", StringComparison.Ordinal).Replace("\u200D", "", StringComparison.Ordinal).Normalize(NormalizationForm.FormKD);
        return [$"c:{Fold(SkeletonOf(Fold(text)))}", $"s:{Fold(SkeletonOf(text).Replace('L', '\0'))}"];
    }

    // Full case folding of what is decomposed: of all that has a longer folding, only ß has no decomposition.
    private static string Fold(string text) => text.ToUpperInvariant().ToLowerInvariant().Replace("ß", "ss", StringComparison.Ordinal).Replace("i\u0307", "i", StringComparison.Ordinal);

    private static string SkeletonOf(string text)
    {
        var skeleton = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            skeleton.Append(s_prototypes.TryGetValue(rune, out var prototype) ? prototype : rune.ToString());
        return skeleton.ToString();
    }

    private static Dictionary<Rune, string> Load()
    {
        var prototypes = new Dictionary<Rune, string>();
        using var reader = new StreamReader(typeof(LookAlikes).Assembly.GetManifestResourceStream("confusables.txt")!);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var sides = line.Split(" < ");
            var prototype = string.Concat(RunesOf(sides[0]));
            foreach (var rune in RunesOf(sides[1]))
                prototypes.Add(rune, prototype);
        }

        return prototypes;
    }

    private static IEnumerable<Rune> RunesOf(string points) => points.Split(' ').Select(point => new Rune(int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
}
