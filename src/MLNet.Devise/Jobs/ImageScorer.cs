using System.Collections.Concurrent;
using MLNet.Devise.Scoring;
using MLNet.Devise.Scoring.Embedding;
using MLNet.Devise.Scoring.Engine;
using MLNet.Devise.Scoring.Ranking;

namespace MLNet.Devise.Jobs;

/// <summary>Scores image files in memory, several at a time, in the order they were given. Safe to use from several threads.</summary>
/// <remarks>The engine of <c>EmbedImages</c> and the ranking of <c>NearestLabels</c>, without data views.</remarks>
public sealed class ImageScorer : IDisposable
{
    private readonly EmbeddingEngine _engine;
    private readonly LabelScorer _labels;
    private readonly CancellationToken _stop;
    private readonly ConcurrentBag<RankedLabels[]> _free = [];

    /// <summary>Loads a bundle's network.</summary>
    /// <param name="bundle">An opened bundle.</param>
    /// <param name="options">k, labels, folder; <see langword="null"/> for the defaults.</param>
    /// <param name="workers">Images at a time; <see langword="null"/> for the options' number, else one a processor.</param>
    /// <exception cref="DeviseInputException">An option is out of range or does not fit the bundle.</exception>
    public ImageScorer(ModelBundle bundle, ScoreImagesOptions? options = null, int? workers = null)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        options = (options ?? new()).Validated(bundle);
        options = options with { Workers = workers ?? options.Workers };
        _labels = new(options.Labels ?? bundle.Labels, options.Ranking, options.K);
        _engine = EmbeddingModel.Of(bundle).Load(options.Embedding.Validated());
        _stop = options.Cancellation;
    }

    /// <summary>Scores files as they are asked for; reads at most some batches of paths ahead.</summary>
    /// <param name="paths">Absolute paths, or paths relative to the options' folder.</param>
    /// <param name="cancellation">Ends the enumeration with <see cref="OperationCanceledException"/>.</param>
    /// <returns>One row a path, in order; a file that cannot be read has a status instead of labels.</returns>
    public IEnumerable<ScoredImage> Score(IEnumerable<string> paths, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Stream(paths, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _engine.Dispose();

    private IEnumerable<ScoredImage> Stream(IEnumerable<string> paths, CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop);
        using var source = paths.GetEnumerator();
        using var pump = new BatchPump<ScoredBatch>(_engine.Layout.Workers, () => new(_engine, Math.Max(_engine.Layout.BatchSize, _labels.Together)), batch => Fill(batch, source), Work, both.Token);
        while (pump.Next() is { } batch)
            for (var row = 0; row < batch.Count; row++)
            {
                both.Token.ThrowIfCancellationRequested();
                yield return batch.Rows[row];
            }
    }

    private static void Fill(ScoredBatch batch, IEnumerator<string> paths)
    {
        for (batch.Count = 0; batch.Count < batch.Limit && paths.MoveNext(); batch.Count++) batch.Sources[batch.Count] = new(Path: paths.Current);
    }

    private void Work(ScoredBatch batch, CancellationToken cancellation)
    {
        _engine.Embed(batch, cancellation);
        if (!_free.TryTake(out var ranked)) ranked = [.. Enumerable.Range(0, batch.Capacity).Select(_ => new RankedLabels(_labels))];
        var good = 0;
        for (var row = 0; row < batch.Count; row++)
            if (batch.Statuses[row] == ImageStatus.Ok) ranked[good++].Take(batch.Embedding(row));
        _labels.RankAll(ranked.AsSpan(0, good));
        for (var (row, next) = (0, 0); row < batch.Count; row++)
            batch.Rows[row] = batch.Statuses[row] == ImageStatus.Ok ? Row(batch, row, ranked[next++]) : new(batch.Sources[row].Path!, batch.Statuses[row], batch.Errors[row], [], [], null);
        _free.Add(ranked);
    }

    private ScoredImage Row(ScoredBatch batch, int row, RankedLabels ranked) =>
        new(batch.Sources[row].Path!, ImageStatus.Ok, "", Array.ConvertAll(ranked.Best, _labels.Name), [.. ranked.BestScores], batch.Embedding(row).ToArray());

    private sealed class ScoredBatch(EmbeddingEngine engine, int images) : EmbeddingBatch(images, engine.Dimension)
    {
        public ScoredImage[] Rows { get; } = new ScoredImage[images];
    }
}
