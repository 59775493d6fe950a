using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Tests.Scoring;

public sealed class NearestLabelsTests : IDisposable
{
    private const int Dimension = TinyBundle.Dimension;
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new();
    private readonly LabelSpace _labels = TinyBundle.Space();

    private sealed class None;
    private sealed class Row
    {
        public string Path { get; set; } = "";
        public string Status { get; set; } = "ok";
        [ColumnName("embedding"), VectorType(Dimension)] public float[] Embedding { get; set; } = [];
    }
    private sealed class ShortRow { [ColumnName("embedding"), VectorType(Dimension - 1)] public float[] Embedding { get; set; } = []; }
    private sealed class FreeRow { [ColumnName("embedding")] public float[] Embedding { get; set; } = []; }
    private sealed class DoubleRow { [ColumnName("embedding"), VectorType(Dimension)] public double[] Embedding { get; set; } = []; }
    private sealed class Ranked
    {
        public string[] Labels { get; set; } = [];
        public float[] Scores { get; set; } = [];
        public float[] Similarity { get; set; } = [];
    }

    [Fact]
    public void It_behaves_as_a_transformer_of_ML_NETs_own()
    {
        foreach (var options in (NearestLabelsOptions[])[new() { K = 3 }, new() { K = 3, StatusColumnName = "Status" }])
        {
            Workout.Run<VBuffer<ReadOnlyMemory<char>>>(_context.Transforms.NearestLabels(_labels, options), Data(Random(9)), Columns.Labels);
            Workout.Run<VBuffer<float>>(_context.Transforms.NearestLabels(_labels, options), Data(Random(9)), Columns.Similarity);
        }
    }

    [Theory]
    [InlineData(1), InlineData(3), InlineData(TinyBundle.Labels)]
    public void It_ranks_as_plain_loops_in_doubles_do(int k)
    {
        var rows = Random(200);
        var ranked = Rank(new() { K = k }, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            var cosines = _labels.Names.Select((_, label) => Cosine(rows[i].Embedding, _labels.Vector(label).ToArray())).ToArray();
            var best = Enumerable.Range(0, cosines.Length).OrderByDescending(label => cosines[label]).Take(k).ToArray();
            Assert.Equal(best.Select(label => _labels.Names[label]), ranked[i].Labels);
            for (var j = 0; j < k; j++) Assert.Equal(cosines[best[j]], ranked[i].Scores[j], 1e-5);
            for (var label = 0; label < cosines.Length; label++) Assert.Equal(cosines[label], ranked[i].Similarity[label], 1e-5);
        }
    }

    [Fact]
    public void Labels_of_the_same_vector_come_in_order_of_index()
    {
        var vector = TinyBundle.Random(Dimension, 3);
        var twins = new LabelSpace(["far", "b", "a", "c"], [.. vector.Select(value => -value), .. vector, .. vector, .. vector]);
        var row = Assert.Single(Rank(new() { K = 4 }, [new Row { Embedding = vector }], twins));
        Assert.Equal(["b", "a", "c", "far"], row.Labels);
    }

    [Fact]
    public void A_vector_of_zeros_scores_0_and_one_that_is_not_finite_has_no_label()
    {
        var odd = new[] { new float[Dimension], [float.NaN, 1, 1, 1, 1, 1, 1, 1], [float.PositiveInfinity, 1, 1, 1, 1, 1, 1, 1], TinyBundle.Random(Dimension, 1) };
        var ranked = Rank(new() { K = 2 }, [.. odd.Select(values => new Row { Embedding = values })]);
        Assert.Equal(["label+0", "label+1"], ranked[0].Labels);
        Assert.Equal([0, 0], ranked[0].Scores);
        foreach (var row in ranked[1..3])
        {
            Assert.Equal(["", ""], row.Labels);
            Assert.All([.. row.Scores, .. row.Similarity], score => Assert.True(float.IsNaN(score)));
        }
        Assert.DoesNotContain("", ranked[3].Labels);
    }

    [Fact]
    public void Rows_whose_status_is_not_ok_have_no_label()
    {
        var rows = Random(3);
        rows[1].Status = "corrupt";
        var ranked = Rank(new() { K = 2, StatusColumnName = "Status" }, rows);
        Assert.Equal(["", ""], ranked[1].Labels);
        Assert.All([.. ranked[1].Scores, .. ranked[1].Similarity], score => Assert.True(float.IsNaN(score)));
        Assert.All([ranked[0], ranked[2]], row => Assert.DoesNotContain("", row.Labels));
        Assert.DoesNotContain("", Rank(new() { K = 2 }, rows)[1].Labels);
    }

    [Fact]
    public void Similarities_are_named_by_label()
    {
        var data = Data(Random(1));
        var schema = _context.Transforms.NearestLabels(_labels).Fit(data).Transform(data).Schema;
        VBuffer<ReadOnlyMemory<char>> slots = default;
        schema[Columns.Similarity].GetSlotNames(ref slots);
        Assert.Equal(_labels.Names, slots.DenseValues().Select(name => name.ToString()));
        Assert.Equal((5, 5, TinyBundle.Labels), (Size(schema[Columns.Labels]), Size(schema[Columns.Scores]), Size(schema[Columns.Similarity])));
    }

    [Fact]
    public void It_joins_chains_under_other_column_names_and_serves_a_prediction_engine()
    {
        var data = Data(Random(1));
        var options = new NearestLabelsOptions { K = 2, EmbeddingColumnName = "vector", LabelsColumnName = "Labels", ScoresColumnName = "s", SimilarityColumnName = "Similarity" };
        var chain = _context.Transforms.CopyColumns("vector", "embedding").Append(_context.Transforms.NearestLabels(_labels, options)).Append(_context.Transforms.CopyColumns("Scores", "s"));
        using var model = chain.Fit(data);
        var rows = Random(5);
        var expected = Rank(new() { K = 2 }, rows);
        using var engine = _context.Model.CreatePredictionEngine<Row, Ranked>(model);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = engine.Predict(rows[i]);
            Assert.Equal(expected[i].Labels, row.Labels);
            Assert.Equal(expected[i].Scores, row.Scores);
            Assert.Equal(expected[i].Similarity, row.Similarity);
        }
    }

    [Fact]
    public void Saved_it_is_stock_and_ranks_the_same()
    {
        var rows = Random(50);
        rows[7].Embedding = new float[Dimension];
        var data = Data(rows);
        var model = _context.Transforms.NearestLabels(_labels, new() { K = 4 }).Fit(data);
        _context.Model.Save(model, data.Schema, _folder["model.zip"]);
        var loaded = _context.Model.Load(_folder["model.zip"], out _);
        Assert.StartsWith("Microsoft.ML", loaded.GetType().Namespace, StringComparison.Ordinal);
        var (ours, stock) = (Read(model.Transform(data)), Read(loaded.Transform(data)));
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(ours[i].Labels, stock[i].Labels);
            for (var j = 0; j < 4; j++) Assert.Equal(ours[i].Scores[j], stock[i].Scores[j], 1e-5f);
        }
        VBuffer<ReadOnlyMemory<char>> slots = default;
        loaded.Transform(data).Schema[Columns.Similarity].GetSlotNames(ref slots);
        Assert.Equal(_labels.Names, slots.DenseValues().Select(name => name.ToString()));
        (loaded as IDisposable)?.Dispose();
    }

    [Fact]
    public void A_missing_column_a_wrong_type_and_a_wrong_length_are_named()
    {
        var estimator = _context.Transforms.NearestLabels(_labels);
        var missing = Assert.Throws<DeviseInputException>(() => estimator.GetOutputSchema(new([])));
        Assert.Equal("column 'embedding': not among the columns , expected Vector<Single, 8>", missing.Message);
        Fails<ShortRow>("column 'embedding': Vector<Single, 7>, expected Vector<Single, 8>", shapeToo: false);
        Fails<FreeRow>("column 'embedding': Vector<Single>, expected Vector<Single, 8>", shapeToo: true);
        Fails<DoubleRow>("column 'embedding': Vector<Double, 8>, expected Vector<Single, 8>", shapeToo: true);
        var noStatus = Assert.Throws<DeviseInputException>(() => _context.Transforms.NearestLabels(_labels, new() { StatusColumnName = "State" }).Fit(Data(Random(1))));
        Assert.StartsWith("column 'State': not among the columns Path, Status, embedding", noStatus.Message, StringComparison.Ordinal);

        void Fails<T>(string message, bool shapeToo) where T : class, new()
        {
            var data = _context.Data.LoadFromEnumerable<T>([]);
            var shape = _context.Transforms.CustomMapping<None, T>((_, _) => { }, null).GetOutputSchema(new([]));
            if (shapeToo) Assert.Throws<DeviseInputException>(() => estimator.GetOutputSchema(shape));
            else estimator.GetOutputSchema(shape);
            Assert.Equal(message, Assert.Throws<DeviseInputException>(() => estimator.Fit(data)).Message);
        }
    }

    [Theory]
    [InlineData(0), InlineData(-1), InlineData(TinyBundle.Labels + 1)]
    public void K_must_be_1_to_the_number_of_labels(int k)
    {
        var error = Assert.Throws<DeviseInputException>(() => _context.Transforms.NearestLabels(_labels, new() { K = k }));
        Assert.Equal($"k: {k}, expected 1 to 7, the number of labels", error.Message);
    }

    [Fact]
    public void It_reads_each_embedding_once_a_row_and_none_for_other_columns()
    {
        var rows = Random(4).ToList();
        var read = 0;
        var counted = _context.Transforms.CustomMapping<Row, FixedRow>((row, output) =>
        {
            Interlocked.Increment(ref read);
            output.Vector = row.Embedding;
        }, null).Fit(_context.Data.LoadFromEnumerable(rows)).Transform(_context.Data.LoadFromEnumerable(rows));
        var view = _context.Transforms.NearestLabels(_labels, new() { EmbeddingColumnName = "Vector" }).Fit(counted).Transform(counted);
        Workout.Rows<ReadOnlyMemory<char>>(view, "Status");
        Assert.Equal(0, read);
        Read(view);
        Assert.Equal(rows.Count, read);
    }

    public void Dispose() => _folder.Dispose();

    private sealed class FixedRow { [VectorType(Dimension)] public float[] Vector { get; set; } = []; }

    private static Row[] Random(int count) => [.. Enumerable.Range(0, count).Select(i => new Row { Path = $"{i:D4}", Embedding = TinyBundle.Random(Dimension, i) })];

    private IDataView Data(Row[] rows) => _context.Data.LoadFromEnumerable(rows.ToList());

    private Ranked[] Rank(NearestLabelsOptions options, Row[] rows, LabelSpace? labels = null) =>
        Read(_context.Transforms.NearestLabels(labels ?? _labels, options).Fit(Data(rows)).Transform(Data(rows)));

    private Ranked[] Read(IDataView view) => [.. _context.Data.CreateEnumerable<Ranked>(view, reuseRowObject: false)];

    private static int Size(DataViewSchema.Column column) => ((VectorDataViewType)column.Type).Size;

    private static double Cosine(float[] a, float[] b) =>
        a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(y => (double)y * y));
}
