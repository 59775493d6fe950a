using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Scoring.Ranking;

/// <summary>Embedding → nearest labels. Saved as ML.NET's own <see cref="OnnxTransformer"/> over <see cref="LabelGraph"/>.</summary>
/// <remarks>A vector of zeros has cosine 0 with every label, as in ONNX; one that is not finite gets no label and NaN scores.</remarks>
internal sealed class LabelRanker : RowTransformer
{
    private readonly ReadOnlyMemory<char>[] _names;

    public LabelRanker(LabelSpace labels, NearestLabelsOptions options)
    {
        Options = options.Validated();
        Scorer = new(labels, options.Ranking, options.K);
        _names = [.. labels.Names.Select(name => name.AsMemory())];
    }

    public NearestLabelsOptions Options { get; }

    public LabelScorer Scorer { get; }

    public override IReadOnlyList<InputColumn> Inputs
    {
        get
        {
            var embedding = new ValueColumn(Options.EmbeddingColumnName, NumberDataViewType.Single, Scorer.Labels.Dimension);
            return Options.StatusColumnName is null ? [embedding] : [embedding, new ValueColumn(Options.StatusColumnName, TextDataViewType.Instance)];
        }
    }

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs
    {
        get
        {
            var slots = Named("SlotNames");
            var (best, all) = (new VectorDataViewType(NumberDataViewType.Single, Options.K), new VectorDataViewType(NumberDataViewType.Single, _names.Length));
            DataViewSchema.DetachedColumn[] always =
            [
                new(Options.LabelsColumnName, new VectorDataViewType(TextDataViewType.Instance, Options.K), null),
                new(Options.ScoresColumnName, best, null),
                new(Options.SimilarityColumnName, all, slots),
                new(Options.PredictedLabelColumnName, new KeyDataViewType(typeof(uint), _names.Length), Named("KeyValues")),
                new(Options.ScoreColumnName, all, slots),
            ];
            return Options.Ranking.Temperature is null ? always : [.. always, new(Options.ProbabilitiesColumnName, best, null)];
        }
    }

    public override RowWork Open(DataViewRow input, Func<int, bool> isActive) => new LabelWork(this, input);

    protected override void SaveStock(MLContext context, ModelSaveContext destination) => StockLabels.Save(context, destination, Scorer.Labels, Options);

    private DataViewSchema.Annotations Named(string annotation)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = (ref VBuffer<ReadOnlyMemory<char>> value) => LabelWork.Fill(ref value, _names);
        annotations.Add(annotation, new VectorDataViewType(TextDataViewType.Instance, _names.Length), getter);
        return annotations.ToAnnotations();
    }
}
