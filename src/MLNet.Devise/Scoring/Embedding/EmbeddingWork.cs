using Microsoft.ML;
using MLNet.Devise.Scoring.Engine;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring.Embedding;

/// <summary>The columns of one row, computed when the first of them is asked for.</summary>
internal sealed class EmbeddingWork(ImageEmbedder embedder, DataViewRow input) : RowWork(input)
{
    private readonly DataViewRow _input = input;
    private readonly Func<ImageSource, ImageSource> _read = embedder.Reader(input);
    private readonly EmbeddingBatch _batch = new(1, embedder.Engine.Dimension) { Count = 1 };

    public override Delegate Getter(int output) => embedder.Getter(output, () =>
    {
        Refresh();
        return (_batch, 0);
    });

    protected override void Compute()
    {
        _batch.Sources[0] = _read(_batch.Sources[0]);
        embedder.Engine.Embed(_batch, embedder.Options.Cancellation);
        embedder.CheckPolicy(_batch, 0, _input.Position);
    }
}
