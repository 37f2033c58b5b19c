using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Confab.Protocol;

namespace Confab.Server.Hosting;

/// <summary>Reads the options. One that does not fit, or that there is not, is refused: the message names it and says what it may be.</summary>
internal static class OptionRules
{
    // Told in `hello` with the other limits, and set where what they bound is set.
    private static readonly Dictionary<string, string> s_setElsewhere = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(Limits.FileBytes)] = "Confab:Files:MaxBytes",
        [nameof(Limits.FilesPerMessage)] = "Confab:Files:MaxPerMessage",
        [nameof(Limits.ConnectionsPerAddress)] = "Confab:ConnectionsPerAddress",
    };

    public static ServerOptions Read(IConfigurationSection section)
    {
        Check(section, typeof(ServerOptions));
        var options = section.Get<ServerOptions>() ?? new ServerOptions();
        if (options.TailBytesPerRoom > 0 && !int.IsPow2(options.TailBytesPerRoom))
            throw new RefusedToStartException($"Confab:TailBytesPerRoom is {options.TailBytesPerRoom}; it must be 0 or a power of two.");
        if (options.RateLimits == "off")
            LiftLimits(options);
        options.Limits = options.Limits with
        {
            FileBytes = options.Files.MaxBytes,
            FilesPerMessage = options.Files.MaxPerMessage,
            ConnectionsPerAddress = options.ConnectionsPerAddress,
        };
        return options;
    }

    private static void LiftLimits(ServerOptions options)
    {
        options.Limits = options.Limits with { MessagesPerSecond = 0, JoinsPerSecond = 0, TypingPerSecond = 0 };
        options.ConnectionsPerAddress = 0;
        options.WritesPerSecondPerAddress = 0;
        options.RoomsPerDayPerAddress = 0;
        options.Files.UploadsPerMinute = 0;
        options.ControlFrames = 0;
    }

    // As texts, before they are bound: so a number that is none is refused in the same words as one out of range.
    private static void Check(IConfigurationSection section, Type options)
    {
        foreach (var given in section.GetChildren())
        {
            var option = options.GetProperty(given.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)
                ?? throw new RefusedToStartException($"Unknown option {given.Path}.");
            if (options == typeof(Limits) && s_setElsewhere.TryGetValue(option.Name, out var elsewhere))
                throw new RefusedToStartException($"{given.Path} is set by {elsewhere}. Use that option instead.");
            if (option.PropertyType.IsValueType || option.PropertyType == typeof(string))
            {
                if (given.GetChildren().FirstOrDefault() is { } below)
                    throw new RefusedToStartException($"Unknown option {below.Path}.");
            }

            if (option.PropertyType == typeof(Limits) || option.PropertyType == typeof(FileLimits))
                Check(given, option.PropertyType);
            else if (!Fits(given.Value ?? "", option, out var allowed))
                throw new RefusedToStartException($"{NameOf(given)} is {given.Value}; it must be {allowed}.");
        }
    }

    private static string NameOf(IConfigurationSection given) =>
        Array.Find(CommandLine.Options, o => o.Key.Equals(given.Path, StringComparison.OrdinalIgnoreCase)) is { } option ? $"{given.Path} ({option.Name})" : given.Path;

    private static bool Fits(string value, PropertyInfo option, out string allowed)
    {
        if (option.PropertyType.IsEnum)
        {
            var names = Enum.GetNames(option.PropertyType);
            allowed = string.Join(" or ", names).ToLowerInvariant();
            return names.Contains(value, StringComparer.OrdinalIgnoreCase);
        }

        switch (option.GetCustomAttribute<ValidationAttribute>())
        {
            case RangeAttribute range:
                var (least, most) = (Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture), Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture));
                allowed = string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}");
                return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most;
            case LengthAttribute length:
                allowed = string.Create(CultureInfo.InvariantCulture, $"{length.MinimumLength} to {length.MaximumLength} characters");
                return length.IsValid(value);
            case RegularExpressionAttribute pattern:
                allowed = pattern.ErrorMessage!;
                return pattern.IsValid(value);
            case AllowedValuesAttribute values:
                allowed = string.Join(" or ", values.Values);
                return values.IsValid(value);
            default:
                allowed = "";
                return true;
        }
    }
}
