using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Devise.Scoring.Rows;

/// <summary>Data with a transformer's columns added; nothing is computed before a cursor asks.</summary>
internal class RowView(RowMapper mapper, IDataView source) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = mapper.Active(columnsNeeded);
        return Over(source.GetRowCursor(mapper.Needed(active), rand), active);
    }

    public virtual DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = mapper.Active(columnsNeeded);
        return [.. source.GetRowCursorSet(mapper.Needed(active), n, rand).Select(cursor => Over(cursor, active))];
    }

    /// <summary>A cursor with the added columns over one of the source.</summary>
    protected virtual DataViewRowCursor Over(DataViewRowCursor input, bool[] active) => new RowCursor(new(mapper, input, active), input);
}

/// <summary>A cursor of the input with the added columns.</summary>
internal sealed class RowCursor(RowMapper.Bound bound, DataViewRowCursor input) : DataViewRowCursor
{
    public override long Position => input.Position;
    public override long Batch => input.Batch;
    public override DataViewSchema Schema => bound.Schema;
    public override bool MoveNext() => input.MoveNext();
    public override bool IsColumnActive(DataViewSchema.Column column) => bound.IsActive(column);
    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => bound.Getter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing) bound.Dispose();
        base.Dispose(disposing);
    }
}
