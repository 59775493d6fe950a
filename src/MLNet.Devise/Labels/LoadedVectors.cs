using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MLNet.Devise.Labels.Files;

namespace MLNet.Devise.Labels;

/// <summary>Word vectors in memory, in blocks of at most a megabyte: nothing is ever copied to grow, whatever a header promises.</summary>
internal sealed class LoadedVectors : WordVectors
{
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private readonly List<string> _words = [];
    private readonly List<float[]> _blocks = [];
    private readonly List<float> _inverses = [];
    private readonly List<int> _ranks = [];
    private readonly int _shift;
    private readonly VectorProblems _problems;
    private readonly long _rowsOfFile;

    private LoadedVectors(VectorReader reader, Action<long, long?>? progress, CancellationToken cancellation) : base(reader.Path, reader.Dimension)
    {
        for (_shift = 0; (4L * Dimension << _shift + 1) <= 1 << 20 && 1 << _shift < (reader.Shape.Count ?? int.MaxValue); _shift++) { }
        var kept = 0;
        while (reader.TryRead(out var batch))
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < batch.Count; i++)
            {
                if (!_rows.TryAdd(batch.Word(i), _words.Count)) reader.Problems.AddDuplicate(batch.Word(i), batch.Rank(i));
                else Keep(batch, i, ref kept);
            }
            progress?.Invoke(reader.Rows, reader.Shape.Count);
        }
        (_problems, _rowsOfFile) = (reader.Problems, reader.Rows);
        _words.TrimExcess();
    }

    public override int Count => _words.Count;
    public override int Duplicates => _problems.Duplicates;
    public override int BadRows => _problems.Bad;
    public override IReadOnlyList<string> Remarks => _problems.Remarks;
    internal override string? FirstBadRow => _problems.FirstBad;
    internal override long RankedWords => _rowsOfFile;

    public static LoadedVectors Read(string path, Predicate<string>? wanted, Action<long, long?>? progress = null, CancellationToken cancellation = default)
    {
        using var reader = VectorReader.Open(path, wanted, cancellation: cancellation);
        return new(reader, progress, cancellation);
    }

    /// <exception cref="DeviseInputException">A row was left out.</exception>
    public void RequireWhole() => _problems.RequireNone();

    public override string Word(int row) => _words[row];
    public override int IndexOf(string word) => _rows.GetValueOrDefault(word, -1);
    public override void Read(int row, Span<float> vector) => Row(row).CopyTo(vector);
    public override long Rank(int row) => _ranks[row];

    private protected override void Cosines(ReadOnlySpan<float> unit, int first, Span<float> cosines)
    {
        for (int i = 0, run; i < cosines.Length; i += run)
        {
            var place = first + i & (1 << _shift) - 1;
            run = Math.Min(cosines.Length - i, (1 << _shift) - place);
            RowDots.Of(unit, _blocks[first + i >> _shift].AsSpan(place * Dimension, run * Dimension), cosines.Slice(i, run));
        }
        TensorPrimitives.Multiply(cosines, CollectionsMarshal.AsSpan(_inverses).Slice(first, cosines.Length), cosines);
    }

    private ReadOnlySpan<float> Row(int row) => _blocks[row >> _shift].AsSpan((row & ((1 << _shift) - 1)) * Dimension, Dimension);

    private void Keep(VectorBatch batch, int i, ref int kept)
    {
        if (kept >> _shift == _blocks.Count) _blocks.Add(GC.AllocateUninitializedArray<float>(Dimension << _shift));
        var vector = batch.Vector(i);
        vector.CopyTo(_blocks[kept >> _shift].AsSpan((kept & ((1 << _shift) - 1)) * Dimension));
        kept++;
        _words.Add(batch.Word(i));
        _ranks.Add((int)Math.Min(batch.Rank(i), int.MaxValue));
        var norm = TensorPrimitives.Norm(vector);
        _inverses.Add(norm > 0 && float.IsFinite(norm) ? 1 / norm : float.NaN);
    }
}
