using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Embedding;
using MLNet.Devise.Scoring.Ranking;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise;

/// <summary>MLNet.Devise's estimators among ML.NET's own.</summary>
public static class ScoringCatalog
{
    /// <summary>
    /// Decodes image files: EXIF orientation applied, transparency on white. A file that cannot be read gives a null image, a status
    /// and a reason instead of an exception.
    /// </summary>
    /// <param name="catalog">The transforms of an <see cref="MLContext"/>.</param>
    /// <param name="options">Columns and folder; <see langword="null"/> for <c>Path</c> → <c>Photo</c>, <c>Status</c>, <c>Error</c>.</param>
    /// <returns>Adds an image column and two of text. Saved, it becomes ML.NET's
    /// <c>LoadImages</c> (and <c>ResizeImages</c>, where a side is given), which throws at a bad file.</returns>
    /// <exception cref="DeviseInputException">A column name is empty or given twice, or the folder does not exist.</exception>
    /// <example><code>var view = mlContext.Transforms.LoadPhotos(new() { Folder = "photos" }).Fit(paths).Transform(paths);</code></example>
    public static IEstimator<ITransformer> LoadPhotos(this TransformsCatalog catalog, LoadPhotosOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new RowEstimator(new PhotoLoader(options ?? new()));
    }

    /// <summary>
    /// Runs a bundle's network over images: decodes on several threads, upright and on a background, scales and cuts as training did,
    /// embeds in batches. Rows keep their order, and memory is bounded however many there are. A bad image costs its own row alone. The
    /// fitted model holds the network in memory until it is disposed.
    /// </summary>
    /// <param name="catalog">The transforms of an <see cref="MLContext"/>.</param>
    /// <param name="bundle">An opened bundle.</param>
    /// <param name="options">Columns, folder, what to do with bad images, threads; <see langword="null"/> for <c>Path</c> → <c>embedding</c>, <c>Status</c>, <c>Error</c>.</param>
    /// <returns>
    /// Adds <c>embedding</c> (Vector&lt;Single, D&gt; of length 1; NaN for a bad image), <c>Status</c> and <c>Error</c> (Text). Saved,
    /// it becomes ML.NET's <c>LoadImages</c>, <c>ResizeImages</c>, <c>ExtractPixels</c> and <c>ApplyOnnxModel</c>.
    /// </returns>
    /// <exception cref="DeviseInputException">An option is out of range, the folder does not exist, or the network's file is damaged.</exception>
    /// <example><code>
    /// using var model = mlContext.Transforms.EmbedImages(ModelBundle.Open("bundle")).Fit(paths);
    /// var embedded = model.Transform(paths); // Path, …, embedding, Status, Error
    /// </code></example>
    public static IEstimator<ITransformer> EmbedImages(this TransformsCatalog catalog, ModelBundle bundle, EmbedImagesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(bundle);
        return new ImageEmbedderEstimator(EmbeddingModel.Of(bundle), options ?? new());
    }

    /// <summary>
    /// Names the labels whose vectors lie nearest to an embedding, by cosine or as <see cref="NearestLabelsOptions.Ranking"/> says; equal
    /// ones in order of label index. The labels may be those trained on, any other list, or a whole vocabulary.
    /// </summary>
    /// <param name="catalog">The transforms of an <see cref="MLContext"/>.</param>
    /// <param name="labels">Names and unit vectors of D values.</param>
    /// <param name="options">k and columns; <see langword="null"/> for five labels of <c>embedding</c>.</param>
    /// <returns>
    /// Adds <c>Labels</c> (Vector&lt;Text, k&gt;), <c>Scores</c> (Vector&lt;Single, k&gt;, best first), <c>Similarity</c> (Vector&lt;Single, labels&gt;,
    /// cosines), and for ML.NET's multiclass evaluator <c>PredictedLabel</c> (key) and <c>Score</c> (Vector&lt;Single, labels&gt;). An embedding
    /// that is not finite gets empty labels and NaN. Saved, it becomes ML.NET's ONNX transformer with the labels inside.
    /// </returns>
    /// <exception cref="DeviseInputException">k is not 1..labels, a part of the ranking is out of range, or a column name is empty or given twice.</exception>
    /// <example><code>
    /// var bundle = ModelBundle.Open("bundle");
    /// var nearest = mlContext.Transforms.NearestLabels(bundle.Labels, new() { K = 3 });
    /// </code></example>
    public static IEstimator<ITransformer> NearestLabels(this TransformsCatalog catalog, LabelSpace labels, NearestLabelsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(labels);
        return new RowEstimator(new LabelRanker(labels, options ?? new()));
    }

    /// <summary>The whole chain of a bundle: <c>EmbedImages</c>, then <c>NearestLabels</c>. The fitted model holds the network in memory until it is disposed.</summary>
    /// <param name="catalog">The transforms of an <see cref="MLContext"/>.</param>
    /// <param name="bundle">An opened bundle.</param>
    /// <param name="options">k, labels, ranking, path column, folder, threads; <see langword="null"/> for the defaults.</param>
    /// <returns>Adds the columns of both. Rows whose status is not <c>ok</c> have empty labels and NaN scores.</returns>
    /// <exception cref="DeviseInputException">An option is out of range or does not fit the bundle.</exception>
    /// <example><code>
    /// var mlContext = new MLContext();
    /// var paths = mlContext.Data.LoadFromTextFile("paths.csv", [new("Path", DataKind.String, 0)], ',', hasHeader: true);
    /// using var model = mlContext.Transforms.ScoreImages(ModelBundle.Open("bundle")).Fit(paths);
    /// var scored = model.Transform(paths); // Path, embedding, Status, Error, Labels, Scores, Similarity, PredictedLabel, Score
    /// </code></example>
    public static EstimatorChain<ITransformer> ScoreImages(this TransformsCatalog catalog, ModelBundle bundle, ScoreImagesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(bundle);
        options = (options ?? new()).Validated(bundle);
        return ScoringChain.Build(EmbeddingModel.Of(bundle), options.Labels ?? bundle.Labels, options);
    }
}
