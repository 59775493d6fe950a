using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;
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

    /// <summary>Names the labels whose vectors lie nearest to an embedding, by cosine; equal ones in order of label index.</summary>
    /// <param name="catalog">The transforms of an <see cref="MLContext"/>.</param>
    /// <param name="labels">Names and unit vectors of D values.</param>
    /// <param name="options">k and columns; <see langword="null"/> for five labels of <c>embedding</c>.</param>
    /// <returns>
    /// Adds <c>Labels</c> (Vector&lt;Text, k&gt;), <c>Scores</c> (Vector&lt;Single, k&gt;, −1..1, best first) and <c>Similarity</c>
    /// (Vector&lt;Single, labels&gt; with slot names). An embedding that is not finite gets empty labels and NaN. Saved, it becomes
    /// ML.NET's ONNX transformer with the labels inside.
    /// </returns>
    /// <exception cref="DeviseInputException">k is not 1..labels, or a column name is empty or given twice.</exception>
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

    /// <summary>
    /// The whole chain of a bundle: load photos as squares, extract pixels, run the network, name the nearest labels. The
    /// fitted model holds the network in memory until it is disposed.
    /// </summary>
    /// <param name="catalog">The transforms of an <see cref="MLContext"/>.</param>
    /// <param name="bundle">An opened bundle.</param>
    /// <param name="options">k, labels, path column, folder, threads; <see langword="null"/> for the defaults.</param>
    /// <returns>Adds every column of <see cref="Columns"/> to one of paths. Rows whose status is not <c>ok</c> have empty labels and NaN scores.</returns>
    /// <exception cref="DeviseInputException">An option is out of range or does not fit the bundle.</exception>
    /// <example><code>
    /// var mlContext = new MLContext();
    /// var paths = mlContext.Data.LoadFromTextFile("paths.csv", [new("Path", DataKind.String, 0)], ',', hasHeader: true);
    /// using var model = mlContext.Transforms.ScoreImages(ModelBundle.Open("bundle")).Fit(paths);
    /// var scored = model.Transform(paths); // Path, …, Status, Error, embedding, Labels, Scores, Similarity
    /// </code></example>
    public static EstimatorChain<ITransformer> ScoreImages(this TransformsCatalog catalog, ModelBundle bundle, ScoreImagesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(bundle);
        options = (options ?? new()).Validated(bundle);
        return ScoringChain.Build(catalog, bundle.OnnxPath, bundle.Manifest.ImageSize, bundle.Manifest.Scaling, options.Labels ?? bundle.Labels, options);
    }
}
