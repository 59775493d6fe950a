using System.Text;

namespace MLNet.Devise.Labels.Files;

/// <summary>Small things about lines of bytes.</summary>
internal static class TextLines
{
    /// <summary>Text without the byte-order mark that some editors put before it.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) => text.StartsWith("\uFEFF"u8) ? text[3..] : text;

    /// <summary>The beginning of some bytes, for a message: what cannot be printed becomes a dot.</summary>
    public static string Shorten(ReadOnlySpan<byte> text)
    {
        var shown = Encoding.UTF8.GetString(text[..Math.Min(text.Length, 160)]).Trim();
        shown = string.Concat(shown.Select(c => char.IsControl(c) || c == '\uFFFD' ? '·' : c));
        return shown.Length <= 40 ? shown : shown[..40] + "…";
    }
}
