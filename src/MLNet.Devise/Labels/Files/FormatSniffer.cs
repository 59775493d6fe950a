using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using MLNet.Devise.Labels.Cache;
using MLNet.Devise.Labels.FastText;

namespace MLNet.Devise.Labels.Files;

/// <summary>Tells from the first bytes of a file how its word vectors are written.</summary>
internal static class FormatSniffer
{
    /// <summary>Above any published embedding; a larger number is damage or another kind of file.</summary>
    public const int MaxDimension = 8192;

    private static readonly SearchValues<byte> OfNumbers = SearchValues.Create("0123456789+-.eE \r\t"u8);

    // Room for a whole row of the largest dimension.
    private const int Prefix = 256 << 10;

    /// <exception cref="DeviseInputException">Word vectors of no known kind.</exception>
    public static VectorShape Sniff(VectorFile file)
    {
        using var stream = file.Open();
        var bytes = new byte[Math.Min(Prefix, file.Length ?? Prefix)];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Sniff(bytes.AsSpan(0, length), file.Path);
    }

    internal static VectorShape Sniff(ReadOnlySpan<byte> start, string path)
    {
        if (start.StartsWith(CacheLayout.Magic)) return new(VectorFormat.Cache);
        if (start.StartsWith(FastTextModel.Magic)) return new(VectorFormat.FastText);
        start = TextLines.WithoutMark(start);
        var end = start.IndexOf((byte)'\n');
        var first = (end < 0 ? start : start[..end]).TrimEnd(" \r\t"u8);
        if (TryHeader(first, out var count, out var dimension))
        {
            if (count < 1 || dimension is < 1 or > MaxDimension) throw new DeviseInputException($"{path}:1: {count} words of {dimension} values, expected at least 1 word and 1..{MaxDimension} values");
            return new(end >= 0 && IsBinary(start[(end + 1)..], dimension) ? VectorFormat.Word2Vec : VectorFormat.Text, dimension, count);
        }
        dimension = RowDimension(start);
        if (dimension is < 2 or > MaxDimension || first.IsEmpty || !Utf8.IsValid(first[..Math.Max(first.IndexOf((byte)' '), 0)]))
            throw new DeviseInputException($"{path}:1: '{TextLines.Shorten(first)}', expected the header '<words> <dimension>' of a .vec file, a GloVe row '<word> <values>', a word2vec or fastText .bin file, or a cache made by 'devise vectors import'");
        return new(VectorFormat.Glove, dimension);
    }

    private static bool TryHeader(ReadOnlySpan<byte> line, out int count, out int dimension)
    {
        (count, dimension) = (0, 0);
        var text = line.Trim((byte)' ');
        var space = text.IndexOf((byte)' ');
        return space > 0 && TryWhole(text[..space], out count) && TryWhole(text[space..].TrimStart((byte)' '), out dimension);
    }

    private static bool TryWhole(ReadOnlySpan<byte> text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>Whether the first row's values are bytes rather than text: such bytes hold control characters, or are no UTF-8.</summary>
    private static bool IsBinary(ReadOnlySpan<byte> rows, int dimension)
    {
        var values = rows[(rows.IndexOf((byte)' ') + 1)..];
        values = values[..Math.Min(values.Length, 4 * dimension)];
        if (values.ContainsAnyInRange((byte)0, (byte)8) || values.ContainsAnyInRange((byte)14, (byte)31)) return rows.Contains((byte)' ');
        var end = values.IndexOf((byte)'\n');
        var isText = !(end < 0 ? values : values[..end]).ContainsAnyExcept(OfNumbers);
        // The end may cut a character in two.
        return !isText && Encoding.UTF8.GetString(values[..Math.Max(0, values.Length - 3)]).Contains('\uFFFD', StringComparison.Ordinal);
    }

    /// <summary>Values a row without a header has: what most of the first rows have.</summary>
    private static int RowDimension(ReadOnlySpan<byte> start)
    {
        var counts = new Dictionary<int, int>();
        for (var rows = 0; rows < 50 && !start.IsEmpty; rows++)
        {
            var end = start.IndexOf((byte)'\n');
            if (end < 0 && rows > 0) break;
            var row = (end < 0 ? start : start[..end]).TrimEnd(" \r\t"u8);
            start = end < 0 ? default : start[(end + 1)..];
            var last = row.LastIndexOf((byte)' ');
            if (last > 0 && FloatText.IsNumber(row[(last + 1)..])) counts[row.Count((byte)' ')] = counts.GetValueOrDefault(row.Count((byte)' ')) + 1;
        }
        return counts.Count == 0 ? 0 : counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;
    }
}
