using System.Globalization;
using System.Text;

namespace MLNet.Devise.Tests.Labels;

/// <summary>A text file of word vectors read the plain way: a string a line, the framework's own parser, one thread.</summary>
internal static class NaiveVec
{
    public static (List<(string Word, float[] Values)> Rows, List<int> BadLines) Read(string path, int dimension, bool header)
    {
        var (rows, bad, number) = (new List<(string, float[])>(), new List<int>(), 0);
        foreach (var text in new UTF8Encoding(false).GetString(File.ReadAllBytes(path)).Split('\n'))
        {
            var line = text.TrimEnd(' ', '\r', '\t');
            if (++number == 1 && header || line.Length == 0) continue;
            var parts = line.Split(' ');
            var first = parts.Length - dimension;
            var word = first > 0 ? string.Join(' ', parts[..first]) : "";
            var values = first > 0 ? parts[first..].Select(part => float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : float.NaN).ToArray() : [];
            if (first < 1 || word.Length == 0 || word.Contains('\uFFFD') || !values.All(float.IsFinite) || (first > 1 && float.TryParse(parts[first - 1], NumberStyles.Float, CultureInfo.InvariantCulture, out _))) bad.Add(number);
            else rows.Add((word, values));
        }
        return (rows, bad);
    }
}
