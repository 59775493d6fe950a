using Microsoft.ML;

namespace MLNet.Devise.Scoring.Rows;

/// <summary>Hands out a transformer that has nothing to learn, once the schema is known to suit it.</summary>
internal sealed class RowEstimator(RowTransformer transformer) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input)
    {
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        foreach (var column in transformer.Inputs) column.Check(inputSchema);
        var columns = inputSchema.ToDictionary(column => column.Name);
        foreach (var output in transformer.Outputs) columns[output.Name] = ColumnShape.Of(output);
        return new(columns.Values);
    }
}
