using System.Globalization;
using MLNet.Devise.Data;
using OxyPlot;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>Colours that stay apart for colour-blind readers (Okabe and Ito 2008) and in grey, on white or on dark paper.</summary>
internal sealed record Ink
{
    private const int LongestName = 30;

    public static Ink Light { get; } = new()
    {
        Paper = OxyColors.White,
        Text = OxyColor.FromRgb(0x22, 0x22, 0x22),
        Frame = OxyColors.Gray,
        Grid = OxyColor.FromRgb(0xDD, 0xDD, 0xDD),
        Shade = OxyColor.FromRgb(0xF0, 0xF2, 0xF5),
        Seen = OxyColor.FromRgb(0x00, 0x72, 0xB2),
        SeenPale = OxyColor.FromRgb(0x8C, 0xC8, 0xEE),
        Unseen = OxyColor.FromRgb(0xE6, 0x9F, 0x00),
        Border = OxyColor.FromRgb(0xD5, 0x5E, 0x00),
        // White to dark blue, always darker; the first step is large enough that a single image in fifty shows.
        Shares = Steps(OxyColors.White, OxyColor.FromRgb(0xDD, 0xEA, 0xF6), OxyColor.FromRgb(0x6B, 0xAE, 0xD6), OxyColor.FromRgb(0x21, 0x71, 0xB5), OxyColor.FromRgb(0x08, 0x22, 0x50)),
        Classes = [OxyColor.FromRgb(0x00, 0x72, 0xB2), OxyColor.FromRgb(0xD5, 0x5E, 0x00), OxyColor.FromRgb(0x00, 0x9E, 0x73), OxyColor.FromRgb(0xCC, 0x79, 0xA7), OxyColor.FromRgb(0xB8, 0x86, 0x00), OxyColor.FromRgb(0x56, 0xB4, 0xE9), OxyColor.FromRgb(0x55, 0x55, 0x55)],
    };

    public static Ink Dark { get; } = new()
    {
        Paper = OxyColor.FromRgb(0x15, 0x18, 0x1B),
        Text = OxyColor.FromRgb(0xE6, 0xE9, 0xEC),
        Frame = OxyColor.FromRgb(0x8A, 0x94, 0x9E),
        Grid = OxyColor.FromRgb(0x3A, 0x42, 0x4A),
        Shade = OxyColor.FromRgb(0x26, 0x2C, 0x32),
        Seen = OxyColor.FromRgb(0x56, 0xB4, 0xE9),
        SeenPale = OxyColor.FromRgb(0x2B, 0x6C, 0x94),
        Unseen = OxyColor.FromRgb(0xE6, 0x9F, 0x00),
        Border = OxyColor.FromRgb(0xFF, 0x8F, 0x4D),
        Shares = Steps(OxyColor.FromRgb(0x15, 0x18, 0x1B), OxyColor.FromRgb(0x1B, 0x33, 0x4A), OxyColor.FromRgb(0x2A, 0x6F, 0xB0), OxyColor.FromRgb(0x7C, 0xC4, 0xF5), OxyColor.FromRgb(0xF2, 0xFA, 0xFF)),
        Classes = [OxyColor.FromRgb(0x56, 0xB4, 0xE9), OxyColor.FromRgb(0xFF, 0x8F, 0x4D), OxyColor.FromRgb(0x2F, 0xC4, 0x98), OxyColor.FromRgb(0xE3, 0x9A, 0xC4), OxyColor.FromRgb(0xF0, 0xE4, 0x42), OxyColor.FromRgb(0x7B, 0x8C, 0xFF), OxyColor.FromRgb(0xB8, 0xBE, 0xC4)],
    };

    public required OxyColor Paper { get; init; }

    public required OxyColor Text { get; init; }

    public required OxyColor Frame { get; init; }

    public required OxyColor Grid { get; init; }

    public required OxyColor Shade { get; init; }

    public required OxyColor Seen { get; init; }

    /// <summary>Of seen classes, but not what was trained on.</summary>
    public required OxyColor SeenPale { get; init; }

    public required OxyColor Unseen { get; init; }

    /// <summary>A border that must be noticed.</summary>
    public required OxyColor Border { get; init; }

    /// <summary>From the paper's colour for 0 to the strongest for 1.</summary>
    public required OxyPalette Shares { get; init; }

    /// <summary>For classes beside each other; further ones begin anew.</summary>
    public required IReadOnlyList<OxyColor> Classes { get; init; }

    /// <summary>An empty plot in the house style.</summary>
    public PlotModel Plot(string title, string? subtitle = null) => new()
    {
        Title = title,
        TitleFontSize = 15,
        TitleHorizontalAlignment = TitleHorizontalAlignment.CenteredWithinView,
        Subtitle = subtitle,
        SubtitleFontSize = 12,
        TextColor = Text,
        PlotAreaBorderColor = Frame,
        DefaultFontSize = 12,
        Culture = CultureInfo.InvariantCulture,
        Background = Paper,
    };

    /// <summary>A class name as people write it, cut where it would take the figure's room.</summary>
    public static string Name(string label) => ClassList.Display(label) is { Length: > LongestName } name ? $"{name[..(LongestName - 1)]}…" : ClassList.Display(label);

    /// <summary>0.25 → <c>25 %</c>.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");

    private static OxyPalette Steps(OxyColor none, params OxyColor[] steps) => new([none, .. OxyPalette.Interpolate(255, steps).Colors]);
}
