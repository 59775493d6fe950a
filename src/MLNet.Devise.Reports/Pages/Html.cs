using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MLNet.Devise.Reports.Pages;

/// <summary>
/// Writes markup in which every inserted value is escaped: <c>html.Add($"&lt;td&gt;{name}&lt;/td&gt;")</c> cannot be broken by a name. Only
/// what the program's own source spells out is markup.
/// </summary>
internal sealed class Html(TextWriter writer)
{
    private static readonly IFormatProvider Escaping = new Escaper();
    private static readonly JsonSerializerOptions Compact = new(JsonSerializerDefaults.Web);

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

    /// <summary>The script, which is part of this program.</summary>
    public void Script(string script) => writer.Write($"<script>{script}</script>\n");

    /// <summary>How a policy names a script, so that it and no other is run.</summary>
    public static string HashOf(string script) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}";

    /// <summary>Data for the script; the writer of JSON escapes what could end the element.</summary>
    public void Data(string id, object data)
    {
        Add($"<script type=\"application/json\" id=\"{id}\">");
        writer.Write(JsonSerializer.Serialize(data, Compact));
        writer.Write("</script>\n");
    }

    /// <summary>0.799 → <c>79.9 %</c>; a dash for what was not measured.</summary>
    public static string Rate(double? rate) => rate is { } value ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %") : "–";

    /// <summary>0.416 → <c>0.42</c>; what rounds to 0 has no sign.</summary>
    public static string Cosine(double cosine) => (Math.Round(cosine, 2) + 0.0).ToString("0.00", CultureInfo.InvariantCulture);

    private sealed class Escaper : IFormatProvider, ICustomFormatter
    {
        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) =>
            WebUtility.HtmlEncode(arg is IFormattable value ? value.ToString(format, CultureInfo.InvariantCulture) : arg?.ToString() ?? "");
    }
}
