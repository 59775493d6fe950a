using Microsoft.ML;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring.Embedding;

/// <summary>Data with the embedder's columns added.</summary>
internal sealed class EmbeddedView(ImageEmbedder embedder, RowMapper mapper, IDataView source) : RowView(mapper, source)
{
    private readonly RowMapper _mapper = mapper;

    /// <summary>One cursor where there is something to compute: it shares out the work itself, and keeps the order.</summary>
    public override DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return _mapper.Computes(_mapper.Active(columns)) ? [GetRowCursor(columns, rand)] : base.GetRowCursorSet(columns, n, rand);
    }

    protected override DataViewRowCursor Over(DataViewRowCursor input, bool[] active) =>
        _mapper.Computes(active) ? new EmbeddingCursor(embedder, _mapper, input, active) : base.Over(input, active);
}
