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

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Shape(inputSchema, transformer.Inputs, transformer.Outputs);

    /// <summary>The shape with columns added; throws where those read are not there.</summary>
    public static SchemaShape Shape(SchemaShape input, IEnumerable<InputColumn> read, IEnumerable<DataViewSchema.DetachedColumn> added)
    {
        foreach (var column in read) column.Check(input);
        var columns = input.ToDictionary(column => column.Name);
        foreach (var output in added) columns[output.Name] = ColumnShape.Of(output);
        return new(columns.Values);
    }
}
