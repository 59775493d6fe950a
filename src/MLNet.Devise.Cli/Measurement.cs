using MLNet.Devise.Cli.Progress;
using MLNet.Devise.Data;
using MLNet.Devise.Evaluation;
using MLNet.Devise.Jobs;
using MLNet.Devise.Labels;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Cli;

/// <summary>A bundle against labelled images: from files to figures, without the report.</summary>
internal static class Measurement
{
    /// <summary>Embeds the images that are not trained on, with progress.</summary>
    /// <returns>Rows by the items' paths.</returns>
    public static IReadOnlyList<ScoredImage> Embed(Session session, ModelBundle bundle, ImageDataset data, ExecutionProvider provider = ExecutionProvider.Cpu)
    {
        using var scorer = new ImageScorer(bundle, new() { K = 1, Provider = provider });
        var items = data.Items.Where(item => item.Split != Split.Train).ToArray();
        return ProgressView.Run(session, TimeSpan.FromSeconds(10), view => scorer.Score(items.Select(data.FullPath), session.Cancellation).Zip(items, (row, item) => row with { Path = item.Path })
            .Select((row, i) => { view.Show("embedding", i + 1, items.Length, () => $"{i + 1}/{items.Length} images"); return row; }).ToArray());
    }

    /// <summary>Evaluates scored rows.</summary>
    /// <param name="session">Where words go.</param>
    /// <param name="bundle">The model.</param>
    /// <param name="data">The labels of the rows.</param>
    /// <param name="rows">Rows by the items' paths; rows of the train split are left out.</param>
    /// <param name="labels">The bundle's labels and further ones.</param>
    /// <param name="timing">Seconds by what they were spent on.</param>
    /// <param name="options">What is measured beyond the usual.</param>
    /// <returns>The figures, and a line for each image that could not be read.</returns>
    /// <exception cref="DeviseInputException">The data's classes are not those that the bundle was trained on and can name.</exception>
    public static (EvaluationResult Result, IReadOnlyList<string> Skipped) Of(Session session, ModelBundle bundle, ImageDataset data, IEnumerable<ScoredImage> rows, LabelSpace labels, IReadOnlyDictionary<string, double> timing, MeasurementOptions? options = null)
    {
        CheckClasses(bundle, data, labels);
        var items = data.Items.ToDictionary(item => item.Path, StringComparer.Ordinal);
        var (images, skipped) = (new List<LabelledEmbedding>(), new List<string>());
        foreach (var row in rows)
        {
            if (!items.TryGetValue(row.Path, out var item) || item.Split == Split.Train) continue;
            if (row.Embedding is { } embedding) images.Add(new(item.Path, item.Label, item.Split, embedding.ToArray()));
            else skipped.Add($"{row.Path}: {row.Status.Name()}: {row.Error}");
            items.Remove(row.Path);
        }
        var missing = items.Values.Where(item => item.Split != Split.Train).ToArray();
        if (missing.Length > 0) throw new DeviseInputException($"{data.Folder}: {missing.Length} of its images have no row of scores, for instance {missing[0].Path}; score the data again");
        session.SayAll(skipped, "images skipped");
        var result = Evaluator.Run(new EvaluationInput
        {
            Images = images,
            Labels = labels,
            Seen = data.Seen,
            Unseen = data.Unseen,
            Model = ModelFacts.Of(bundle),
            Stage1Accuracy = bundle.Manifest.Stage1Accuracy,
            Gamma = options?.Gamma ?? bundle.Manifest.Gamma,
            Vocabulary = options?.Vocabulary,
            Hypernyms = options?.Hypernyms,
            Intervals = options?.Intervals ?? new() { Seed = session.Seed ?? 0 },
            TrainImages = data.Of(Split.Train).Count(),
            SkippedImages = skipped.Count,
            Timing = timing,
        });
        return (result, skipped);
    }

    /// <exception cref="DeviseInputException">The data's classes are not those that the bundle was trained on and can name.</exception>
    public static void CheckClasses(ModelBundle bundle, ImageDataset data, LabelSpace labels)
    {
        static string Some(string[] names) => $"{string.Join(", ", names.Take(5))}{(names.Length > 5 ? $" and {names.Length - 5} more" : "")}";
        var strange = data.Seen.Concat(data.Unseen).Where(name => labels.IndexOf(name) < 0).ToArray();
        if (strange.Length > 0) throw new DeviseInputException($"{data.Folder}: {Some(strange)} among the data's classes but not among the bundle's labels, expected the data it was trained on (with its --fold, if it had one; or --labels and --vectors)");
        var trained = data.Unseen.Intersect(bundle.Manifest.Seen, StringComparer.Ordinal).ToArray();
        if (trained.Length > 0) throw new DeviseInputException($"{data.Folder}: {Some(trained)} unseen in the data but trained on by the bundle, so zero-shot figures would be worthless; expected the classes (or the --fold) of its training");
        var untrained = data.Seen.Except(bundle.Manifest.Seen, StringComparer.Ordinal).ToArray();
        if (untrained.Length > 0) throw new DeviseInputException($"{data.Folder}: {Some(untrained)} seen in the data but never trained on by the bundle, so the figures of seen classes would be wrong; expected the --fold of its training, or these classes in testclasses.txt");
    }
}
