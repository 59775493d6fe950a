using System.Collections;
using System.Runtime.CompilerServices;
using MLNet.Devise.Labels.Cache;
using MLNet.Devise.Labels.FastText;
using MLNet.Devise.Labels.Files;
using MLNet.Devise.Search;

namespace MLNet.Devise.Labels;

/// <summary>Words and their vectors, as a file had them (not normalised). Safe for concurrent reads.</summary>
public abstract class WordVectors : IDisposable
{
    // A block of cosines stays in the first-level cache between being computed and being sifted.
    private const int Block = 1024;
    private double _harmonic;

    private protected WordVectors(string source, int dimension) => (Source, Dimension) = (source, dimension);

    /// <summary>The file that the vectors came from.</summary>
    public string Source { get; }

    /// <summary>Values a word; 300 for fastText's and word2vec's published vectors.</summary>
    public int Dimension { get; }

    /// <summary>Words kept.</summary>
    public abstract int Count { get; }

    /// <summary>The words kept, in file order.</summary>
    public IReadOnlyList<string> Words => new WordList(this);

    /// <summary>Words the file holds more than once; the first one counts.</summary>
    public virtual int Duplicates => 0;

    /// <summary>Rows of the file that could not be read and were left out.</summary>
    public virtual int BadRows => 0;

    /// <summary>The first of what was left out, a line each: <c>file:line: found, expected</c>.</summary>
    public virtual IReadOnlyList<string> Remarks => [];

    /// <summary>The first row that could not be read: <c>file:line: found, expected</c>.</summary>
    internal virtual string? FirstBadRow => null;

    /// <summary>
    /// Opens word vectors of any kind: fastText <c>.vec</c>, GloVe <c>.txt</c>, word2vec <c>.bin</c>, fastText <c>.bin</c>, or a cache of
    /// <c>devise vectors import</c>; each also gzip'd or in a zip archive (<c>glove.6B.zip/glove.6B.300d.txt</c>). What a file is, its content
    /// says, not its name. Caches and fastText models are mapped, all others are read into memory.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">
    /// Which words to keep of a file that is read into memory, called by several threads; <see langword="null"/> keeps all (1 M words of 300
    /// values take 1.4 GB).
    /// </param>
    /// <param name="cancellation">Ends reading and unpacking with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="DeviseInputException">The file is missing, of no known kind, cut, or damaged as a whole; single bad rows are left out and told by <see cref="Remarks"/>.</exception>
    public static WordVectors Open(string path, Predicate<string>? wanted = null, CancellationToken cancellation = default) => OpenWatched(path, wanted, null, cancellation);

    /// <summary>The same, and tells rows read and rows there are, as far as the file says, while it is read into memory.</summary>
    internal static WordVectors OpenWatched(string path, Predicate<string>? wanted, Action<long, long?>? progress, CancellationToken cancellation)
    {
        var file = VectorFile.Find(path);
        return FormatSniffer.Sniff(file).Format switch
        {
            VectorFormat.Cache => VectorCache.Open(file, cancellation),
            VectorFormat.FastText => FastTextModel.Open(file, cancellation),
            _ => LoadedVectors.Read(path, wanted, progress, cancellation),
        };
    }

    /// <summary>A word kept.</summary>
    /// <param name="row">0 to <see cref="Count"/> − 1.</param>
    public abstract string Word(int row);

    /// <summary>Row of a word, or −1.</summary>
    public abstract int IndexOf(string word);

    /// <summary>Copies a word's vector.</summary>
    /// <param name="row">0 to <see cref="Count"/> − 1.</param>
    /// <param name="vector">Receives <see cref="Dimension"/> values.</param>
    public abstract void Read(int row, Span<float> vector);

    /// <summary>Whether the word is held.</summary>
    public bool Contains(string word) => IndexOf(word) >= 0;

    /// <summary>Copies the vector of a word, <see cref="Dimension"/> values.</summary>
    /// <returns>False where the word is not held; <paramref name="vector"/> is then left alone.</returns>
    public bool TryGet(string word, Span<float> vector)
    {
        var row = IndexOf(word);
        if (row >= 0) Read(row, vector);
        return row >= 0;
    }

    /// <summary>Makes a vector for a word that is not held, from the parts of it that are; only fastText models can.</summary>
    public virtual bool TryInfer(string word, Span<float> vector) => false;

    /// <summary>Position of a word in its file, from 0: published files begin with the most frequent word.</summary>
    public abstract long Rank(int row);

    /// <summary>
    /// How often a word occurs among all words of a text, 0..1. Files that do not count tell it by rank: the word of rank r has 1/r of the
    /// first one's share (Zipf 1949).
    /// </summary>
    public virtual double Frequency(int row)
    {
        if (_harmonic == 0) _harmonic = Harmonic(RankedWords);
        return 1 / ((Rank(row) + 1) * _harmonic);
    }

    /// <summary>The <paramref name="count"/> words with the highest cosine to <paramref name="query"/>, best first, equal ones in file order. Every word is compared.</summary>
    /// <param name="query">A vector of <see cref="Dimension"/> values, of any length.</param>
    /// <param name="count">How many, at least 1; words without direction are left out.</param>
    public IReadOnlyList<(string Word, float Cosine)> Nearest(ReadOnlySpan<float> query, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (query.Length != Dimension) throw new ArgumentException($"{query.Length} values, expected {Dimension}", nameof(query));
        var unit = new float[Dimension];
        if (!Phrases.TryNormalize(query, unit)) return [];
        var parts = Count < 4 * Block ? 1 : Environment.ProcessorCount;
        var best = new TopK[parts];
        Parallel.For(0, parts, part => best[part] = Nearest(unit, count, (int)((long)Count * part / parts), (int)((long)Count * (part + 1) / parts)));
        var merged = best[0];
        foreach (var other in best.AsSpan(1))
            foreach (var (cosine, row) in other.ToSorted()) merged.Add(cosine, row);
        return [.. merged.ToSorted().Select(hit => (Word(hit.Row), hit.Cosine))];
    }

    /// <summary>Lets go of a mapped file; nothing may be read afterwards.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose()"/>
    protected virtual void Dispose(bool disposing) { }

    /// <summary>Words of the file that ranks count, those that were not kept included.</summary>
    internal abstract long RankedWords { get; }

    /// <summary>Cosines of a unit vector with some rows; NaN for rows without direction.</summary>
    private protected abstract void Cosines(ReadOnlySpan<float> unit, int first, Span<float> cosines);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private TopK Nearest(ReadOnlySpan<float> unit, int count, int first, int end)
    {
        var best = new TopK(Math.Min(count, Math.Max(1, Count)));
        Span<float> cosines = stackalloc float[Block];
        for (; first < end; first += Block)
        {
            var block = cosines[..Math.Min(Block, end - first)];
            Cosines(unit, first, block);
            // No NaN is above it, and of equal cosines the earlier row counts.
            var floor = best.Floor;
            for (var i = 0; i < block.Length; i++)
                if (block[i] > floor) best.Add(block[i], first + i);
        }
        return best;
    }

    /// <summary>1 + 1/2 + … + 1/n; the tail by Euler's expansion, whose error is below 1e-8 here.</summary>
    private static double Harmonic(long n)
    {
        const int Summed = 100;
        var sum = 0.0;
        for (var i = 1; i <= Math.Min(n, Summed); i++) sum += 1.0 / i;
        static double Tail(double x) => Math.Log(x) + 1 / (2 * x) - 1 / (12 * x * x);
        return n <= Summed ? sum : sum + Tail(n) - Tail(Summed);
    }

    private sealed class WordList(WordVectors words) : IReadOnlyList<string>
    {
        public string this[int index] => words.Word(index);
        public int Count => words.Count;
        public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, Count).Select(words.Word).GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
