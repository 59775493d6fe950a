using System.Globalization;
using System.Text;

namespace MLNet.Devise.Labels;

/// <summary>
/// Streams a word-vector text file (fastText <c>.vec</c>, word2vec text): a header <c>count dimension</c>, then
/// <c>word v1 v2 … vd</c> a line, UTF-8. Only one line is in memory at a time, and values of unwanted words are not parsed.
/// </summary>
internal sealed class VecReader(string path) : IDisposable
{
    /// <summary>Above any published embedding; a larger header is a damaged or foreign file.</summary>
    public const int MaxDimension = 8192;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private readonly LineReader _lines = new(Open(path), path);
    private int _read;

    /// <summary>Words that the header promises.</summary>
    public int Count { get; private set; }

    /// <summary>Values a word, from the header.</summary>
    public int Dimension { get; private set; }

    /// <summary>Line of the row last read, from 1.</summary>
    public int Line => _lines.Number;

    /// <summary>Reads the header; call once, first.</summary>
    public VecReader ReadHeader()
    {
        var header = _lines.TryRead(out var line) ? Encoding.UTF8.GetString(line).Trim() : "";
        var parts = header.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var dimension))
            throw Bad($"'{Shorten(header)}', expected the header '<words> <dimension>' of a .vec file");
        if (count < 1 || dimension is < 1 or > MaxDimension) throw Bad($"{count} words of {dimension} values, expected at least 1 word and 1..{MaxDimension} values");
        (Count, Dimension) = (count, dimension);
        return this;
    }

    /// <summary>The next row's word, and its values where <paramref name="wanted"/> says so (else <paramref name="values"/> is left alone).</summary>
    /// <returns>False at the end of the file.</returns>
    public bool TryRead(Predicate<string>? wanted, Span<float> values, out string word, out bool parsed)
    {
        (word, parsed) = ("", false);
        ReadOnlySpan<byte> line;
        do
        {
            if (!_lines.TryRead(out line))
            {
                if (_read != Count) throw Bad($"the file ends after {_read} words, but its header says {Count}: it is incomplete, fetch it again");
                return false;
            }
            line = line.TrimEnd(" \r\t"u8);
        }
        while (line.IsEmpty);
        if (++_read > Count) throw Bad($"more rows than the {Count} that the header says");

        var first = line.Count((byte)' ') - Dimension + 1;
        if (first < 1) throw Bad($"{line.Count((byte)' ')} values, expected {Dimension}");
        // Some published files have words with spaces in them: the values are the last ones of the line.
        var split = 0;
        for (var spaces = 0; ; split++) if (line[split] == ' ' && ++spaces == first) break;
        if (first > 1 && IsNumber(line[(line[..split].LastIndexOf((byte)' ') + 1)..split])) throw Bad($"{line.Count((byte)' ')} values, expected {Dimension}");
        try { word = Strict.GetString(line[..split]); }
        catch (DecoderFallbackException) { throw Bad("the word is not valid UTF-8, expected UTF-8 text"); }
        if (wanted is null || wanted(word))
        {
            Parse(line[(split + 1)..], values);
            parsed = true;
        }
        return true;
    }

    public void Dispose() => _lines.Dispose();

    private void Parse(ReadOnlySpan<byte> text, Span<float> values)
    {
        var i = 0;
        foreach (var range in text.Split((byte)' '))
        {
            if (!float.TryParse(text[range], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !float.IsFinite(value))
                throw Bad($"value {i + 1} is '{Shorten(Encoding.UTF8.GetString(text[range]))}', expected a finite number");
            values[i++] = value;
        }
    }

    private static bool IsNumber(ReadOnlySpan<byte> text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private DeviseInputException Bad(string what) => new($"{path}:{Math.Max(1, Line)}: {what}");

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private static FileStream Open(string path) => File.Exists(path)
        ? new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan)
        : throw new DeviseInputException($"{path}: no such word-vector file");
}
