using OxyPlot;
using OxyPlot.Annotations;

namespace MLNet.Devise.Reports.Drawing;

/// <summary>Values written at the ends of bars.</summary>
internal static class Numbers
{
    /// <param name="value">Where the bar ends.</param>
    /// <param name="line">Whose bar.</param>
    /// <param name="text">What is written.</param>
    /// <param name="ink">Its colour.</param>
    public static TextAnnotation At(double value, int line, string text, Ink ink) => new()
    {
        Text = $" {text}", TextPosition = new(value, line), Stroke = OxyColors.Transparent, FontSize = 10.5, TextColor = ink.Text,
        TextHorizontalAlignment = HorizontalAlignment.Left, TextVerticalAlignment = VerticalAlignment.Middle,
    };
}
