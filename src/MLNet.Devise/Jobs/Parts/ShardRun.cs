using MLNet.Devise.Jobs.Formats;
using MLNet.Devise.Jobs.Inputs;
using MLNet.Devise.Scoring;

namespace MLNet.Devise.Jobs.Parts;

/// <summary>Scores what is missing of a shard: one stream of inputs through the network, cut into parts as it comes out.</summary>
internal sealed class ShardRun(PartFolder folder, JobIdentity job, JobShard shard, DeviseJobOptions options, Action<ScoreProgress>? progress, CancellationToken cancellation)
{
    private readonly StatusCounts _counts = new();
    private long _total, _resumed, _retried;

    public ScoreSummary Run(ImageInputs inputs, JobScorer scorer)
    {
        var work = new List<(PlannedPart Part, bool Retry)>();
        foreach (var part in PartPlan.Of(job, shard))
        {
            _total += part.Rows;
            var stats = Finished(part);
            if (stats is null) work.Add((part, false));
            else if (options.RetryFailed && stats.Bad > 0) work.Add((part, true));
            else
            {
                _counts.Add(stats.ByStatus);
                _resumed += part.Rows;
            }
        }
        Check("in parts finished before");
        if (work.Count > 0)
        {
            using var scored = scorer.Score(Pending(inputs, work)).GetEnumerator();
            foreach (var (part, retry) in work) folder.Commit(part.Name, job, part.FirstRow, retry ? Mended(part, scored) : Fresh(part, scored));
        }
        return new(_total, _counts.ToDictionary(), _resumed, _retried);
    }

    /// <summary>The commit marker of a part that is whole.</summary>
    private StatsFile? Finished(PlannedPart part)
    {
        var marker = folder.Marker(part.Name);
        if (!File.Exists(marker)) return null;
        var stats = StatsFile.Read(marker);
        return stats.FirstRow == part.FirstRow && stats.Rows == part.Rows && stats.Fits(folder.Rows(part.Name), deep: false) ? stats : null;
    }

    /// <summary>The inputs to score: all of a missing part, the failed ones of one that is tried again.</summary>
    private IEnumerable<InputRow> Pending(ImageInputs inputs, List<(PlannedPart Part, bool Retry)> work)
    {
        using var rows = inputs.Rows().GetEnumerator();
        var at = 0L;
        foreach (var (part, retry) in work)
        {
            while (at < part.FirstRow) Move();
            var failed = retry ? ParquetScores.Read(folder.Rows(part.Name)).Select(row => row.Image.Status != ImageStatus.Ok).ToArray() : null;
            for (var i = 0; i < part.Rows; i++)
            {
                Move();
                if (failed?[i] ?? true) yield return rows.Current;
            }
        }

        void Move()
        {
            if ((at & 1023) == 0) cancellation.ThrowIfCancellationRequested();
            if (!rows.MoveNext()) throw new DeviseInputException($"the list of images ends after {at} rows, expected {job.Rows}: it changed while the job ran; start again with --restart");
            at++;
        }
    }

    private IEnumerable<ScoreRow> Fresh(PlannedPart part, IEnumerator<ScoreRow> scored)
    {
        for (var i = 0; i < part.Rows; i++) yield return Counted(Next(scored));
    }

    /// <summary>A part's rows, those that had failed in their new state.</summary>
    private IEnumerable<ScoreRow> Mended(PlannedPart part, IEnumerator<ScoreRow> scored)
    {
        foreach (var row in ParquetScores.Read(folder.Rows(part.Name)))
        {
            var failed = row.Image.Status != ImageStatus.Ok;
            if (failed) _retried++;
            else _resumed++;
            yield return Counted(failed ? Next(scored) : row);
        }
    }

    private static ScoreRow Next(IEnumerator<ScoreRow> scored) => scored.MoveNext() ? scored.Current : throw new InvalidOperationException("fewer scores than inputs");

    private ScoreRow Counted(ScoreRow row)
    {
        _counts.Add(row.Image.Status);
        if (row.Image.Status != ImageStatus.Ok) Check($"the last: {row.Image.Path}: {row.Image.Status.Name()}: {row.Image.Error}");
        progress?.Invoke(new(_counts.Rows, _counts.Bad, _total, _resumed));
        return row;
    }

    private void Check(string where)
    {
        if (options.MaxErrors is { } most && _counts.Bad > most)
            throw new TooManyErrorsException($"{_counts.Bad} of {_counts.Rows} images could not be read, more than --max-errors {most} ({where}); finished parts are kept: put it right and go on with --resume, or raise --max-errors");
    }
}
