using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Devise.Scoring.Rows;

/// <summary>A transformer bound to one input schema: which columns come out, and which must go in for them.</summary>
internal sealed class RowMapper : IRowToRowMapper
{
    private readonly RowTransformer _transformer;
    private readonly HashSet<int> _inputs;

    public RowMapper(RowTransformer transformer, DataViewSchema input)
    {
        foreach (var column in transformer.Inputs) column.Check(input);
        (_transformer, InputSchema) = (transformer, input);
        _inputs = [.. transformer.Inputs.Select(column => input[column.Name].Index)];
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumns(transformer.Outputs);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => Needed(Active(dependingColumns));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new Row(new(this, input, Active(activeColumns)));

    /// <summary>Marks columns of the output schema.</summary>
    public bool[] Active(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[OutputSchema.Count];
        foreach (var column in columns) active[column.Index] = true;
        return active;
    }

    /// <summary>Whether any added column is active.</summary>
    public bool Computes(bool[] active) => active.AsSpan(InputSchema.Count).Contains(true);

    /// <summary>The input columns to activate: those passed through, and the transformer's own where an added one is wanted.</summary>
    public DataViewSchema.Column[] Needed(bool[] active)
    {
        var computes = Computes(active);
        return [.. InputSchema.Where(column => active[column.Index] || (computes && _inputs.Contains(column.Index)))];
    }

    /// <summary>A row or cursor of the input with the added columns: what <see cref="Row"/> and <see cref="RowCursor"/> share.</summary>
    public sealed class Bound(RowMapper mapper, DataViewRow input, bool[] active) : IDisposable
    {
        private readonly RowWork? _work = mapper.Computes(active)
            ? mapper._transformer.Open(input, output => active[mapper.InputSchema.Count + output])
            : null;

        public DataViewRow Input => input;

        public DataViewSchema Schema => mapper.OutputSchema;

        public bool IsActive(DataViewSchema.Column column) => active[column.Index];

        public ValueGetter<T> Getter<T>(DataViewSchema.Column column)
        {
            if (!active[column.Index]) throw new InvalidOperationException($"column '{column.Name}' is not active in this cursor");
            if (column.Index < mapper.InputSchema.Count) return input.GetGetter<T>(mapper.InputSchema[column.Index]);
            return _work!.Getter(column.Index - mapper.InputSchema.Count) as ValueGetter<T>
                ?? throw new InvalidOperationException($"column '{column.Name}' holds {column.Type}, asked for as {typeof(T).Name}");
        }

        public void Dispose()
        {
            _work?.Dispose();
            input.Dispose();
        }
    }

    private sealed class Row(Bound bound) : DataViewRow
    {
        public override long Position => bound.Input.Position;
        public override long Batch => bound.Input.Batch;
        public override DataViewSchema Schema => bound.Schema;
        public override bool IsColumnActive(DataViewSchema.Column column) => bound.IsActive(column);
        public override ValueGetter<DataViewRowId> GetIdGetter() => bound.Input.GetIdGetter();
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => bound.Getter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing) bound.Dispose();
            base.Dispose(disposing);
        }
    }
}
