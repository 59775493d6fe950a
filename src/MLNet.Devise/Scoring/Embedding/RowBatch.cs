using Microsoft.ML.Data;
using MLNet.Devise.Scoring.Engine;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring.Embedding;

/// <summary>A batch of rows: the images to embed, and the columns that are passed through.</summary>
/// <param name="capacity">Most rows.</param>
/// <param name="dimension">Values an embedding.</param>
/// <param name="columns">A buffer for each active column, by position in the input's schema.</param>
internal sealed class RowBatch(int capacity, int dimension, ColumnBuffer?[] columns) : EmbeddingBatch(capacity, dimension)
{
    public ColumnBuffer?[] Columns => columns;

    public long[] Positions { get; } = new long[capacity];

    public long[] Batches { get; } = new long[capacity];

    public DataViewRowId[] Ids { get; } = new DataViewRowId[capacity];
}
