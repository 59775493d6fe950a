namespace MLNet.Devise.Reports.Pages;

/// <summary>The style sheets that are part of this program.</summary>
internal static class StyleSheet
{
    public static string Read(string name)
    {
        using var reader = new StreamReader(typeof(StyleSheet).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
