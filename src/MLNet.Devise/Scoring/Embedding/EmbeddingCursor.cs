using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Scoring.Engine;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring.Embedding;

/// <summary>Reads ahead of its reader, embeds in batches on other threads, and gives the rows in their order.</summary>
internal sealed class EmbeddingCursor : DataViewRowCursor
{
    private readonly ImageEmbedder _embedder;
    private readonly RowMapper _mapper;
    private readonly DataViewRowCursor _input;
    private readonly bool[] _active;
    private readonly Func<ImageSource, ImageSource> _read;
    private readonly ValueGetter<DataViewRowId> _getId;
    private readonly BatchPump<RowBatch> _pump;
    private RowBatch? _batch;
    private int _row = -1;
    private bool _disposed;

    public EmbeddingCursor(ImageEmbedder embedder, RowMapper mapper, DataViewRowCursor input, bool[] active)
    {
        (_embedder, _mapper, _input, _active) = (embedder, mapper, input, active);
        (_read, _getId) = (embedder.Reader(input), input.GetIdGetter());
        _pump = new(embedder.Engine.Layout.Workers, NewBatch, Fill, embedder.Engine.Embed, embedder.Options.Cancellation);
    }

    public override long Position => _batch?.Positions[_row] ?? -1;

    public override long Batch => _batch?.Batches[_row] ?? 0;

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override bool MoveNext()
    {
        if (_disposed) return false;
        if (_batch is null || ++_row == _batch.Count)
        {
            _batch = _pump.Next();
            _row = 0;
        }
        if (_batch is null) return false;
        _embedder.CheckPolicy(_batch, _row, Position);
        return true;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = Here().Ids[_row];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!_active[column.Index]) throw new InvalidOperationException($"column '{column.Name}' is not active in this cursor");
        if (column.Type.RawType != typeof(TValue)) throw new InvalidOperationException($"column '{column.Name}' holds {column.Type}, asked for as {typeof(TValue).Name}");
        var index = column.Index;
        return index < _mapper.InputSchema.Count
            ? (ref TValue value) => ((ColumnBuffer<TValue>)Here().Columns[index]!).Copy(_row, ref value)
            : (ValueGetter<TValue>)_embedder.Getter(index - _mapper.InputSchema.Count, () => (Here(), _row));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _batch = null;
            _pump.Dispose();
            _input.Dispose();
        }
        base.Dispose(disposing);
    }

    private RowBatch Here() => _batch ?? throw new InvalidOperationException("the cursor is not on a row: call MoveNext first, and stop when it returns false");

    private RowBatch NewBatch()
    {
        var size = _embedder.Engine.Layout.BatchSize;
        return new(size, _embedder.Engine.Dimension, [.. _mapper.InputSchema.Select(column => _active[column.Index] ? ColumnBuffer.Of(_input, column, size) : null)]);
    }

    private void Fill(RowBatch batch)
    {
        for (batch.Count = 0; batch.Count < batch.Limit && _input.MoveNext(); batch.Count++)
        {
            var row = batch.Count;
            (batch.Positions[row], batch.Batches[row]) = (_input.Position, _input.Batch);
            _getId(ref batch.Ids[row]);
            foreach (var column in batch.Columns) column?.Read(row);
            batch.Sources[row] = _read(batch.Sources[row]);
        }
    }
}
