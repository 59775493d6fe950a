using Microsoft.ML;
using MLNet.Devise.Audio;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise;

/// <summary>Sound among ML.NET's transforms.</summary>
public static class AudioCatalog
{
    /// <summary>
    /// Draws WAV files as log-mel spectrograms, so that whatever learns from images learns from sounds: <c>EmbedImages</c> with
    /// <c>InputColumnName = "Photo"</c> comes next. A file that cannot be read gives a null image, a status and a reason.
    /// </summary>
    /// <param name="catalog">The transforms of an <see cref="MLContext"/>.</param>
    /// <param name="options">Columns, folder and picture; <see langword="null"/> for <c>Path</c> → <c>Photo</c>, <c>SoundStatus</c>, <c>SoundError</c>.</param>
    /// <returns>Adds an image column and two of text. It cannot be saved (ML.NET has nothing that reads sound): save what comes after it.</returns>
    /// <exception cref="DeviseInputException">An option is out of range, a column name is empty or given twice, or the folder does not exist.</exception>
    /// <example><code>var pictures = mlContext.Transforms.SpectrogramImages(new() { Folder = "sounds" }).Fit(paths).Transform(paths);</code></example>
    public static IEstimator<ITransformer> SpectrogramImages(this TransformsCatalog catalog, SpectrogramImagesOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new RowEstimator(new SpectrogramImager(options ?? new()));
    }
}
