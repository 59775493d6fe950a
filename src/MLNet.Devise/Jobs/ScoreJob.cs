using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs;

/// <summary>Scores a folder or a list of images into a file.</summary>
public static class ScoreJob
{
    /// <summary>Lists the images, scores them and writes one row each, in input order.</summary>
    /// <param name="bundle">An opened bundle.</param>
    /// <param name="images">
    /// A folder (all images in and below it, in ordinal order of their relative paths), or a <c>.csv</c> with a <c>Path</c> column
    /// whose relative paths start from the file's own folder. Rows name paths relative to the folder, or as the list has them.
    /// </param>
    /// <param name="output">A <c>.csv</c> or <c>.jsonl</c> file (see <see cref="ScoreFile"/>); appears whole or not at all.</param>
    /// <param name="options">k, labels, embeddings, workers; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Called after each row.</param>
    /// <param name="cancellation">Stops with <see cref="OperationCanceledException"/>; nothing is written then.</param>
    /// <returns>Rows by status.</returns>
    /// <exception cref="DeviseInputException">No such input, another ending, or an option that does not fit the bundle.</exception>
    public static ScoreSummary Run(
        ModelBundle bundle, string images, string output, ScoreJobOptions? options = null, Action<ScoreProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var (root, paths) = ImageInputs.List(images);
        if (Path.GetFullPath(output) == Path.GetFullPath(images)) throw new DeviseInputException($"{output}: both list of images and output, expected another file for the scores");
        var counts = new int[Enum.GetValues<ImageStatus>().Length];
        var done = 0;
        using var scorer = new ImageScorer(bundle, new() { K = options.K, Labels = options.Labels, Provider = options.Provider }, options.Workers);
        ScoreFile.Write(output, Rows(), options.Embeddings);
        return new(done, Enum.GetValues<ImageStatus>().Where(status => counts[(int)status] > 0).ToDictionary(status => status.Name(), status => counts[(int)status]));

        IEnumerable<ScoredImage> Rows()
        {
            foreach (var (path, row) in paths.Zip(scorer.Score(paths.Select(path => Absolute(root, path)), cancellation)))
            {
                yield return row with { Path = path };
                counts[(int)row.Status]++;
                done++;
                progress?.Invoke(new(done, done - counts[(int)ImageStatus.Ok], paths.Count));
            }
        }
    }

    /// <summary>What is no path at all stays as it is: its row will say so.</summary>
    private static string Absolute(string root, string path) => string.IsNullOrWhiteSpace(path) || path.Contains('\0') ? path : Path.GetFullPath(path, root);
}
