using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Devise.Scoring.Rows;

/// <summary>
/// A transformer that adds columns row by row, over ML.NET's public surface alone (its own base class is closed to others). Rows
/// are computed when they are asked for, and only for active columns.
/// </summary>
internal abstract class RowTransformer : ITransformer
{
    /// <summary>The columns that the added ones are computed from; all of them are read when any is.</summary>
    public abstract IReadOnlyList<InputColumn> Inputs { get; }

    /// <summary>The columns added, in order.</summary>
    public abstract IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    /// <summary>Opens the computation for one cursor or row; its state is that cursor's own.</summary>
    /// <param name="input">Where the inputs are read.</param>
    /// <param name="isActive">Whether an output, by its position, will be asked for.</param>
    public abstract RowWork Open(DataViewRow input, Func<int, bool> isActive);

    /// <summary>A transformer of ML.NET's own that does the same, so that a saved chain loads where this library is not.</summary>
    protected abstract void SaveStock(MLContext context, ModelSaveContext destination);

    bool ITransformer.IsRowToRowMapper => true;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new RowMapper(this, inputSchema).OutputSchema;

    /// <inheritdoc/>
    public virtual IDataView Transform(IDataView input) => new RowView(new RowMapper(this, input.Schema), input);

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(this, inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => SaveStock(new MLContext(), ctx);
}
