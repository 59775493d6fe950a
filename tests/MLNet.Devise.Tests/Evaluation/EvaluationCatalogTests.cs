using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Evaluation;

namespace MLNet.Devise.Tests.Evaluation;

public sealed class EvaluationCatalogTests
{
    private readonly MLContext _context = new();
    private readonly EvaluationInput _input = Scenario.Random(seen: 9, unseen: 6, further: 5);

    private sealed class Row
    {
        public string Path { get; set; } = "";
        public string Split { get; set; } = "";
        public string Label { get; set; } = "";
        [ColumnName("embedding"), VectorType(12)] public float[] Embedding { get; set; } = [];
    }

    private sealed class NameRow { public string Name { get; set; } = ""; }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Embeddings_in_a_view_give_what_the_evaluator_gives(bool keys)
    {
        var view = Rows([.. _input.Images.Select(Of), new() { Path = "bad.jpg", Split = "valid", Label = "class+0", Embedding = [.. Enumerable.Repeat(float.NaN, 12)] }, new() { Path = "bad2.jpg", Split = "valid", Label = "class+0", Embedding = new float[12] }]);
        if (keys) view = _context.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);
        var result = _context.MulticlassClassification.EvaluateEmbeddings(view, _input.Labels, new() { Seen = _input.Seen, Unseen = _input.Unseen, Gamma = _input.Gamma });
        Assert.Equal(JsonSerializer.Serialize(Evaluator.Run(_input with { SkippedImages = 2, Model = new(0, 0, "unknown") }).Report), JsonSerializer.Serialize(result.Report));
    }

    [Fact]
    public void Without_paths_and_splits_every_row_is_measured()
    {
        var view = _context.Transforms.DropColumns("Path", "Split").Fit(Rows([.. _input.Images.Select(Of)])).Transform(Rows([.. _input.Images.Select(Of)]));
        var data = _context.MulticlassClassification.EvaluateEmbeddings(view, _input.Labels, new() { Seen = _input.Seen, Unseen = _input.Unseen }).Report.Data;
        Assert.Equal(("test", _input.Images.Count), (data.SeenSplit, data.SeenImages + data.UnseenImages));
    }

    [Fact]
    public void Columns_that_do_not_fit_are_refused()
    {
        var view = Rows([.. _input.Images.Select(Of)]);
        var options = new EvaluateEmbeddingsOptions { Seen = _input.Seen, Unseen = _input.Unseen };
        string Refused(IDataView data, EvaluateEmbeddingsOptions how) => Assert.Throws<DeviseInputException>(() => _context.MulticlassClassification.EvaluateEmbeddings(data, _input.Labels, how)).Message;
        Assert.Contains("column 'vector': not among", Refused(view, options with { EmbeddingColumnName = "vector" }));
        Assert.Contains("column 'Truth': not among", Refused(view, options with { LabelColumnName = "Truth" }));
        Assert.Contains("column 'embedding': Vector<Single, 12>, expected Text", Refused(view, options with { LabelColumnName = "embedding" }));
        Assert.Contains("row 0: 'late', expected train, valid or test", Refused(Rows([Of(_input.Images[0] with { }, "late")]), options));
        Assert.Contains("row 0: '1', expected train, valid or test", Refused(Rows([Of(_input.Images[0] with { }, "1")]), options));
        Assert.Contains("column 'Score'", Assert.Throws<DeviseInputException>(() => _context.MulticlassClassification.EvaluateLabels(view)).Message);
        Assert.Contains("column 'Path': String, expected Vector<Single>", Assert.Throws<DeviseInputException>(() => _context.MulticlassClassification.EvaluateLabels(view, scoreColumnName: "Path")).Message);
        Assert.Contains("no names", Assert.Throws<DeviseInputException>(() => _context.MulticlassClassification.EvaluateLabels(view, scoreColumnName: "embedding")).Message);
    }

    [Theory]
    [InlineData(null), InlineData(0.2)]
    public void Labels_agree_with_ML_NETs_own_evaluation(double? temperature)
    {
        var view = Rows([.. _input.Images.Select(Of)]);
        var names = _context.Data.LoadFromEnumerable(_input.Labels.Names.Select(name => new NameRow { Name = name }));
        var scored = _context.Transforms.Conversion.MapValueToKey("Label", keyData: names)
            .Append(_context.Transforms.NearestLabels(_input.Labels, new() { Ranking = new() { Temperature = temperature } })).Fit(view).Transform(view);
        var ours = _context.MulticlassClassification.EvaluateLabels(scored);
        foreach (var (k, rate) in new[] { (1, ours.Rates.Top1), (3, ours.Rates.Top3), (5, ours.Rates.Top5), (10, ours.Rates.Top10) })
            Assert.Equal(_context.MulticlassClassification.Evaluate(scored, topKPredictionCount: k).TopKAccuracy, rate, 1e-9);
        var theirs = _context.MulticlassClassification.Evaluate(scored);
        Assert.Equal(theirs.MicroAccuracy, ours.Rates.Top1, 1e-9);
        Assert.Equal(theirs.MacroAccuracy, ours.Rates.PerClassTop1, 1e-9);
        Assert.InRange(ours.Rates.Top1, 0.2, 0.98);
        Assert.Equal(temperature is not null, ours.Reliability is not null);
        if (ours.Reliability is { } reliability) Assert.Equal(theirs.LogLoss, reliability.LogLoss, 1e-6);
        Assert.Equal(_input.Images.Count, ours.Classes.Sum(c => c.Images));
    }

    [Fact]
    public void Rows_without_scores_are_skipped_and_strange_labels_refused()
    {
        var view = Rows([.. _input.Images.Select(Of), new() { Label = "class+1", Embedding = [.. Enumerable.Repeat(float.NaN, 12)] }, Of(_input.Images[0] with { Label = "" })]);
        var scored = _context.Transforms.NearestLabels(_input.Labels).Fit(view).Transform(view);
        var metrics = _context.MulticlassClassification.EvaluateLabels(scored);
        Assert.Equal((2, _input.Images.Count, _input.Labels.Names.Count), (metrics.Skipped, metrics.Rates.Images, metrics.Rates.Labels));
        var ranked = scored.GetColumn<string[]>("Labels").ToArray();
        Assert.Equal(_input.Images.Zip(ranked, (image, best) => best.Contains(image.Label)).Count(hit => hit) / (double)_input.Images.Count, metrics.Rates.Top5, 1e-12);
        Assert.All(metrics.Classes, c => Assert.Equal(_input.Images.Zip(ranked).Where(pair => pair.First.Label == c.Label).Average(pair => pair.Second[0] == c.Label ? 1.0 : 0), c.Top1, 1e-12));

        var strange = _context.Transforms.NearestLabels(_input.Labels).Fit(view).Transform(Rows([Of(_input.Images[0] with { Label = "yeti" })]));
        Assert.Contains("row 0: 'yeti' is not among the 20 scored labels", Assert.Throws<DeviseInputException>(() => _context.MulticlassClassification.EvaluateLabels(strange)).Message);
    }

    private IDataView Rows(IReadOnlyList<Row> rows) => _context.Data.LoadFromEnumerable(rows);

    private static Row Of(LabelledEmbedding image) => Of(image, image.Split.ToString().ToLowerInvariant());

    private static Row Of(LabelledEmbedding image, string split) => new() { Path = image.Path, Split = split, Label = image.Label, Embedding = image.Embedding };
}
