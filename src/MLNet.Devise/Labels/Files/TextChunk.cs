using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MLNet.Devise.Labels.Files;

/// <summary>Some whole lines of a text file, parsed by one thread. Line and row numbers are its own, from 0.</summary>
internal sealed class TextChunk(int size, int dimension, Predicate<string>? wanted, bool values)
{
    /// <summary>Bytes of the longest line that is read, and of most pieces.</summary>
    public const int MaxSize = 1 << 20;

    /// <summary>The lines.</summary>
    public byte[] Bytes { get; } = new byte[size];

    /// <summary>Where the first line begins, and where the last one ends.</summary>
    public int Start { get; set; }

    /// <inheritdoc cref="Start"/>
    public int End { get; set; }

    /// <summary>Whether the line that comes next does not fit.</summary>
    public bool IsCut { get; set; }

    /// <summary>The rows that could be read and are wanted.</summary>
    public VectorBatch Batch { get; } = new(dimension);

    public int Lines { get; private set; }

    public int Rows { get; private set; }

    public List<(int Line, string What)> Bad { get; } = [];

    public TextChunk Parse()
    {
        Batch.Clear();
        Bad.Clear();
        (Lines, Rows) = (0, 0);
        var rest = Bytes.AsSpan(Start..End);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = (end < 0 ? rest : rest[..end]).TrimEnd(" \r\t"u8);
            rest = end < 0 ? default : rest[(end + 1)..];
            Lines++;
            if (!line.IsEmpty) Parse(line, Rows++);
        }
        return this;
    }

    /// <summary>Line of a row, both from 0; only asked for in a message.</summary>
    public int LineOf(int row)
    {
        var line = 0;
        foreach (var range in Bytes.AsSpan(Start..End).Split((byte)'\n'))
        {
            if (!Bytes.AsSpan(Start..End)[range].TrimEnd(" \r\t"u8).IsEmpty && row-- == 0) break;
            line++;
        }
        return line;
    }

    private void Parse(ReadOnlySpan<byte> line, int row)
    {
        var split = line.IndexOf((byte)' ');
        // As nearly every line is; whatever is odd about the others is looked for only there.
        if (wanted is null && values && split > 0 && Utf8.IsValid(line[..split]) && FloatText.TryReadRow(line[(split + 1)..], Batch.Next())) Batch.Add(Encoding.UTF8.GetString(line[..split]), row);
        else if (Odd(line, row) is { } problem) Bad.Add((Lines - 1, problem));
    }

    private string? Odd(ReadOnlySpan<byte> line, int row)
    {
        var spaces = line.Count((byte)' ');
        var first = spaces - dimension + 1;
        if (first < 1) return $"{spaces} values, expected {dimension}";
        // Some published files have words with spaces in them: the values are the last ones of the line.
        var split = 0;
        for (var seen = 0; ; split++) if (line[split] == ' ' && ++seen == first) break;
        if (first > 1 && FloatText.IsNumber(line[(line[..split].LastIndexOf((byte)' ') + 1)..split])) return $"{spaces} values, expected {dimension}";
        if (split == 0) return "no word before the values";
        if (!Utf8.IsValid(line[..split])) return "the word is not valid UTF-8, expected UTF-8 text";
        var word = Encoding.UTF8.GetString(line[..split]);
        if (wanted is not null && !wanted(word)) return null;
        if (values && BadValue(line[(split + 1)..], Batch.Next()) is { } problem) return problem;
        Batch.Add(word, row);
        return null;
    }

    private static string? BadValue(ReadOnlySpan<byte> text, Span<float> row)
    {
        var i = 0;
        foreach (var range in text.Split((byte)' '))
        {
            if (!float.TryParse(text[range], NumberStyles.Float, CultureInfo.InvariantCulture, out row[i]) || !float.IsFinite(row[i]))
                return $"value {i + 1} is '{TextLines.Shorten(text[range])}', expected a finite number";
            i++;
        }
        return null;
    }
}
