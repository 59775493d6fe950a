using Microsoft.ML;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring.Embedding;

/// <summary>Loads the network for each model fitted: each is disposed by its own owner.</summary>
internal sealed class ImageEmbedderEstimator : IEstimator<ITransformer>
{
    private readonly EmbeddingModel _model;
    private readonly EmbedImagesOptions _options;

    public ImageEmbedderEstimator(EmbeddingModel model, EmbedImagesOptions options)
    {
        (_model, _options) = (model, options.Validated());
        // A folder that is not there is a mistake of now, not of the first row.
        _ = new PathRule(options.Folder);
    }

    public ITransformer Fit(IDataView input)
    {
        var column = new ImageColumn(_options.InputColumnName);
        column.Check(input.Schema);
        return new ImageEmbedder(_model, _options, ImageColumn.KindOf(input.Schema[column.Name].Type)!.Value);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        RowEstimator.Shape(inputSchema, [new ImageColumn(_options.InputColumnName)], ImageEmbedder.OutputsOf(_options, _model.Dimension));
}
