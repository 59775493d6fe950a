namespace MLNet.Devise.Labels.Files;

/// <summary>Rows of a file that were left out, and why; the first some in words, the rest as a number.</summary>
internal sealed class VectorProblems(string path)
{
    private const int Kept = 20;
    // Published files have a handful of bad rows in a million; a file with this share of them is something else, or damaged.
    private const int Tolerated = 100, Share = 10;

    private readonly List<string> _remarks = [];

    /// <summary>Rows that could not be read.</summary>
    public int Bad { get; private set; }

    /// <summary>The first of them, and what was found and expected; null where there is none.</summary>
    public string? FirstBad { get; private set; }

    /// <summary>Rows whose word was there before; the first one counts.</summary>
    public int Duplicates { get; private set; }

    /// <summary><c>file:line: found, expected</c>, at most 20.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    /// <summary>A row that cannot be read.</summary>
    /// <param name="place">Line or row, from 1.</param>
    /// <param name="what">What was found and expected.</param>
    public void AddBad(string place, string what)
    {
        Bad++;
        FirstBad ??= $"{path}:{place}: {what}";
        if (_remarks.Count < Kept) _remarks.Add($"{path}:{place}: {what}; the row is left out");
    }

    /// <summary>A word that was there before.</summary>
    public void AddDuplicate(string word, long rank)
    {
        Duplicates++;
        if (_remarks.Count < Kept) _remarks.Add($"{path}: word {rank + 1}, '{word}', was there before; the first one counts");
    }

    /// <exception cref="DeviseInputException">So many rows are bad that the file cannot be meant.</exception>
    public void Check(long rows, bool whole)
    {
        if (Bad > Tolerated && Bad > rows / Share || (whole && Bad > 0 && Bad == rows)) throw new DeviseInputException(First($"{Bad:N0} of {rows:N0} rows cannot be read: not word vectors, or damaged; fetch the file again"));
    }

    /// <exception cref="DeviseInputException">Any row is bad.</exception>
    public void RequireNone()
    {
        if (Bad > 0) throw new DeviseInputException(First($"{Bad:N0} rows cannot be read"));
    }

    private string First(string more) => Bad == 1 ? FirstBad! : $"{FirstBad}; the row is left out; {more}";
}
