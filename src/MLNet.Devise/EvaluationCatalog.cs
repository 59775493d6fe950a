using Microsoft.ML;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Evaluation.Views;
using MLNet.Devise.Labels;

namespace MLNet.Devise;

/// <summary>Evaluation of embeddings and of named labels, among ML.NET's own.</summary>
public static class EvaluationCatalog
{
    /// <summary>
    /// Measures embedded images against label vectors, all that <see cref="Evaluator"/> can: naming, zero-shot, generalised zero-shot,
    /// retrieval, calibration, each with an interval.
    /// </summary>
    /// <param name="catalog">The multiclass classification of an <see cref="MLContext"/>.</param>
    /// <param name="data">
    /// Columns <c>embedding</c> (Vector&lt;Single, D&gt; of length 1, as <c>EmbedImages</c> gives it) and <c>Label</c> (Text, or a key with
    /// text values); <c>Path</c> and <c>Split</c> (Text: train, valid or test) where there are such. Rows without a finite embedding, or
    /// with zeros alone, are counted as skipped. Read once; the embeddings are kept in memory.
    /// </param>
    /// <param name="labels">Vectors of every seen and unseen class.</param>
    /// <param name="options">Which classes were trained on, which held out, columns, and what else to measure.</param>
    /// <exception cref="DeviseInputException">A column is missing or of another type, a split is misspelt, or what <see cref="Evaluator.Run"/> refuses.</exception>
    /// <example><code>
    /// var embedded = mlContext.Transforms.EmbedImages(bundle).Fit(rows).Transform(rows);
    /// var result = mlContext.MulticlassClassification.EvaluateEmbeddings(embedded, bundle.Labels, new() { Seen = data.Seen, Unseen = data.Unseen });
    /// Console.WriteLine(result.Report.Generalized?.Harmonic);
    /// </code></example>
    public static EvaluationResult EvaluateEmbeddings(this MulticlassClassificationCatalog catalog, IDataView data, LabelSpace labels, EvaluateEmbeddingsOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(options);
        var (images, skipped) = EmbeddingRows.Read(data, labels, options);
        return Evaluator.Run(new()
        {
            Images = images,
            Labels = labels,
            Seen = options.Seen,
            Unseen = options.Unseen,
            Gamma = options.Gamma,
            Vocabulary = options.Vocabulary,
            Hypernyms = options.Hypernyms,
            Intervals = options.Intervals,
            SkippedImages = skipped,
        });
    }

    /// <summary>
    /// Measures scores of labels, as <c>NearestLabels</c> gives them: how often the true label is among the best k, over images and over
    /// classes, and whether probabilities mean what they say. Where both apply it agrees with ML.NET's <c>Evaluate</c>, which needs the
    /// true labels as keys in the order of the scores and knows one k at a time.
    /// </summary>
    /// <param name="catalog">The multiclass classification of an <see cref="MLContext"/>.</param>
    /// <param name="data">
    /// Columns <c>Score</c> (Vector&lt;Single, labels&gt;, slots named by label) and <c>Label</c> (Text, or a key with text values). Rows
    /// with a missing label or a score that is not finite are counted as skipped. Read once, row by row; scores are not kept.
    /// </param>
    /// <param name="labelColumnName">The true labels.</param>
    /// <param name="scoreColumnName">The scores.</param>
    /// <exception cref="DeviseInputException">A column is missing or of another type, a true label is not among the scored ones, or no row is left.</exception>
    /// <example><code>
    /// var metrics = mlContext.MulticlassClassification.EvaluateLabels(scored);
    /// Console.WriteLine($"{metrics.Rates.Top1:P1} right, {metrics.Rates.Top5:P1} among the first five");
    /// </code></example>
    public static LabelMetrics EvaluateLabels(this MulticlassClassificationCatalog catalog, IDataView data, string labelColumnName = "Label", string scoreColumnName = Scoring.Columns.Score)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        return ScoreRows.Measure(data, labelColumnName, scoreColumnName);
    }
}
