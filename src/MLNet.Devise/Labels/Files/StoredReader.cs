using System.Numerics.Tensors;

namespace MLNet.Devise.Labels.Files;

/// <summary>Reads what can be looked up row by row (a cache, a fastText model) as if it came from its beginning.</summary>
internal sealed class StoredReader(WordVectors words, VectorShape shape, Predicate<string>? wanted, bool values) : VectorReader(words.Source, shape with { Dimension = words.Dimension, Count = words.Count })
{
    private const int BatchRows = 1024;

    private readonly VectorBatch _batch = new(words.Dimension);

    public override long RankedWords => words.RankedWords;

    public override bool TryRead(out VectorBatch batch)
    {
        batch = _batch;
        _batch.Clear();
        _batch.First = 0;
        if (Rows == words.Count) return false;
        for (var end = Math.Min(Rows + BatchRows, words.Count); Rows < end; Rows++)
        {
            var row = (int)Rows;
            var word = words.Word(row);
            if (wanted is not null && !wanted(word)) continue;
            if (values)
            {
                var vector = _batch.Next();
                words.Read(row, vector);
                if (!TensorPrimitives.IsFiniteAll<float>(vector))
                {
                    Problems.AddBad($"row {row + 1}", "a value that is not a finite number");
                    continue;
                }
            }
            _batch.Add(word, (int)Math.Min(words.Rank(row), int.MaxValue));
        }
        Problems.Check(Rows, whole: Rows == words.Count);
        return true;
    }

    protected override void Dispose(bool disposing) => words.Dispose();
}
