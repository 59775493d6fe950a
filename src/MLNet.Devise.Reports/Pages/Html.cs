using System.Globalization;
using System.Net;

namespace MLNet.Devise.Reports.Pages;

/// <summary>
/// Writes markup in which every inserted value is escaped: <c>html.Add($"&lt;td&gt;{name}&lt;/td&gt;")</c> cannot be broken by a name. Only
/// what the program's own source spells out is markup.
/// </summary>
internal sealed class Html(TextWriter writer)
{
    private static readonly IFormatProvider Escaping = new Escaper();

    /// <summary>Markup with values; values are escaped.</summary>
    public void Add(FormattableString markup) => writer.Write(markup.ToString(Escaping));

    /// <summary>A line of markup with values; values are escaped.</summary>
    public void Line(FormattableString markup)
    {
        Add(markup);
        writer.Write('\n');
    }

    /// <summary>The style sheet, which is part of this program.</summary>
    public void Style(string css) => writer.Write($"<style>\n{css}</style>\n");

    /// <summary>0.799 → <c>79.9 %</c>; a dash for what was not measured.</summary>
    public static string Rate(double? rate) => rate is { } value ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %") : "–";

    private sealed class Escaper : IFormatProvider, ICustomFormatter
    {
        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) =>
            WebUtility.HtmlEncode(arg is IFormattable value ? value.ToString(format, CultureInfo.InvariantCulture) : arg?.ToString() ?? "");
    }
}
