using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;
using MLNet.Devise.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring.Rows;
using MLNet.Devise.Search;

namespace MLNet.Devise.Scoring;

/// <summary>Embedding → nearest labels by cosine. Saved as ML.NET's own <see cref="OnnxTransformer"/> over <see cref="LabelGraph"/>.</summary>
/// <remarks>A vector of zeros has cosine 0 with every label, as in ONNX; one that is not finite gets no label and NaN scores.</remarks>
internal sealed class LabelRanker(LabelSpace labels, NearestLabelsOptions options) : RowTransformer
{
    private readonly NearestLabelsOptions _options = options.Validated(labels.Names.Count);
    private readonly ReadOnlyMemory<char>[] _names = [.. labels.Names.Select(name => name.AsMemory())];

    public override IReadOnlyList<InputColumn> Inputs => _options.StatusColumnName is null
        ? [new(_options.EmbeddingColumnName, NumberDataViewType.Single, labels.Dimension)]
        : [new(_options.EmbeddingColumnName, NumberDataViewType.Single, labels.Dimension), new(_options.StatusColumnName, TextDataViewType.Instance)];

    public override IReadOnlyList<DataViewSchema.DetachedColumn> Outputs =>
    [
        new(_options.LabelsColumnName, new VectorDataViewType(TextDataViewType.Instance, _options.K), null),
        new(_options.ScoresColumnName, new VectorDataViewType(NumberDataViewType.Single, _options.K), null),
        new(_options.SimilarityColumnName, new VectorDataViewType(NumberDataViewType.Single, _names.Length), SlotNames()),
    ];

    public override RowWork Open(DataViewRow input, Func<int, bool> isActive) => new Work(this, labels, input);

    protected override void SaveStock(MLContext context, ModelSaveContext destination)
    {
        // From a file, because ML.NET keeps a copy in the temp folder of every model that it reads from a stream.
        var folder = Directory.CreateTempSubdirectory("devise-");
        try
        {
            var file = Path.Combine(folder.FullName, "labels.onnx");
            WholeFile.Write(file, stream => stream.Write(LabelGraph.Build(labels, _options)));
            string[] outputs = [_options.LabelsColumnName, _options.ScoresColumnName, _options.SimilarityColumnName];
            using var stock = context.Transforms.ApplyOnnxModel(outputs, [_options.EmbeddingColumnName], file).Fit(Empty(context));
            ((ICanSaveModel)stock).Save(destination);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private IDataView Empty(MLContext context)
    {
        var definition = SchemaDefinition.Create(typeof(Embedded));
        (definition[0].ColumnName, definition[0].ColumnType) = (_options.EmbeddingColumnName, new VectorDataViewType(NumberDataViewType.Single, labels.Dimension));
        return context.Data.LoadFromEnumerable<Embedded>([], definition);
    }

    private DataViewSchema.Annotations SlotNames()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = (ref VBuffer<ReadOnlyMemory<char>> value) => Fill(ref value, _names);
        annotations.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, _names.Length), getter);
        return annotations.ToAnnotations();
    }

    private static void Fill<T>(ref VBuffer<T> value, ReadOnlySpan<T> items)
    {
        var editor = VBufferEditor.Create(ref value, items.Length);
        items.CopyTo(editor.Values);
        value = editor.Commit();
    }

    private sealed class Embedded
    {
        public VBuffer<float> Value { get; set; }
    }

    private sealed class Work : RowWork
    {
        private readonly LabelRanker _ranker;
        private readonly LabelSpace _labels;
        private readonly ValueGetter<VBuffer<float>> _getEmbedding;
        private readonly ValueGetter<ReadOnlyMemory<char>>? _getStatus;
        private VBuffer<float> _embedding;
        private ReadOnlyMemory<char> _status;
        private readonly float[] _unit, _similarity, _scores;
        private readonly ulong[] _ranks;
        private readonly ReadOnlyMemory<char>[] _best;

        public Work(LabelRanker ranker, LabelSpace labels, DataViewRow input) : base(input)
        {
            (_ranker, _labels) = (ranker, labels);
            _getEmbedding = input.GetGetter<VBuffer<float>>(input.Schema[ranker._options.EmbeddingColumnName]);
            if (ranker._options.StatusColumnName is { } status) _getStatus = input.GetGetter<ReadOnlyMemory<char>>(input.Schema[status]);
            (_unit, _similarity) = (new float[labels.Dimension], new float[labels.Names.Count]);
            (_scores, _ranks, _best) = (new float[ranker._options.K], new ulong[ranker._options.K], new ReadOnlyMemory<char>[ranker._options.K]);
        }

        public override Delegate Getter(int output) => output switch
        {
            0 => (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)GetLabels,
            1 => (ValueGetter<VBuffer<float>>)GetScores,
            _ => (ValueGetter<VBuffer<float>>)GetSimilarity,
        };

        protected override void Compute()
        {
            _getStatus?.Invoke(ref _status);
            if ((_getStatus is null || _status.Span.SequenceEqual(ImageStatus.Ok.Name())) && ReadUnit()) Rank();
            else
            {
                Array.Clear(_best);
                Array.Fill(_scores, float.NaN);
                Array.Fill(_similarity, float.NaN);
            }
        }

        /// <summary>Reads the embedding at length 1; false where it has no finite length.</summary>
        private bool ReadUnit()
        {
            _getEmbedding(ref _embedding);
            if (_embedding.Length != _unit.Length)
                throw new DeviseInputException($"column '{_ranker._options.EmbeddingColumnName}': a row of {_embedding.Length} values, expected {_unit.Length}");
            _embedding.CopyTo(_unit);
            var length = TensorPrimitives.Norm<float>(_unit);
            if (!float.IsFinite(length)) return false;
            if (length > 0) TensorPrimitives.Divide(_unit, length, _unit);
            return true;
        }

        private void Rank()
        {
            _labels.Cosines(_unit, _similarity);
            TopK.Pick(_similarity, _ranks);
            for (var i = 0; i < _ranks.Length; i++)
            {
                var label = TopK.Row(_ranks[i]);
                (_best[i], _scores[i]) = (_ranker._names[label], _similarity[label]);
            }
        }

        private void GetLabels(ref VBuffer<ReadOnlyMemory<char>> value)
        {
            Refresh();
            Fill(ref value, _best);
        }

        private void GetScores(ref VBuffer<float> value)
        {
            Refresh();
            Fill(ref value, _scores);
        }

        private void GetSimilarity(ref VBuffer<float> value)
        {
            Refresh();
            Fill(ref value, _similarity);
        }
    }
}
