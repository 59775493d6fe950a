using MLNet.Devise.Data;
using OxyPlot;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>Colours that stay apart for colour-blind readers (Okabe and Ito 2008) and in grey.</summary>
internal static class Ink
{
    private const int LongestName = 30;

    public static OxyColor Seen { get; } = OxyColor.FromRgb(0x00, 0x72, 0xB2);

    public static OxyColor Unseen { get; } = OxyColor.FromRgb(0xE6, 0x9F, 0x00);

    /// <summary>A border that must be noticed.</summary>
    public static OxyColor Border { get; } = OxyColor.FromRgb(0xD5, 0x5E, 0x00);

    public static OxyColor Text { get; } = OxyColor.FromRgb(0x22, 0x22, 0x22);

    public static OxyColor Grid { get; } = OxyColor.FromRgb(0xDD, 0xDD, 0xDD);

    public static OxyColor Shade { get; } = OxyColor.FromRgb(0xF0, 0xF2, 0xF5);

    /// <summary>White to dark blue, always darker; the first step is large enough that a single image in fifty shows.</summary>
    public static OxyPalette Shares { get; } = new([OxyColors.White, .. OxyPalette.Interpolate(255,
        OxyColor.FromRgb(0xDD, 0xEA, 0xF6), OxyColor.FromRgb(0x6B, 0xAE, 0xD6), OxyColor.FromRgb(0x21, 0x71, 0xB5), OxyColor.FromRgb(0x08, 0x22, 0x50)).Colors]);

    /// <summary>An empty plot in the house style.</summary>
    public static PlotModel Plot(string title, string? subtitle = null) => new()
    {
        Title = title,
        TitleFontSize = 15,
        TitleHorizontalAlignment = TitleHorizontalAlignment.CenteredWithinView,
        Subtitle = subtitle,
        SubtitleFontSize = 12,
        TextColor = Text,
        PlotAreaBorderColor = OxyColors.Gray,
        DefaultFontSize = 12,
        Background = OxyColors.White,
    };

    /// <summary>A class name as people write it, cut where it would take the figure's room.</summary>
    public static string Name(string label) => ClassList.Display(label) is { Length: > LongestName } name ? $"{name[..(LongestName - 1)]}…" : ClassList.Display(label);

    /// <summary>0.25 → <c>25 %</c>.</summary>
    public static string Percent(double share) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{100 * share:0} %");
}
