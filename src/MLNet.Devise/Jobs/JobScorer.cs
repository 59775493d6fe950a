using System.Collections.Concurrent;
using MLNet.Devise.Jobs.Formats;
using MLNet.Devise.Jobs.Inputs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs;

/// <summary>Scores inputs into rows; loads the network when the first is asked for.</summary>
internal sealed class JobScorer(ModelBundle bundle, DeviseJobOptions options, string root, CancellationToken cancellation) : IDisposable
{
    private ImageScorer? _scorer;

    /// <summary>Throws where the options do not fit the bundle: the scorer itself is made only when the first image is at hand.</summary>
    public static void Check(ModelBundle bundle, DeviseJobOptions options) => Scoring(options).Validated(bundle).Embedding.Validated();

    /// <summary>One row an input, in order, as they are asked for.</summary>
    public IEnumerable<ScoreRow> Score(IEnumerable<InputRow> inputs)
    {
        _scorer ??= new ImageScorer(bundle, Scoring(options));
        // The scorer takes paths a little ahead, perhaps on a thread of its own; what belongs to them waits here.
        var underway = new ConcurrentQueue<InputRow>();
        foreach (var image in _scorer.Score(inputs.Select(Path), cancellation))
        {
            if (!underway.TryDequeue(out var input)) throw new InvalidOperationException("more scores than inputs");
            yield return new(image with { Path = input.Path, Embedding = options.Embeddings ? image.Embedding : null }, input.Kept);
        }
        if (!underway.IsEmpty) throw new InvalidOperationException("fewer scores than inputs");

        string Path(InputRow input)
        {
            underway.Enqueue(input);
            return Absolute(input.Path);
        }
    }

    public void Dispose() => _scorer?.Dispose();

    private static ScoreImagesOptions Scoring(DeviseJobOptions options) =>
        new() { K = options.K, Labels = options.Labels, Ranking = options.Ranking, Provider = options.Provider, Workers = options.Workers };

    /// <summary>What is no path at all stays as it is: its row will say so.</summary>
    private string Absolute(string path) => string.IsNullOrWhiteSpace(path) || path.Contains('\0') ? path : System.IO.Path.GetFullPath(path, root);
}
