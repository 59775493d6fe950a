using System.Globalization;

namespace MLNet.Devise.Cli.Progress;

/// <summary>Times in words.</summary>
internal static class Duration
{
    /// <summary>Hours, however many, minutes and seconds: <c>27:05:09</c>.</summary>
    public static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time:mm\\:ss}");
}
