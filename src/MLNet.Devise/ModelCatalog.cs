using Microsoft.ML;
using MLNet.Devise.Scoring;

namespace MLNet.Devise;

/// <summary>Loads saved models with this library's own operators.</summary>
public static class ModelCatalog
{
    /// <summary>
    /// Loads a model as <c>Model.Load</c> does, but with <c>EmbedImages</c> and <c>NearestLabels</c> where the saved chain has ML.NET's
    /// transformers in their place: batched, with statuses for bad images, and open to other labels.
    /// </summary>
    /// <param name="catalog">The models of an <see cref="MLContext"/>.</param>
    /// <param name="path">A zip that <c>Model.Save</c> wrote, or a bundle's folder.</param>
    /// <param name="inputSchema">The columns that the model was fitted on.</param>
    /// <param name="options">Labels, ranking, folder, threads; <see langword="null"/> leaves all as it was saved.</param>
    /// <returns>The model; dispose it to let go of the networks. A chain without our operators is loaded as it is, unless an option would change them.</returns>
    /// <exception cref="DeviseInputException">There is no such file, it is damaged, of a newer format, or an option does not fit it.</exception>
    /// <example><code>
    /// var other = LabelSpace.FromVec(["otter", "walrus"], "wiki-news-300d-1M.vec");
    /// var model = mlContext.Model.LoadScoring("model.zip", out _, new() { Labels = other });
    /// </code></example>
    public static ITransformer LoadScoring(this ModelOperationsCatalog catalog, string path, out DataViewSchema inputSchema, LoadScoringOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(path);
        // A bundle is checked whole before anything of it is used.
        var file = Directory.Exists(path) ? ModelBundle.Open(path).PipelinePath : path;
        if (!File.Exists(file)) throw new DeviseInputException($"{file}: no such file, expected a model that Model.Save wrote, or a bundle's folder");
        using var saved = new SavedChain(file, options ?? new());
        ITransformer? loaded = null;
        try
        {
            loaded = catalog.Load(file, out inputSchema);
            loaded = saved.Restore(loaded);
            saved.CheckUsed();
            return loaded;
        }
        // What a damaged zip makes of ML.NET's own readers can be anything.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            (loaded as IDisposable)?.Dispose();
            if (e is DeviseInputException) throw;
            throw new DeviseInputException($"{file}: ML.NET cannot load it, expected a model that Model.Save wrote: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
